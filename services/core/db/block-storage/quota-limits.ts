// Quotas: limits of a project over those of the default class over Cinder's defaults, and what is in use. Usage is counted from the
// rows themselves, so it cannot drift from them; `gigabytes` counts volumes and snapshots, as Cinder does.
import type { Executor, Transaction } from '../connection.js';
import { queryPrepared } from './prepared.js';

/** Cinder's defaults (cinder/quota.py); -1 is unlimited. */
export const quotaDefaults: Readonly<Record<string, number>> = {
  volumes: 10,
  snapshots: 10,
  gigabytes: 1000,
  per_volume_gigabytes: -1,
  backups: 10,
  backup_gigabytes: 1000,
  groups: 10,
};

const perType = ['volumes', 'snapshots', 'gigabytes'] as const;
export type PerTypeResource = (typeof perType)[number];

export interface TypeName {
  readonly id: string;
  readonly name: string;
}

/** Names of all resources: the fixed ones and three for each volume type. */
export function quotaResources(types: readonly TypeName[]): string[] {
  return [...Object.keys(quotaDefaults), ...types.flatMap((type) => perType.map((kind) => `${kind}_${type.name}`))];
}

const typeNamesSql = `
select t.id, t.name from volume_types t
where t.is_public or ?::text is null
  or exists (select 1 from volume_type_access a where a.volume_type_id = t.id and a.project_id = ?::text)
  or exists (select 1 from volumes v where v.volume_type_id = t.id and v.project_id = ?::text)
  or exists (select 1 from snapshots s where s.volume_type_id = t.id and s.project_id = ?::text)
order by t.name`;

/**
 * All types, or those whose names the project knows: public ones, private ones it has access to, and those of volumes that came to it by
 * a transfer. Cinder's quota calls name every private type to everybody (cinder/quota.py asks with elevated rights); ours do not.
 */
export async function loadTypeNames(db: Executor, seenBy: string | null = null): Promise<TypeName[]> {
  return queryPrepared<TypeName>(db, 'type-names', typeNamesSql, [seenBy, seenBy, seenBy, seenBy]);
}

const defaultClass = 'class:default';

/** The limit of every resource named, by name. `projectId: null` gives those of the default class. */
export async function loadLimits(
  db: Executor,
  projectId: string | null,
  resources: readonly string[],
): Promise<Map<string, number>> {
  const rows = await queryPrepared<{ project_id: string; resource: string; hard_limit: number }>(
    db,
    'quota-limits',
    'select project_id, resource, hard_limit from quota_limits where project_id = any(?::text[])',
    [[defaultClass, ...(projectId === null ? [] : [projectId])]],
  );
  const own = new Map(rows.filter((row) => row.project_id === projectId).map((row) => [row.resource, row.hard_limit]));
  const shared = new Map(
    rows.filter((row) => row.project_id === defaultClass).map((row) => [row.resource, row.hard_limit]),
  );
  return new Map(
    resources.map((name) => [name, own.get(name) ?? shared.get(name) ?? quotaDefaults[name] ?? -1] as const),
  );
}

export interface Usage {
  readonly volumes: number;
  readonly snapshots: number;
  /** GiB of volumes and snapshots together. */
  readonly gigabytes: number;
}

interface UsageRow {
  readonly type_id: string | null;
  /** Of a type that the volume will have: counts for that type, and not once more for the project. */
  readonly claimed: boolean;
  readonly volumes: number;
  readonly snapshots: number;
  readonly gigabytes: number;
  readonly growing: number;
}

// A volume that moves to another type counts for both until it has moved, as one that grows counts with both sizes: whoever asks
// meanwhile must not get what the move was promised. Operations hold their locks until they end, so these find the moves.
const usageSql = `
with growing as (
  select (o.params->>'volumeId')::uuid as volume_id, max((o.params->>'newSizeGib')::int) as size_gib
  from operations o
  where o.type = 'volume-extend' and o.state in ('pending', 'running', 'undoing', 'stuck')
  group by 1
), used as (
  select v.volume_type_id as type_id, false as claimed, 1 as volumes, 0 as snapshots, v.size_gib as gigabytes,
    greatest(coalesce(g.size_gib, 0) - v.size_gib, 0) as growing
  from volumes v left join growing g on g.volume_id = v.id
  where v.project_id = ? and v.consumes_quota and v.purpose = 'volume'
  union all
  select s.volume_type_id, false, 0, 1, s.size_gib, 0 from snapshots s
  where s.project_id = ? and s.consumes_quota and not s.internal
  union all
  select (o.params->>'newTypeId')::uuid, true, 1, 0, v.size_gib, 0 from volumes v
  join resource_locks l on l.resource = 'volume:' || v.id
  join operations o on o.id = l.operation_id and o.type = 'volume-migrate' and o.params->>'newTypeId' is not null
    and (o.params->>'newTypeId')::uuid is distinct from v.volume_type_id
  where v.project_id = ? and v.status = 'retyping' and v.consumes_quota
)
select type_id, claimed, sum(volumes) as volumes, sum(snapshots) as snapshots, sum(gigabytes) as gigabytes, sum(growing) as growing
from used group by type_id, claimed`;

