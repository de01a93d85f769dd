// Start, stop, reboot, delete: each moves the task state under the row's lock and accepts the operation in one transaction.
// What is so already is refused as Nova refuses it (409), except deleting, which clients repeat.
import { ServiceError } from '../../domain/errors.js';
import { type ServerIntention, type ServerVmState, serverAllowedFrom } from '../../domain/server.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { stopWaitingForGuest } from '../engine/cancel.js';
import { inTransaction } from '../in-transaction.js';
import { lockServer, type ServerRecord, type ShownTaskState, updateServerRow } from './servers.js';

export interface Requester {
  /** null: may act on any project's servers. */
  readonly visibleProjectId: string | null;
  readonly userId: string;
  readonly requestId: string;
}

/** Nova's words, which clients look for. Source: nova/exception.py, InstanceInvalidState. */
export function wrongServerState(server: ServerRecord, deed: string): ServiceError {
  const why = server.task_state === null ? `vm_state ${server.vm_state}` : `task_state ${server.task_state}`;
  return new ServiceError('server_state', `Cannot '${deed}' instance ${server.id} while it is in ${why}`);
}

/** Throws `server_state` unless the intention may start from the server's state with nothing under way. */
export function demandServerState(server: ServerRecord, intention: ServerIntention, deed: string): void {
  const allowed: readonly ServerVmState[] = serverAllowedFrom[intention];
  if (!allowed.includes(server.vm_state) || server.task_state !== null) throw wrongServerState(server, deed);
}

function ownerOf(server: ServerRecord, who: Requester): { projectId: string; userId: string; requestId: string } {
  return { projectId: server.project_id, userId: who.userId, requestId: who.requestId };
}

async function beginTask(
  tx: Transaction,
  id: string,
  who: Requester,
  intention: ServerIntention,
  deed: string,
  taskState: ShownTaskState,
): Promise<ServerRecord> {
  const server = await lockServer(tx, id, who.visibleProjectId);
  demandServerState(server, intention, deed);
  await updateServerRow(tx, id, { task_state: taskState });
  return server;
}

export async function startServer(database: Database, id: string, who: Requester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const server = await beginTask(tx, id, who, 'start', 'start', 'powering-on');
    await acceptOperation(tx, { type: 'server-start', params: { serverId: id }, ...ownerOf(server, who) });
  });
}

export async function stopServer(database: Database, id: string, who: Requester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const server = await beginTask(tx, id, who, 'stop', 'stop', 'powering-off');
    await acceptOperation(tx, { type: 'server-stop', params: { serverId: id }, ...ownerOf(server, who) });
  });
}

/** A stop (the guest is asked first) and a start after it; a hard one is also the way out of an error. */
export async function rebootServer(database: Database, id: string, who: Requester, hard: boolean): Promise<void> {
  await inTransaction(database, async (tx) => {
    const server = await lockServer(tx, id, who.visibleProjectId);
    const allowed: readonly ServerVmState[] = hard ? ['active', 'stopped', 'error'] : ['active'];
    const placed = server.compute_host !== null;
    if (!placed || !allowed.includes(server.vm_state) || server.task_state !== null)
      throw wrongServerState(server, 'reboot');
    await updateServerRow(tx, id, { task_state: hard ? 'rebooting_hard' : 'rebooting' });
    const owner = ownerOf(server, who);
    const operationId = await acceptOperation(tx, { type: 'server-stop', params: { serverId: id }, ...owner });
    const after = { operationId, mode: 'success' } as const;
    await acceptOperation(tx, { type: 'server-start', params: { serverId: id }, ...owner, after });
  });
}

/** Asked twice is fine. A server that was never placed has nothing on any host and goes at once. */
export async function deleteServer(database: Database, id: string, who: Requester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const server = await lockServer(tx, id, who.visibleProjectId);
    if (server.task_state === 'deleting') return;
    if (server.compute_host === null) {
      await tx('servers').where({ id }).delete();
      return;
    }
    await updateServerRow(tx, id, { task_state: 'deleting' });
    await acceptOperation(tx, { type: 'server-delete', params: { serverId: id }, ...ownerOf(server, who) });
    await stopWaitingForGuest(tx, id);
  });
}

export interface ServerChange {
  readonly name?: string;
  readonly description?: string | null;
}

/** Changes what people call the server; throws `not_found`. */
export async function changeServer(
  database: Database,
  id: string,
  who: Requester,
  change: ServerChange,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockServer(tx, id, who.visibleProjectId);
    if (Object.keys(change).length > 0) await updateServerRow(tx, id, { ...change });
  });
}

/** Most tags a server may have. Source: nova/objects/instance.py. */
const MAX_TAGS = 50;

/** Replaces the tags by what `change` makes of them, under the row's lock. Throws `bad_request` for too many. */
export async function changeTags(
  database: Database,
  id: string,
  who: Requester,
  change: (tags: readonly string[]) => readonly string[],
): Promise<readonly string[]> {
  return inTransaction(database, async (tx) => {
    const server = await lockServer(tx, id, who.visibleProjectId);
    const tags = [...new Set(change(server.tags))].sort();
    if (tags.length > MAX_TAGS)
      throw new ServiceError('bad_request', `The number of tags exceeded the per-server limit ${MAX_TAGS}`);
    await updateServerRow(tx, id, { tags: JSON.stringify(tags) });
    return tags;
  });
}
