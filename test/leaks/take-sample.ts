// What the whole of a running Saggar holds at one moment: memory and descriptors of its processes and of the guest's QEMU, nodes of the guest's block
// graph, files on the share, rows of every table, queues of the broker.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { startPostgres } from '../../deploy/postgres.js';
import { GuestFiles } from '../../drivers/qemu/guest-files.js';
import { QmpClient } from '../../drivers/qemu/qmp-client.js';
import { openDatabase } from '../../services/core/db/connection.js';
import { findServiceProcesses, pssMib, type ServiceProcess } from '../bench/service-processes.js';
import type { WholeStack } from '../harness/whole-stack.js';

function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0; // it has ended meanwhile
  }
}

/** By the name of the process: KiB of memory that is its own or its part of what is shared, and open descriptors. */
function measureProcesses(processes: readonly ServiceProcess[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { pid, name } of processes) {
    found[`memory of ${name}, KiB`] = (found[`memory of ${name}, KiB`] ?? 0) + Math.round(pssMib(pid) * 1024);
    found[`descriptors of ${name}`] = (found[`descriptors of ${name}`] ?? 0) + descriptorsOf(pid);
  }
  return found;
}

function findQemu(serverId: string): ServiceProcess[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && existsSync(`/proc/${entry}/exe`))
    .filter((entry) => isQemuOf(entry, serverId))
    .map((entry) => ({ pid: Number(entry), name: 'qemu' }));
}

function isQemuOf(entry: string, serverId: string): boolean {
  try {
    const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
    return /qemu-system/.test(words[0] ?? '') && words.some((word) => word.includes(serverId));
  } catch {
    return false;
  }
}

/** Asked at the monitor for people, which the worker does not use. */
async function countNodes(stack: WholeStack): Promise<number> {
  const files = new GuestFiles(stack.story.places.ownStateOf('compute-worker'), stack.serverId);
  const client = new QmpClient(files.file('qmp-human.sock'));
  await client.connect();
  try {
    return ((await client.execute('query-named-block-nodes', { flat: true })) as unknown[]).length;
  } finally {
    await client.close();
  }
}

function filesBelow(directory: string): number {
  return existsSync(directory) ? readdirSync(directory, { recursive: true }).length : 0;
}

/** Rows of every table of the service; those that history keeps on purpose are told apart by their name. */
async function countRows(stack: WholeStack): Promise<Record<string, number>> {
  const server = await startPostgres({ directory: stack.story.places.postgres });
  const db = openDatabase({ url: server.url('saggar'), poolSize: 1 });
  try {
    const tables: string[] = await db('pg_tables')
      .where({ schemaname: 'public' })
      .orderBy('tablename')
      .pluck('tablename');
    const found: Record<string, number> = {};
    for (const table of tables) {
      const [row]: { count: number }[] = await db(table).count({ count: '*' });
      found[`rows of ${table}`] = Number(row?.count ?? 0);
    }
    return found;
  } finally {
    await db.destroy();
  }
}

/** Every quorum queue has a directory of its own in the broker's data. */
function countQueues(directory: string): number {
  const quorum = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\/quorum\/[^/]+\/[^/]+$/.test(`/${name}`),
  );
  return quorum.length;
}

export async function takeSample(stack: WholeStack): Promise<Record<string, number>> {
  const { places } = stack.story;
  const share = stack.mount;
  return {
    ...measureProcesses([...findServiceProcesses(places.state), ...findQemu(stack.serverId)]),
    'block nodes': await countNodes(stack),
    'files on the share': filesBelow(share) - filesBelow(path.join(share, '.saggar')),
    'files in the service’s directory': filesBelow(path.join(share, '.saggar')),
    'queue directories': countQueues(places.rabbitmq),
    ...(await countRows(stack)),
  };
}
