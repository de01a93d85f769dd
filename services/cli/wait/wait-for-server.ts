// Waiting for servers. A server is on its way as long as something is being done to it (task state) or it is being built.
import type { CommandInput } from '../command-input.js';
import type { Server } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { waitForStatus } from './wait-for-status.js';
import { waitLimitMs } from './wait-options.js';

function isBusy(server: Server): boolean {
  return server.status === 'BUILD' || (server['OS-EXT-STS:task_state'] ?? null) !== null;
}

async function showServer(session: Session, id: string): Promise<Server> {
  return (await session.compute.get('/v2.1/servers/{server_id}', { path: { server_id: id } })).server;
}

/**
 * Waits until the server rests in the status; other statuses in which it may rest on the way are given. The reason of a failure is
 * the server's own fault.
 */
export async function waitForServer(
  session: Session,
  input: CommandInput,
  server: { readonly id: string; readonly name: string },
  wished: Server['status'],
  onTheWay: readonly Server['status'][] = [],
): Promise<Server | null> {
  return waitForStatus<Server>(
    {
      what: `server ${server.name}`,
      look: () => showServer(session, server.id),
      done: (seen) => seen.status === wished && !isBusy(seen),
      pending: (seen) => isBusy(seen) || onTheWay.includes(seen.status),
      reason: async () => (await showServer(session, server.id)).fault?.message ?? null,
      timeoutMs: waitLimitMs(input),
    },
    session.progress,
  );
}

/** Waits until the server is gone. */
export async function waitForServerGone(session: Session, input: CommandInput, server: Server): Promise<void> {
  await waitForStatus<Server>(
    {
      what: `server ${server.name}`,
      look: () => showServer(session, server.id),
      done: (seen) => seen.status === 'DELETED',
      pending: isBusy,
      goneIsDone: true,
      reason: async () => (await showServer(session, server.id)).fault?.message ?? null,
      timeoutMs: waitLimitMs(input),
    },
    session.progress,
  );
}