const nothing: Usage = { volumes: 0, snapshots: 0, gigabytes: 0 };

function plus(a: Usage, b: Usage): Usage {
  return {
    volumes: a.volumes + b.volumes,
    snapshots: a.snapshots + b.snapshots,
    gigabytes: a.gigabytes + b.gigabytes,
  };
}

/** What rows have, and what accepted operations will add to it. */
export interface CountedUsage extends Usage {
  readonly reserved: Usage;
}
export const unused: CountedUsage = { ...nothing, reserved: nothing };

/** All that counts against a limit. */
export function wholeUsage(usage: CountedUsage): Usage {
  return plus(usage, usage.reserved);
}

function added(usage: CountedUsage, row: UsageRow): CountedUsage {
  const own = { volumes: Number(row.volumes), snapshots: Number(row.snapshots), gigabytes: Number(row.gigabytes) };
  if (row.claimed) return { ...usage, reserved: plus(usage.reserved, own) };
  const growth = { ...nothing, gigabytes: Number(row.growing) };
  return { ...plus(usage, own), reserved: plus(usage.reserved, growth) };
}

export interface ProjectUsage extends CountedUsage {
  /** By id of the volume type. */
  readonly byType: ReadonlyMap<string, CountedUsage>;
}

export async function loadUsage(db: Executor, projectId: string): Promise<ProjectUsage> {
  const rows = await queryPrepared<UsageRow>(db, 'quota-usage', usageSql, [projectId, projectId, projectId]);
  const byType = new Map<string, CountedUsage>();
  for (const row of rows) {
    if (row.type_id !== null) byType.set(row.type_id, added(byType.get(row.type_id) ?? unused, row));
  }
  const total = rows.filter((row) => !row.claimed).reduce(added, unused);
  return { ...total, byType };
}

/** Groups that the project has. */
export async function countGroups(db: Executor, projectId: string): Promise<number> {
  const rows = await queryPrepared<{ count: string }>(
    db,
    'quota-groups',
    'select count(*) as count from volume_groups where project_id = ?',
    [projectId],
  );
  return Number(rows[0]?.count ?? 0);
}

/** Stores limits of a project (or of the default class, `null`). */
export async function storeLimits(
  db: Executor,
  projectId: string | null,
  limits: ReadonlyMap<string, number>,
): Promise<void> {
  if (limits.size === 0) return;
  await db('quota_limits')
    .insert(
      [...limits].map(([resource, limit]) => ({ project_id: projectId ?? defaultClass, resource, hard_limit: limit })),
    )
    .onConflict(['project_id', 'resource'])
    .merge();
}

/** The limits of a volume type under its new name, of every project and of the default class. */
export async function moveTypeLimits(tx: Transaction, from: string, to: string): Promise<void> {
  await removeTypeLimits(tx, to);
  for (const kind of perType) {
    await tx('quota_limits')
      .where({ resource: `${kind}_${from}` })
      .update({ resource: `${kind}_${to}` });
  }
}

/** A later type of the same name begins without limits. */
export async function removeTypeLimits(tx: Transaction, name: string): Promise<void> {
  await tx('quota_limits')
    .whereIn(
      'resource',
      perType.map((kind) => `${kind}_${name}`),
    )
    .delete();
}

/** Back to the defaults; only the block-storage resources, the compute API keeps its limits in the same table. */
export async function deleteLimits(db: Executor, projectId: string, resources: readonly string[]): Promise<void> {
  await db('quota_limits')
    .where({ project_id: projectId })
    .whereIn('resource', [...resources])
    .delete();
}
