// What compute workers reported of their guests, one row per host, and what the rows say of the same servers and volumes.
import type { GuestSight, GuestView } from '../../domain/audit-guests.js';
import type { Report } from '../../messages/envelope.js';
import type { Transaction } from '../connection.js';
import { loadVolumeFacts } from '../engine/facts.js';
import { loadBusy } from './row-view.js';

/**
 * A host that is silent for longer is not judged. Reports come every ten seconds, and are younger than what operations did that still counts as in
 * motion.
 */
export const FRESH_SECONDS = 20;

interface StoredGuest {
  readonly serverId: string;
  readonly powerState: number;
  readonly disks: GuestSight['disks'];
}

/** In the transaction that takes the report. */
export async function storeGuests(tx: Transaction, { service, servers }: Report): Promise<void> {
  const guests = servers.map(
    ({ serverId, powerState, disks = null }): StoredGuest => ({ serverId, powerState, disks }),
  );
  await tx('guest_sights')
    .insert({ compute_host: service.host, seen_at: tx.raw('utc_now()'), guests: JSON.stringify(guests) })
    .onConflict('compute_host')
    .merge();
}

export interface GuestLook {
  readonly view: GuestView;
  /** Hosts that were heard of, with the time of their report. */
  readonly hosts: ReadonlyMap<string, string>;
}

/** Best in a transaction that sees one moment. */
export async function loadGuestLook(db: Transaction, settleSeconds: number): Promise<GuestLook> {
  const rows: { compute_host: string; seen_at: string; guests: StoredGuest[] }[] = await db('guest_sights')
    .whereRaw(`seen_at > utc_now() - ? * interval '1 second'`, [FRESH_SECONDS])
    .select('compute_host', 'seen_at', 'guests');
  const guests = rows.flatMap(({ compute_host: computeHost, guests: seen }) =>
    seen.map((guest): GuestSight => ({ ...guest, computeHost })),
  );
  const serverIds = [...new Set(guests.map(({ serverId }) => serverId))];
  const servers: { id: string; compute_host: string | null }[] = await db('servers')
    .whereIn('id', serverIds)
    .select('id', 'compute_host');
  const attachments: { serverId: string; volumeId: string }[] = await db('attachments')
    .whereIn('managed_server_id', serverIds)
    .where({ status: 'attached' })
    .select('managed_server_id as serverId', 'volume_id as volumeId');
  const volumeIds = [...new Set(attachments.map(({ volumeId }) => volumeId))];
  const facts = await loadVolumeFacts(db, volumeIds);
  const shared: { id: string }[] = await db('volumes')
    .whereIn('id', volumeIds)
    .where({ multiattach: true })
    .select('id');
  return {
    view: {
      guests,
      attachments,
      servers: new Map(servers.map(({ id, compute_host: computeHost }) => [id, { computeHost }])),
      chains: new Map([...facts].map(([id, { chain }]) => [id, chain.map(({ file }) => file)])),
      shared: new Set(shared.map(({ id }) => id)),
      busy: await loadBusy(db, settleSeconds),
    },
    hosts: new Map(rows.map((row) => [row.compute_host, row.seen_at])),
  };
}
