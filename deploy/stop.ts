// Ends everything that start made, in the order in which the parts need each other: services, guests, mounts, then the engines side by
// side. Data stays. Afterwards it looks whether anything is left (processes, mounts, namespaces) and says so.
// Guests are ended before GlusterFS: a QEMU whose bricks are gone hangs, and its guest would lose what it has not flushed.
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { DeployError } from './deploy-error.js';
import { stopGluster } from './gluster.js';
import { listShares, unmountBelow } from './mounts.js';
import { namespacesOf } from './network.js';
import { type Places, serviceNames } from './places.js';
import { stopPostgres } from './postgres.js';
import { endProcess, identify, type ProcessIdentity } from './processes.js';
import type { Progress } from './progress.js';
import { stopRabbitmq } from './rabbitmq.js';
import { stopService } from './services.js';
import type { Layout } from './state-directory.js';

export type EngineName = 'postgres' | 'rabbitmq' | 'gluster';

/** QEMU flushes and closes its disks on SIGTERM; the last gluster node takes up to 10 s (libgfapi's call timer). */
const GUEST_GRACE_MS = 20_000;
/** A client that is no longer mounted has nothing left to write. */
const CLIENT_GRACE_MS = 3_000;

/** Ends one private engine. Nothing to do is success. */
export function stopEngine(engine: EngineName, places: Places, layout: Layout): Promise<void> {
  switch (engine) {
    case 'postgres':
      return stopPostgres(places.postgres);
    case 'rabbitmq':
      return stopRabbitmq(places.rabbitmq);
    case 'gluster':
      return stopGluster({ directory: places.gluster, tag: layout.tag, subnet: layout.subnet });
  }
}

/** Ends services and guests and removes their mounts. Nothing to do is success. */
export async function stopServices(places: Places): Promise<void> {
  const endings = await Promise.allSettled([...serviceNames].reverse().map((service) => stopService(service, places)));
  await Promise.all(findGuests(places).map((guest) => endProcess(guest, { graceMs: GUEST_GRACE_MS })));
  await unmountBelow(places.state);
  // umount returns before the client has gone, and after a lazy one it may stay for as long as somebody holds a file.
  await Promise.all(findShareClients(places).map((client) => endProcess(client, { graceMs: CLIENT_GRACE_MS })));
  for (const ending of endings) if (ending.status === 'rejected') throw ending.reason;
}

/** Ends everything of the state directory; a part that cannot be ended does not keep the others. Throws when something is left. */
export async function stopAll(places: Places, layout: Layout, progress: Progress): Promise<void> {
  const services = await Promise.allSettled([progress.during('services and guests', () => stopServices(places))]);
  const engines = await Promise.allSettled(
    (
      [
        ['RabbitMQ', 'rabbitmq'],
        ['GlusterFS', 'gluster'],
        ['PostgreSQL', 'postgres'],
      ] as const
    ).map(([what, engine]) => progress.during(what, () => stopEngine(engine, places, layout))),
  );
  rmSync(places.startLock, { force: true });
  for (const ending of [...services, ...engines]) if (ending.status === 'rejected') throw ending.reason;
  await checkNothingLeft(places, layout);
}

/** Everything of the state directory that is alive: one line each. Empty when nothing is left. */
export async function findLeftovers(places: Places, layout: Layout): Promise<readonly string[]> {
  return [
    ...findOwnProcesses(places.state).map(({ pid, command }) => `process ${pid}: ${command}`),
    ...listShares()
      .filter(({ source, mountPoint }) => source.startsWith(`${layout.subnet}.`) || mountPoint.startsWith(places.state))
      .map(({ mountPoint }) => `mount ${mountPoint}`),
    ...(await namespacesOf(layout.tag)).map((name) => `network namespace ${name}`),
  ];
}

async function checkNothingLeft(places: Places, layout: Layout): Promise<void> {
  const left = await findLeftovers(places, layout);
  if (left.length === 0) return;
  throw new DeployError('not everything ended', left.join('\n    '), 'end these by hand, then run npm stop again');
}

function findShareClients(places: Places): readonly ProcessIdentity[] {
  return findOwnProcesses(places.mounts)
    .filter(({ command }) => /(^|\/)glusterfs /.test(command))
    .map(({ pid }) => identify(pid))
    .filter((identity) => identity !== null);
}

function findGuests(places: Places): readonly ProcessIdentity[] {
  return findOwnProcesses(places.ownStateOf('compute-worker'))
    .filter(({ command }) => /(^|\/)qemu-system-/.test(command))
    .map(({ pid }) => identify(pid))
    .filter((identity) => identity !== null);
}

interface OwnProcess {
  readonly pid: number;
  readonly command: string;
}

/** Processes whose command line or working directory names something below the directory; never this one or its parents. */
function findOwnProcesses(directory: string): readonly OwnProcess[] {
  const spared = ancestors();
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && !spared.has(Number(entry)))
    .flatMap((entry) => {
      const argv = read(`/proc/${entry}/cmdline`).split('\0');
      const named = argv.some((word) => mentions(word, directory)) || isBelow(link(`/proc/${entry}/cwd`), directory);
      return named && identify(Number(entry)) !== null
        ? [{ pid: Number(entry), command: argv.join(' ').slice(0, 160) }]
        : [];
    });
}

function mentions(word: string, directory: string): boolean {
  const at = word.indexOf(directory);
  return (
    at !== -1 &&
    /^(\/|,|$|:)/.test(word.slice(at + directory.length)) &&
    (at === 0 || !/[\w/]/.test(word[at - 1] ?? ''))
  );
}

function isBelow(place: string, directory: string): boolean {
  return place === directory || place.startsWith(`${directory}/`);
}

/** This process, npm and the shell above it may name the state directory in their command lines. */
function ancestors(): ReadonlySet<number> {
  const found = new Set<number>();
  for (let pid = process.pid; pid > 1 && !found.has(pid); ) {
    found.add(pid);
    const stat = read(`/proc/${pid}/stat`);
    pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
  }
  return found;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
