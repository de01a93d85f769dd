// Where all state of one Saggar lives, and what is derived from that place: names, ports and a subnet of its own, so that several
// can run side by side and nothing of the machine's own services is touched. What was chosen is recorded in layout.json and stays
// the same for the life of the directory; a choice is only made after looking that it is free.
// Ports lie between 20000 and 32000: below the kernel's ephemeral range, where an outgoing connection could hold them.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { DeployError } from './deploy-error.js';

export interface Ports {
  readonly api: number;
  readonly amqp: number;
  readonly distribution: number;
  readonly epmd: number;
  readonly computeWorker: number;
  /** Kept for the data path of the volume worker. */
  readonly volumeWorker: number;
}

export interface Layout {
  /** Short, unique for the state directory, fit for interface and namespace names. */
  readonly tag: string;
  readonly ports: Ports;
  /** Host column of the services, fixed at the first start: volumes belong to it whatever the machine is called later. */
  readonly hostName: string;
  /** First three numbers of a private /24, e.g. `10.213.7`. */
  readonly subnet: string;
}

const portNames = ['api', 'amqp', 'distribution', 'epmd', 'computeWorker', 'volumeWorker'] as const;
const FIRST_PORT = 20_000;
const PORT_BLOCKS = 1_200;
const PORTS_PER_BLOCK = 10;

/**
 * SAGGAR_STATE, or `saggar` under the user's state directory. For root without XDG_STATE_HOME that is /var/lib/saggar: /root is
 * closed to the `postgres` user, which must reach its data directory.
 */
export function defaultStateDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env['SAGGAR_STATE'];
  if (chosen !== undefined && chosen !== '') return path.resolve(chosen);
  const base = env['XDG_STATE_HOME'];
  if (base !== undefined && base !== '') return path.join(path.resolve(base), 'saggar');
  if (process.getuid?.() === 0) return '/var/lib/saggar';
  return path.join(os.homedir(), '.local', 'state', 'saggar');
}

/** Makes the directory; every parent must let another user through, or PostgreSQL could not reach its data. */
export async function ensureStateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o755 });
  for (let folder = directory; folder !== '/'; folder = path.dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) {
      throw new DeployError(
        `the state directory ${directory} cannot be used`,
        `${folder} is closed to other users, and PostgreSQL runs as the user postgres`,
        `choose another place with SAGGAR_STATE, or: chmod o+x ${folder}`,
      );
    }
  }
  // A UNIX socket's path holds 107 bytes (unix(7)); the longest below the directory takes about 45.
  if (Buffer.byteLength(directory) > 60) {
    throw new DeployError(
      `the state directory ${directory} cannot be used`,
      'its path is longer than 60 bytes, and sockets below it would not fit',
      'choose a shorter path with SAGGAR_STATE',
    );
  }
}

/** The recorded layout, or a new one whose ports and subnet are free now. */
export async function ensureLayout(directory: string): Promise<Layout> {
  const recorded = tryReadLayout(directory);
  if (recorded !== null) return recorded;
  const hash = createHash('sha256').update(directory).digest();
  const layout: Layout = {
    tag: hash.toString('hex').slice(0, 6),
    ports: await findFreePorts(hash.readUInt16BE(0)),
    hostName: os.hostname().replace(/[^A-Za-z0-9._-]/g, '-') || 'localhost',
    subnet: findFreeSubnet(hash.readUInt16BE(2)),
  };
  const file = path.join(directory, 'layout.json');
  const fresh = `${file}.${randomBytes(4).toString('hex')}`;
  writeFileSync(fresh, `${JSON.stringify(layout, null, 2)}\n`);
  renameSync(fresh, file);
  return layout;
}

/** null when nothing was ever started in the directory. */
export function tryReadLayout(directory: string): Layout | null {
  const file = path.join(directory, 'layout.json');
  if (!existsSync(file)) return null;
  return JSON.parse(readFileSync(file, 'utf8')) as Layout;
}

async function findFreePorts(seed: number): Promise<Ports> {
  for (let attempt = 0; attempt < PORT_BLOCKS; attempt += 1) {
    const first = FIRST_PORT + ((seed + attempt * 7) % PORT_BLOCKS) * PORTS_PER_BLOCK;
    const found: Record<string, number> = {};
    for (const [index, name] of portNames.entries()) {
      if (await isFree(first + index)) found[name] = first + index;
    }
    if (Object.keys(found).length === portNames.length) return found as unknown as Ports;
  }
  throw new DeployError(
    'no free ports were found',
    'every block from 20000 to 32000 is in use',
    'end the programs that listen there, or start on another machine',
  );
}

/** True when nothing listens on the port, on any address. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '::', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** 10.200.0 to 10.249.255, avoiding every network that an interface or a route of this machine already has. */
function findFreeSubnet(seed: number): string {
  const taken = new Set<string>();
  for (const addresses of Object.values(os.networkInterfaces())) {
    for (const { address } of addresses ?? []) taken.add(address.split('.').slice(0, 3).join('.'));
  }
  const routes = readRoutes();
  for (let attempt = 0; attempt < 12_800; attempt += 1) {
    const value = (seed + attempt) % 12_800;
    const subnet = `10.${200 + Math.floor(value / 256)}.${value % 256}`;
    if (!taken.has(subnet) && !routes.some((route) => covers(route, `${subnet}.0`))) return subnet;
  }
  throw new DeployError('no free private network was found', 'all of 10.200 to 10.249 is routed', 'free a /24 there');
}

interface Route {
  readonly network: number;
  readonly mask: number;
}

/** /proc/net/route holds both as little-endian hexadecimal; the default route (mask 0) does not count. */
function readRoutes(): readonly Route[] {
  const swap = (hex: string): number => Buffer.from(hex, 'hex').readUInt32LE();
  return readFileSync('/proc/net/route', 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .flatMap((fields) => (fields.length > 7 ? [{ network: swap(fields[1] ?? ''), mask: swap(fields[7] ?? '') }] : []))
    .filter((route) => route.mask !== 0);
}

function covers(route: Route, address: string): boolean {
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return (value & route.mask) >>> 0 === route.network >>> 0;
}
