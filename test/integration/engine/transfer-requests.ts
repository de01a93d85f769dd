// What the API does around the operations that move bytes by ticket (services/core/db/CONTRACT.md), for lanes that drive the engine alone.
import { randomUUID } from 'node:crypto';
import type { Database } from '../../../services/core/db/connection.js';
import { newTransferTicket } from '../../../services/core/domain/transfer-ticket.js';
import { type Asked, acceptFor, insertVolume, type Place, promiseGib } from './requests.js';

export interface Ticketed extends Asked {
  readonly transferId: string;
  readonly ticket: string;
}

/** Somebody who does not come for so long has gone. */
const IDLE_SECONDS = 20;

function transfer(): { readonly ticket: string; readonly params: { transferId: string; ticketSha256: string } } {
  const { ticket, ticketSha256 } = newTransferTicket();
  return { ticket, params: { transferId: randomUUID(), ticketSha256 } };
}

/** A qcow2 that the volume takes as it is, or gets a raw copy of. */
export function receiveVolume(db: Database, place: Place, convert: boolean): Promise<Ticketed> {
  const { ticket, params } = transfer();
  return db.transaction(async (tx) => {
    const volumeId = await insertVolume(tx, place, { size_gib: 1, base_format: convert ? 'raw' : 'qcow2' });
    await promiseGib(tx, place.pool, 1);
    const wish = { volumeId, ...params, idleSeconds: IDLE_SECONDS, format: 'qcow2' as const, convert };
    const operationId = await acceptFor(tx, 'volume-receive', { ...wish, expectedBytes: null });
    return { id: volumeId, operationId, ticket, transferId: params.transferId };
  });
}

export async function sendSnapshot(
  db: Database,
  volumeId: string,
  snapshotId: string,
  format: 'raw' | 'qcow2',
): Promise<Ticketed> {
  const { ticket, params } = transfer();
  const wish = { volumeId, snapshotId, ...params, idleSeconds: IDLE_SECONDS, lifeSeconds: 600, format };
  const operationId = await db.transaction((tx) => acceptFor(tx, 'volume-send', wish));
  return { id: volumeId, operationId, ticket, transferId: params.transferId };
}
