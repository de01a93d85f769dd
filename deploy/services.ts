// The four Saggar processes: started detached, adopted when they already run what would be started, replaced when their build or
// configuration is another one, and awaited until the API is healthy and every worker has reported itself.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { parse } from 'yaml';
import { backendHost, type ProcessName } from '../services/core/runtime/config-types.js';
import { projectRoot } from '../services/core/runtime/spec-files.js';
import { publicUrlOf, writePrivate } from './config-files.js';
import { DeployError } from './deploy-error.js';
import { type Places, serviceNames } from './places.js';
import { findLiving, lastLines, startProcess, stopProcess } from './processes.js';
import type { Layout } from './state-directory.js';

const READY_LIMIT_MS = 60_000;
const reportedSql = 'select 1 from services where "binary" = $1 and host = $2 and updated_at >= $3::timestamp';
/**
 * What lives in each heap is some 25 MiB; the rest is garbage that V8 has not collected yet, because it knows of 16 MiB times three that it may
 * fill first, and of all memory of the machine. Lists are costly to answer with a heap that is kept small, so the API only has less room for
 * what is young. The same flags stand in deploy/systemd. Source: node --v8-options.
 */
export const heapFlags: Readonly<Record<ProcessName, string>> = {
  api: '--max-semi-space-size=4',
  conductor: '--optimize-for-size',
  'volume-worker': '--optimize-for-size',
  'compute-worker': '--optimize-for-size',
};
/** What must report itself, by the name that it has in the list of services. */
const reportedAs = { 'volume-worker': 'saggar-volume', 'compute-worker': 'saggar-compute' } as const;

/** Starts what does not run; true when the process runs now because of this call. */
export async function ensureService(service: ProcessName, places: Places): Promise<boolean> {
  const version = wantedVersion(service, places);
  if (findLiving(places.pidFileOf(service)) !== null) {
    if (readOrEmpty(places.versionOf(service)) === version) return false;
    await stopService(service, places);
  }
  const program = path.join(projectRoot(), 'dist', 'services', service, 'main.js');
  mkdirSync(path.join(places.state, service), { recursive: true, mode: 0o700 });
  await startProcess({
    name: service,
    argv: [process.execPath, '--enable-source-maps', heapFlags[service], program, '--config', places.configOf(service)],
    pidFile: places.pidFileOf(service),
    logFile: places.logOf(service),
    env: { NODE_ENV: 'production' },
  });
  writePrivate(places.versionOf(service), version);
  return true;
}

export async function stopService(service: ProcessName, places: Places): Promise<void> {
  await stopProcess(places.pidFileOf(service), { graceMs: 15_000 });
  rmSync(places.versionOf(service), { force: true });
}

/** Returns when the API is healthy and every worker is reported up. Throws with the end of the log of what failed. */
export async function waitUntilUp(places: Places, layout: Layout): Promise<void> {
  const deadline = Date.now() + READY_LIMIT_MS;
  for (;;) {
    const missing = await whatIsMissing(places, layout);
    if (missing === null) return;
    for (const service of serviceNames) {
      if (findLiving(places.pidFileOf(service)) === null) {
        const log = places.logOf(service);
        throw new DeployError(`${service} ended while starting`, lastLines(log, 10), `read ${log}`);
      }
    }
    if (Date.now() > deadline) {
      throw new DeployError(
        'Saggar did not become ready',
        `${missing} after ${READY_LIMIT_MS / 1000} s`,
        `read the logs in ${path.dirname(places.logOf('api'))}`,
      );
    }
    await sleep(50);
  }
}

/** null when everything is up, else the first thing that is not. */
export async function whatIsMissing(places: Places, layout: Layout): Promise<string | null> {
  const base = publicUrlOf(layout);
  if ((await askHealth(`${base}/healthcheck`)) !== 200) return `the API does not answer on ${base}/healthcheck`;
  const client = new pg.Client({ connectionString: databaseUrlOf(places), connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const hosts = { 'volume-worker': backendHostsOf(places), 'compute-worker': [layout.hostName] };
    for (const service of ['volume-worker', 'compute-worker'] as const) {
      // A row of an earlier life may still look fresh: only what was reported by the process that runs now counts.
      const since = new Date(statSync(places.pidFileOf(service)).mtimeMs).toISOString().replace('Z', '');
      for (const host of hosts[service]) {
        const rows = await client.query(reportedSql, [reportedAs[service], host, since]);
        if ((rows.rowCount ?? 0) === 0) return `${service} did not report ${host}`;
      }
    }
    for (const host of hosts['volume-worker']) {
      const pools = await client.query(`select 1 from pools where state = 'up' and backend_host = $1`, [host]);
      if ((pools.rowCount ?? 0) === 0) return `no share of ${host} is usable`;
    }
    return null;
  } catch (error) {
    return `the database does not answer (${error instanceof Error ? error.message : String(error)})`;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** From the configuration that the running volume worker was given. */
function backendHostsOf(places: Places): string[] {
  const config: unknown = parse(readFileSync(places.configOf('volume-worker'), 'utf8'));
  const { host, backends } = config as { host: string; backends: { name: string }[] };
  return backends.map((backend) => backendHost({ host }, backend));
}

/** From the configuration that the running API was given. */
function databaseUrlOf(places: Places): string {
  const config: unknown = parse(readFileSync(places.configOf('api'), 'utf8'));
  return (config as { database: { url: string } }).database.url;
}

async function askHealth(url: string): Promise<number | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  }
}

function wantedVersion(service: ProcessName, places: Places): string {
  const hash = createHash('sha256').update(readOrEmpty(path.join(projectRoot(), 'dist', '.built-from')));
  return hash.update(readFileSync(places.configOf(service))).digest('hex');
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
