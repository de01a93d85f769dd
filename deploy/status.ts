// What runs of the Saggar in a state directory, one line per part. Reads only.
import { isGlusterRunning } from './gluster.js';
import { listShares } from './mounts.js';
import { type Places, serviceNames } from './places.js';
import { findRunning } from './postgres.js';
import { findLiving } from './processes.js';
import { isRabbitmqRunning } from './rabbitmq.js';
import { whatIsMissing } from './services.js';
import type { Layout } from './state-directory.js';

export interface PartStatus {
  readonly part: string;
  readonly state: 'running' | 'stopped' | 'not ready';
  readonly detail: string;
}

export async function readStatus(places: Places, layout: Layout): Promise<readonly PartStatus[]> {
  const running = (part: string, pid: number | undefined): PartStatus => ({
    part,
    state: pid === undefined ? 'stopped' : 'running',
    detail: pid === undefined ? '' : `pid ${pid}`,
  });
  const services = serviceNames.map((service) => running(service, findLiving(places.pidFileOf(service))?.pid));
  const mounts = listShares().filter(({ mountPoint }) => mountPoint.startsWith(`${places.state}/`));
  const parts: PartStatus[] = [
    running('PostgreSQL', findRunning(places.postgres)?.pid),
    { part: 'RabbitMQ', state: isRabbitmqRunning(places.rabbitmq) ? 'running' : 'stopped', detail: '' },
    {
      part: 'GlusterFS',
      state: isGlusterRunning(places.gluster) ? 'running' : 'stopped',
      detail: mounts.map(({ source, mountPoint }) => `${source} on ${mountPoint}`).join(', '),
    },
    ...services,
  ];
  if (services.every(({ state }) => state === 'stopped')) return parts;
  const missing = await whatIsMissing(places, layout);
  return [...parts, { part: 'Saggar', state: missing === null ? 'running' : 'not ready', detail: missing ?? 'ready' }];
}
