// Chooses the pool of a new volume and promises its size there, in the caller's transaction.
//
// Race: two creates see room for one. The promise is an update that repeats the check against the row as it is then, so the second one
// finds the room gone and tries the next pool. A worker that has been silent is no reason to refuse: when the broker is away all are, and
// requests made meanwhile are finished later; silent pools only come last. A pool known to be down gets nothing new.
import type { Executor, Transaction } from '../connection.js';
import { type ExtraSpecs, type PoolRecord, poolHasRoom, poolMatchesSpecs, virtualFreeGib } from './pool-match.js';
import { queryPrepared } from './prepared.js';

interface PlacedPoolRow extends PoolRecord {
  readonly enabled: boolean;
  readonly fresh: boolean;
}

const poolsSql = `
select p.name, p.backend_host, p.share, p.zone, p.state, p.capabilities, p.total_bytes, p.free_bytes, p.provisioned_gib,
  p.updated_at, not coalesce(s.disabled, false) as enabled,
  coalesce(s.updated_at > utc_now() - interval '60 seconds', false) as fresh
from pools p left join services s on s.host = p.backend_host and s."binary" = 'saggar-volume'
order by p.name`;

export function listPools(db: Executor): Promise<PlacedPoolRow[]> {
  return queryPrepared<PlacedPoolRow>(db, 'pools', poolsSql, []);
}

export interface PlacementWish {
  readonly sizeGib: number;
  readonly zone: string | null;
  readonly specs: ExtraSpecs;
  /** Data is copied from a share of this backend, so the same worker must make the volume; null for a blank one. */
  readonly backendHost: string | null;
}

/** Candidates, the best first: those heard of lately, then by room. */
export function rankPools(pools: readonly PlacedPoolRow[], wish: PlacementWish): PlacedPoolRow[] {
  return pools
    .filter((pool) => pool.state === 'up' && pool.enabled)
    .filter((pool) => wish.zone === null || pool.zone === wish.zone)
    .filter((pool) => wish.backendHost === null || pool.backend_host === wish.backendHost)
    .filter((pool) => poolMatchesSpecs(pool, wish.specs) && poolHasRoom(pool, wish.sizeGib))
    .sort(
      (a, b) =>
        Number(b.fresh) - Number(a.fresh) || virtualFreeGib(b) - virtualFreeGib(a) || (a.name < b.name ? -1 : 1),
    );
}

/** Promises the GiB on the pool if there is room at this moment. */
export async function tryPromise(tx: Transaction, pool: PoolRecord, sizeGib: number): Promise<boolean> {
  const room = virtualFreeGib(pool) + pool.provisioned_gib;
  const limit = Number.isFinite(room) ? Math.floor(room) : null;
  const rows = await queryPrepared<{ name: string }>(
    tx,
    'pool-promise',
    `update pools set provisioned_gib = provisioned_gib + ?::bigint
     where name = ? and state = 'up' and (?::bigint is null or provisioned_gib + ?::bigint <= ?::bigint) returning name`,
    [sizeGib, pool.name, limit, sizeGib, limit],
  );
  return rows.length === 1;
}

/** The pool that has promised the size, or null when none fits. */
export async function placeVolume(tx: Transaction, wish: PlacementWish): Promise<PoolRecord | null> {
  for (const pool of rankPools(await listPools(tx), wish)) {
    if (await tryPromise(tx, pool, wish.sizeGib)) return pool;
  }
  return null;
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
