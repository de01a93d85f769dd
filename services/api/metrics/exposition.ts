// Metrics as text that Prometheus reads. All are gauges of the moment, read from the database, so each page has a registry of its own: a label
// whose pool is gone leaves nothing behind.
import { Gauge, prometheusContentType, Registry } from 'prom-client';
import type { Metric } from './metric-table.js';

export const expositionType = prometheusContentType;

/** A metric without samples is left out: a rule can ask for that with `absent`. */
export function writeExposition(metrics: readonly Metric[]): Promise<string> {
  const registry = new Registry();
  for (const { name, help, samples } of metrics) {
    if (samples.length === 0) continue;
    const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))];
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const { labels, value } of samples) gauge.set({ ...labels }, value);
  }
  return registry.metrics();
}
