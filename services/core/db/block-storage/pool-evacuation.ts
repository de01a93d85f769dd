// Empties a pool in maintenance: each volume that may move goes to another pool of the same worker by the ordinary migration, so many at
// once as the operator allows; the rest is listed with the reason. The wish is stored in the pool's row, and any conductor carries it on:
//
//   advance: latch of the pool -> count the moves under way -> migrate the next ones that may -> note what was refused
// Volumes that come free meanwhile (detached, out of their group) are taken up. A move that failed is not repeated until it is
// asked for again, so that a broken share does not move the same volume for ever.
import { asServiceError, ServiceError } from '../../domain/errors.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Executor, Transaction } from '../connection.js';
import { listPools, type PlacedPoolRow, rankPools } from './placement.js';
import { lockPool } from './pool-maintenance.js';
import type { ExtraSpecs } from './pool-match.js';
import { queryPrepared } from './prepared.js';
import type { Requester } from './requester.js';
import { migrateVolume } from './volume-migrate.js';
import { sameWorker } from './volume-move.js';

export interface EvacuationWish {
  /** Moves under way at the same time, at least 1. */
  readonly atOnce: number;
  readonly requester: Pick<Requester, 'userId' | 'projectId' | 'requestId'>;
}

interface StoredEvacuation extends EvacuationWish {
  /** By the database's clock; moves that failed earlier do not count. */
  readonly since: string;
  /** How many volumes there were. */
  readonly total: number;
  readonly refusals: Readonly<Record<string, string>>;
}

export type VolumeOutlook = 'moving' | 'waiting' | 'stays';

export interface EvacuatedVolume {
  readonly volumeId: string;
  readonly outlook: VolumeOutlook;
  /** Why it stays; null for one that moves or will. */
  readonly reason: string | null;
}

export interface EvacuationProgress {
  readonly atOnce: number;
  readonly since: string;
  readonly total: number;
  readonly moved: number;
  readonly moving: number;
  readonly waiting: number;
  /** Those that have not moved, by id. */
  readonly volumes: readonly EvacuatedVolume[];
}

interface Candidate {
  readonly id: string;
  readonly size_gib: number;
  readonly status: string;
  readonly migration_status: string | null;
  readonly in_group: boolean;
  readonly is_image: boolean;
  /** By anybody but one server of ours. */
  readonly held_elsewhere: boolean;
  /** What it holds for the service: clients see volumes alone. */
  readonly purpose: string;
  readonly move_failed: boolean;
  readonly specs: ExtraSpecs;
}

const candidatesSql = `
select v.id, v.size_gib, v.status, v.migration_status, (v.group_id is not null or v.consistencygroup_id is not null) as in_group,
  v.purpose <> 'volume' as is_image,
  (select count(*) > 1 or coalesce(bool_or(a.managed_server_id is null or a.status <> 'attached'), false)
     from attachments a where a.volume_id = v.id) as held_elsewhere, v.purpose,
  exists (select 1 from operations o where o.type = 'volume-migrate' and o.state = 'failed' and o.created_at >= ?::timestamp
    and o.params->>'volumeId' = v.id::text and o.params->>'fromPool' = v.host) as move_failed,
  coalesce(t.extra_specs, '{}'::jsonb) as specs
from volumes v left join volume_types t on t.id = v.volume_type_id
where v.host = ? order by v.id`;

/** A look ends within seconds, whatever number of volumes is refused again and again. */
const TRIES_AT_ONCE = 20;

/** Why the volume stays where it is; null when it may move. Pure. */
export function reasonToStay(volume: Omit<Candidate, 'id' | 'size_gib' | 'specs'>): string | null {
  const allowed: readonly string[] = volumeAllowedFrom.migrate;
  if (volume.is_image) return 'it holds the data of an image';
  if (volume.purpose !== 'volume') return 'it holds the data of an image';
  if (volume.held_elsewhere) return 'it is attached or reserved, and not by one server of this service alone';
  if (volume.in_group) return 'it is part of a group';
  if (!allowed.includes(volume.status)) return `its status is ${volume.status}`;
  return volume.move_failed ? 'its move has failed' : null;
}

/**
 * Begins (or begins anew, with what had failed before) to empty the pool, in the caller's transaction. Throws `not_found`, `bad_request`,
 * `conflict` without maintenance.
 */
export async function evacuatePool(tx: Transaction, pool: string, wish: EvacuationWish): Promise<void> {
  if (!Number.isInteger(wish.atOnce) || wish.atOnce < 1 || wish.atOnce > 100) {
    throw new ServiceError('bad_request', 'Invalid input received: at_once must be a whole number from 1 to 100.');
  }
  const { maintenance_since: since } = await lockPool(tx, pool);
  if (since === null) {
    throw new ServiceError('conflict', `Pool ${pool} takes new volumes: begin its maintenance before it is emptied.`);
  }
  await tx.raw(
    `update pools set evacuation = jsonb_build_object('atOnce', ?::int, 'requester', ?::jsonb, 'since', utc_now()::text,
         'total', (select count(*) from volumes where host = ?), 'refusals', '{}'::jsonb) where name = ?`,
    [wish.atOnce, JSON.stringify(wish.requester), pool, pool],
  );
}

