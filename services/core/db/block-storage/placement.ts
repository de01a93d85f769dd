// Chooses the pool of a new volume and promises its size there, in the caller's transaction.
//
// Race: two creates see room for one. The promise is an update that repeats the check against the row as it is then, so the second one
// finds the room gone and tries the next pool. A worker that has been silent is no reason to refuse: when the broker is away all are, and
// requests made meanwhile are finished later; silent pools only come last. A pool known to be down gets nothing new.
//
// The filters are a table in the order in which they are asked. The one that takes the last candidate away is the reason that the user
// reads, so what nobody can help with (nothing up) comes first, and what a smaller size would cure comes last.
import type { PlacementReason } from '../../domain/user-messages.js';
import type { Executor, Transaction } from '../connection.js';
import { type ExtraSpecs, type PoolRecord, poolHasRoom, poolMatchesSpecs, virtualFreeGib } from './pool-match.js';
import { queryPrepared } from './prepared.js';

export interface PlacedPoolRow extends PoolRecord {
  /** Its service is neither disabled nor frozen. */
  readonly enabled: boolean;
  readonly fresh: boolean;
  /** Since when an operator keeps new volumes away; null: not. */
  readonly maintenance_since: string | null;
  readonly maintenance_reason: string | null;
  /** The shares file names it no more. */
  readonly retired: boolean;
}

const poolsSql = `
select p.name, p.backend_host, p.share, p.zone, p.state, p.capabilities, p.total_bytes, p.free_bytes, p.provisioned_gib,
  p.updated_at, p.maintenance_since, p.maintenance_reason, p.retired, not (coalesce(s.disabled, false) or coalesce(s.frozen, false)) as enabled,
  coalesce(s.updated_at > utc_now() - interval '60 seconds', false) as fresh
from pools p left join services s on s.host = p.backend_host and s."binary" = 'saggar-volume'
order by p.name`;

export function listPools(db: Executor): Promise<PlacedPoolRow[]> {
  return queryPrepared<PlacedPoolRow>(db, 'pools', poolsSql, []);
}

/** Pools by what lies on them: of the volumes that a scheduler hint names. */
export interface PoolHints {
  /** On a pool that holds one of them; null: not asked for. No name: on none. */
  readonly sameAs: readonly string[] | null;
  /** On a pool that holds none of them. */
  readonly differentFrom: readonly string[];
}

export interface PlacementWish {
  readonly sizeGib: number;
  /** In one of these zones; null: in any. */
  readonly zones: readonly string[] | null;
  readonly specs: ExtraSpecs;
  /** Data is copied from a share of this backend, so the same worker must make the volume; null for a blank one. */
  readonly backendHost: string | null;
  /** `host@backend`: data is copied from a share of any backend of that worker's process; null or left out: it is not. */
  readonly workerOf?: string | null;
  /** Where the source is: beside it a copy can be made at once, so it comes first while it has room. */
  readonly preferredPool?: string;
  readonly hints?: PoolHints;
}

export type Placement =
  | { readonly pool: PoolRecord; readonly reason: null }
  | { readonly pool: null; readonly reason: PlacementReason };

function workerName(backendHost: string): string {
  return backendHost.split('@')[0] ?? backendHost;
}

interface PoolFilter {
  readonly reason: PlacementReason;
  readonly passes: (pool: PlacedPoolRow, wish: PlacementWish) => boolean;
}

const filters: readonly PoolFilter[] = [
  {
    reason: 'no_valid_backend_offline',
    passes: (pool, { backendHost, workerOf = null }) =>
      (backendHost === null || pool.backend_host === backendHost) &&
      (workerOf === null || workerName(pool.backend_host) === workerName(workerOf)),
  },
  { reason: 'no_valid_backend_offline', passes: (pool) => pool.state === 'up' && pool.enabled && !pool.retired },
  { reason: 'no_valid_backend_maintenance', passes: (pool) => pool.maintenance_since === null },
  { reason: 'no_valid_backend_zone', passes: (pool, { zones }) => zones === null || zones.includes(pool.zone) },
  { reason: 'no_valid_backend_type', passes: (pool, { specs }) => poolMatchesSpecs(pool, specs) },
  {
    reason: 'no_valid_backend_hint',
    passes: (pool, { hints }) =>
      (hints?.sameAs ?? null)?.includes(pool.name) !== false && hints?.differentFrom.includes(pool.name) !== true,
  },
  { reason: 'no_valid_backend_capacity', passes: (pool, { sizeGib }) => poolHasRoom(pool, sizeGib) },
];

export interface RankedPools {
  /** The best first: those heard of lately, then by room. */
  readonly pools: readonly PlacedPoolRow[];
  /** What took the last candidate away; when there are candidates, what it means that none of them promised. */
  readonly reason: PlacementReason;
}

/** Pure: the candidates for the wish, or why there is none. */
export function rankPools(all: readonly PlacedPoolRow[], wish: PlacementWish): RankedPools {
  let pools = all;
  for (const { reason, passes } of filters) {
    pools = pools.filter((pool) => passes(pool, wish));
    if (pools.length === 0) return { pools, reason };
  }
  const isPreferred = (pool: PoolRecord): number => Number(pool.name === wish.preferredPool);
  const ranked = [...pools].sort(
    (a, b) =>
      isPreferred(b) - isPreferred(a) ||
      Number(b.fresh) - Number(a.fresh) ||
      virtualFreeGib(b) - virtualFreeGib(a) ||
      (a.name < b.name ? -1 : 1),
  );
  return { pools: ranked, reason: 'no_valid_backend_capacity' };
}

/** Promises the GiB on the pool if there is room at this moment. A volume that is there already may `grow` where none is `placed`. */
export async function tryPromise(
  tx: Transaction,
  pool: PoolRecord,
  sizeGib: number,
  use: 'place' | 'grow' = 'place',
): Promise<boolean> {
  const room = virtualFreeGib(pool) + pool.provisioned_gib;
  const limit = Number.isFinite(room) ? Math.floor(room) : null;
  const rows = await queryPrepared<{ name: string }>(
    tx,
    'pool-promise',
    `update pools set provisioned_gib = provisioned_gib + ?::bigint
     where name = ? and state = 'up' and (?::bigint is null or provisioned_gib + ?::bigint <= ?::bigint)
       and (? or (maintenance_since is null and not retired)) returning name`,
    [sizeGib, pool.name, limit, sizeGib, limit, use === 'grow'],
  );
  return rows.length === 1;
}

/** The pool that has promised the size, or the reason why none has. */
export async function tryPlace(tx: Transaction, wish: PlacementWish): Promise<Placement> {
  const { pools, reason } = rankPools(await listPools(tx), wish);
  for (const pool of pools) {
    if (await tryPromise(tx, pool, wish.sizeGib)) return { pool, reason: null };
  }
  return { pool: null, reason };
}

/** The zones of pools and of services, by name. */
export async function listZoneNames(db: Executor): Promise<string[]> {
  const sql = 'select zone from pools union select zone from services order by zone';
  return (await queryPrepared<{ zone: string }>(db, 'zone-names', sql, [])).map((row) => row.zone);
}

/** True when a pool or a service is in the zone. */
export async function zoneExists(db: Executor, zone: string): Promise<boolean> {
  const rows = await queryPrepared<{ found: boolean }>(
    db,
    'zone-exists',
    `select exists (select 1 from pools where zone = ?) or exists (select 1 from services where zone = ?) as found`,
    [zone, zone],
  );
  return rows[0]?.found ?? false;
}
