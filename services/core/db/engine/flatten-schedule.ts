// Which volumes are made independent next, and the start of it. Called again and again by every conductor.
//
// A volume comes into question when it stands on another one's layers and nobody stands on its own (so the deepest copies go first), nothing
// works on it, nobody outside is connected to it, and its last failure is long enough ago. Those that an operation waits for, or that an
// administrator asked for, come first and go without a speed limit; then the oldest.
//
// Race: two conductors choose the same volume, or one more than a pool may have. Only one chooses at a time (an advisory lock until the end of
// its transaction), and a flatten that does not get its locks at once is not accepted at all: it must never stand in a line before others.
import { randomUUID } from 'node:crypto';
import type { VolumeStatus } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from './accept.js';
import { askToGiveWay } from './cancel.js';

export interface FlattenSettings {
  /** How many at once in one pool; 0: only urgent ones, one at a time. */
  readonly perPool: number;
  /** null: no limit. */
  readonly bytesPerSecond: number | null;
  /** How long a new copy is left alone, in seconds. */
  readonly delaySeconds: number;
}

/** Statuses in which nobody is just about to do something with the volume. */
const restful: readonly VolumeStatus[] = [
  'available',
  'in-use',
  'error',
  'error_extending',
  // What it held before is in place still.
  'error_restoring',
  'awaiting-transfer',
];

interface Candidate {
  readonly id: string;
  readonly host: string;
  readonly project_id: string;
  readonly user_id: string;
  readonly urgent: boolean;
}

/** An operation waits for whoever stands on the volume's layers; the overlay of a clone that waits to be merged is no reason to hurry. */
const standsBelow = `
with recursive below as (
  select v.id as leaf, v.backing_volume_id as volume_id, 1 as depth from volumes v where v.backing_file is not null
  union all
  select w.leaf, b.backing_volume_id, w.depth + 1 from below w join volumes b on b.id = w.volume_id
  where b.backing_volume_id is not null and w.depth < 256
), urgent as (
  select w.leaf from operations o join below w on w.volume_id = o.awaits_volume_id
  where o.state = 'pending' and o.awaits_volume_id is not null and not (o.type = 'snapshot-delete'
    and exists (select 1 from snapshots s where s.id = (o.params ->> 'snapshotId')::uuid and s.internal))
  union
  select v.id from operations o join volumes v on v.id = o.awaits_volume_id and v.backing_file is not null
  where o.state = 'pending' and o.type = 'volume-unmanage'
)`;

const candidatesSql = `${standsBelow}
select v.id, v.host, v.project_id, v.user_id,
  v.flatten_requested_at is not null or exists (select 1 from urgent u where u.leaf = v.id) as urgent
from volumes v join pools p on p.name = v.host and p.state = 'up'
where v.backing_file is not null and v.status = any(?)
  and exists (select 1 from chain_layers l where l.volume_id = v.id)
  and not exists (select 1 from volumes d where d.backing_volume_id = v.id)
  and not exists (select 1 from resource_locks r where r.resource = 'volume:' || v.id)
  and not exists (select 1 from attachments a where a.volume_id = v.id and a.managed_server_id is null)
  and (v.flatten_not_before is null or v.flatten_not_before <= utc_now())
  and (v.flatten_requested_at is not null or exists (select 1 from urgent u where u.leaf = v.id)
    or coalesce(v.launched_at, v.created_at) <= utc_now() - ? * interval '1 second')
order by urgent desc, v.created_at, v.id limit 200`;

const running = `o.type = 'volume-flatten' and o.state in ('pending', 'running', 'undoing', 'stuck')`;

async function countByPool(tx: Transaction): Promise<Map<string, number>> {
  const { rows } = (await tx.raw(
    `select v.host, count(*) as n from operations o join volumes v on v.id = (o.params ->> 'volumeId')::uuid
     where ${running} group by v.host`,
  )) as { rows: { host: string; n: number }[] };
  return new Map(rows.map((row) => [row.host, row.n]));
}

/** Slow ones that somebody has begun to wait for are stopped; they are begun again at once, without a limit. */
async function hurry(tx: Transaction): Promise<void> {
  const { rows } = (await tx.raw(
    `${standsBelow}
     select o.id from operations o join urgent u on u.leaf = (o.params ->> 'volumeId')::uuid
     where ${running} and o.params ->> 'bytesPerSecond' is not null`,
  )) as { rows: { id: string }[] };
  for (const { id } of rows) await askToGiveWay(tx, [id]);
}

class NotNow extends Error {}

/** True when it has begun. */
async function tryBegin(tx: Transaction, volume: Candidate, bytesPerSecond: number | null): Promise<boolean> {
  try {
    await tx.transaction(async (savepoint) => {
      const id = await acceptOperation(savepoint, {
        type: 'volume-flatten',
        params: { volumeId: volume.id, bytesPerSecond: volume.urgent ? null : bytesPerSecond },
        projectId: volume.project_id,
        userId: volume.user_id,
        requestId: `req-${randomUUID()}`,
      });
      const row: { state: string } | undefined = await savepoint('operations').where({ id }).first('state');
      if (row?.state === 'pending') throw new NotNow();
    });
    return true;
  } catch (thrown) {
    if (thrown instanceof NotNow) return false;
    throw thrown;
  }
}

/** Begins what may begin now; returns how many. */
export async function scheduleFlattens(db: Database, settings: FlattenSettings): Promise<number> {
  return db.transaction(async (tx) => {
    const { rows: own } = (await tx.raw(
      `select pg_try_advisory_xact_lock(hashtextextended('flatten-schedule', 7)) as mine`,
    )) as { rows: { mine: boolean }[] };
    if (own[0]?.mine !== true) return 0;
    const { rows } = (await tx.raw(candidatesSql, [restful as string[], settings.delaySeconds])) as {
      rows: Candidate[];
    };
    if (settings.bytesPerSecond !== null) await hurry(tx);
    if (rows.length === 0) return 0;
    const busy = await countByPool(tx);
    let begun = 0;
    for (const volume of rows) {
      const atOnce = volume.urgent ? Math.max(1, settings.perPool) : settings.perPool;
      const present = busy.get(volume.host) ?? 0;
      if (present >= atOnce || !(await tryBegin(tx, volume, settings.bytesPerSecond))) continue;
      busy.set(volume.host, present + 1);
      begun += 1;
    }
    return begun;
  });
}