/** null when the pool is not being emptied. */
export async function loadEvacuation(db: Executor, pool: string): Promise<EvacuationProgress | null> {
  const stored = await storedOf(db, pool);
  if (stored === null) return null;
  const left = await candidatesOf(db, pool, stored);
  const volumes = left.map((volume) => outlookOf(volume, stored));
  const count = (wanted: VolumeOutlook) => volumes.filter(({ outlook }) => outlook === wanted).length;
  const { atOnce, since, total } = stored;
  const moved = Math.max(0, total - volumes.length);
  return { atOnce, since, total, moved, moving: count('moving'), waiting: count('waiting'), volumes };
}

/** Starts what may start, in every pool that is being emptied. Returns how many moves began. */
export async function advanceEvacuations(database: Database): Promise<number> {
  const pools: string[] = await database('pools').whereNotNull('evacuation').orderBy('name').pluck('name');
  let begun = 0;
  for (const pool of pools) begun += await advance(database, pool);
  return begun;
}

async function advance(database: Database, pool: string): Promise<number> {
  // The moves are transactions of their own; this one only keeps other conductors from the same pool.
  return database.transaction(async (latch) => {
    const { rows } = (await latch.raw(`select pg_try_advisory_xact_lock(hashtext(?)) as mine`, [
      `saggar evacuation of ${pool}`,
    ])) as { rows: { mine: boolean }[] };
    const stored = rows[0]?.mine === true ? await storedOf(database, pool) : null;
    return stored === null ? 0 : beginMoves(database, pool, stored);
  });
}

async function beginMoves(database: Database, pool: string, stored: StoredEvacuation): Promise<number> {
  const left = await candidatesOf(database, pool, stored);
  const free = stored.atOnce - left.filter(isMoving).length;
  const movable = left.filter((volume) => !isMoving(volume) && reasonToStay(volume) === null);
  const wasRefused = ({ id }: Candidate) => Number(Object.hasOwn(stored.refusals, id));
  movable.sort((a, b) => wasRefused(a) - wasRefused(b));
  const stays = movable.filter((volume) => Object.hasOwn(stored.refusals, volume.id));
  const refusals = Object.fromEntries(stays.map(({ id }) => [id, stored.refusals[id] ?? '']));
  let begun = 0;
  for (const volume of movable.slice(0, TRIES_AT_ONCE)) {
    if (begun >= free) break;
    const refusal = await tryMove(database, pool, volume, stored.requester);
    if (refusal === null) begun += 1;
    else refusals[volume.id] = refusal;
  }
  if (free > 0) await keepRefusals(database, pool, refusals);
  return begun;
}

/** The refusal in words, or null when the move has begun. */
async function tryMove(
  database: Database,
  pool: string,
  volume: Candidate,
  requester: EvacuationWish['requester'],
): Promise<string | null> {
  const pools = await listPools(database);
  const from = pools.find(({ name }) => name === pool);
  if (from === undefined) return 'its pool is gone';
  const near = pools.filter((one) => one.name !== pool && one.fresh && sameWorker(one, from));
  const wish = { sizeGib: volume.size_gib, zones: [from.zone], specs: volume.specs, backendHost: null };
  const [to]: readonly PlacedPoolRow[] = rankPools(near, wish).pools;
  if (to === undefined) return 'no other pool of its worker offers what it needs and has room';
  const who: Requester = { ...requester, visibleProjectId: null, isService: false };
  try {
    await migrateVolume(database, volume.id, to.name, who);
    return null;
  } catch (thrown) {
    return asServiceError(thrown).message;
  }
}

/** Only while it is being emptied still: the wish may have been taken back meanwhile. */
async function keepRefusals(database: Database, pool: string, refusals: Record<string, string>): Promise<void> {
  await database.raw(
    `update pools set evacuation = evacuation || jsonb_build_object('refusals', ?::jsonb) where name = ? and evacuation is not null`,
    [JSON.stringify(refusals), pool],
  );
}

function isMoving(volume: Candidate): boolean {
  return volume.migration_status === 'migrating' && ['maintenance', 'retyping', 'in-use'].includes(volume.status);
}

function outlookOf(volume: Candidate, stored: StoredEvacuation): EvacuatedVolume {
  const volumeId = volume.id;
  if (isMoving(volume)) return { volumeId, outlook: 'moving', reason: null };
  const reason = reasonToStay(volume) ?? stored.refusals[volume.id] ?? null;
  return { volumeId, outlook: reason === null ? 'waiting' : 'stays', reason };
}

async function storedOf(db: Executor, pool: string): Promise<StoredEvacuation | null> {
  const row: { evacuation: StoredEvacuation | null } | undefined = await db('pools')
    .where({ name: pool })
    .first('evacuation');
  return row?.evacuation ?? null;
}

function candidatesOf(db: Executor, pool: string, { since }: StoredEvacuation): Promise<Candidate[]> {
  return queryPrepared<Candidate>(db, 'evacuation-candidates', candidatesSql, [since, pool]);
}
