// Metrics as text that Prometheus reads, version 0.0.4 of the format. All are gauges of the moment, read from the database, so there is nothing
// to count in a process, and a library that does would have nothing to do. Source: Prometheus docs, "Exposition formats".
import type { Metric, Sample } from './metric-table.js';

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

function labelText({ labels }: Sample): string {
  const escaped = (value: string) => value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Pure. A metric without samples is left out. */
export function writeExposition(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) => {
      const lines = samples.map((sample) => `${name}${labelText(sample)} ${sample.value}\n`);
      return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
    })
    .join('');
}
