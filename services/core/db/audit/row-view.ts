// The rows that may contradict each other, for the audit's planner (domain/audit-rows.ts). Each query asks an index for the few candidates, or
// sums up one table, and has an end: a service whose every row is wrong is told so a hundred rows at a time.
import type { RowView } from '../../domain/audit-rows.js';
import { abandonedBackups, abandonedSnapshots, abandonedVolumes } from '../../domain/audit-rows.js';
import type { OperationParams, OperationType } from '../../operations/params.js';
import { definitionOf } from '../../operations/registry.js';
import type { Executor } from '../connection.js';

const MOST = 500;
const open = `('pending', 'running', 'undoing', 'stuck')`;

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const busySql = `
select distinct found.id[1] as id from (
  select o.params::text as said from operations o where o.state in ${open}
  union all select o.params::text from operations o where o.finished_at > utc_now() - ? * interval '1 second'
  union all select l.resource from resource_locks l
) sources, regexp_matches(sources.said, '${uuid}', 'g') as found (id)`;

/** Ids that any operation names which has not ended, or ended less than `settleSeconds` ago. */
export async function loadBusy(db: Executor, settleSeconds: number): Promise<Set<string>> {
  const { rows } = (await db.raw(busySql, [settleSeconds])) as { rows: { id: string }[] };
  return new Set(rows.map(({ id }) => id));
}

const volumesSql = `
with suspect as (
  (select v.id from volumes v where v.status = any(?) limit ${MOST})
  union
  (select v.id from volumes v where v.status = 'in-use' and not exists (select from attachments a where a.volume_id = v.id) limit ${MOST})
  union
  (select a.volume_id from attachments a join volumes v on v.id = a.volume_id
    where a.status = 'attached' and a.managed_server_id is not null and v.status = 'available' limit ${MOST})
  union
  (select v.id from volumes v left join chain_layers l on l.volume_id = v.id
    where v.status in ('available', 'in-use') and v.host is not null
    group by v.id having count(l.file) <> coalesce(max(l.position), 0) + 1 or count(l.file) = 0 limit ${MOST})
)
select v.id, v.status, v.host,
  (select count(*)::int from chain_layers l where l.volume_id = v.id) as layers,
  (select max(l.position) from chain_layers l where l.volume_id = v.id) as "lastPosition",
  (select count(*)::int from attachments a where a.volume_id = v.id) as attachments,
  (select count(*)::int from attachments a where a.volume_id = v.id and a.status = 'attached' and a.managed_server_id is not null) as attached
from suspect join volumes v on v.id = suspect.id`;

// Of a snapshot that somebody else's hypervisor makes or deletes, its owner writes the end: our part of it is over long before.
const snapshotsSql = `
select s.id, s.volume_id, s.status, exists (select from chain_layers l where l.snapshot_id = s.id) as on_chain
from snapshots s
where (s.status = any(?) and not exists (select from operations o
    where o.params->>'volumeId' = s.volume_id::text and o.type like 'assisted-%' and o.params->>'snapshotId' = s.id::text))
  or (s.status = 'available' and not exists (select from chain_layers l where l.snapshot_id = s.id))
limit ${MOST}`;

const sizesChange = [
  'share-scan',
  'custody-write',
  'chain-check',
  'server-start',
  'server-stop',
  'attachment-create',
  'attachment-delete',
];

const poolsSql = `
select p.name, p.state, p.updated_at > utc_now() - interval '60 seconds' as alive, p.provisioned_gib as promised_gib,
  coalesce(sums.gib, 0)::int as sizes_gib, coalesce(sums.volumes, 0)::int as volumes,
  exists (select from operations o where (o.state in ${open} or o.finished_at > utc_now() - ? * interval '1 second') and o.type <> all(?)) as unsettled
from pools p
left join (select host, sum(size_gib) as gib, count(*) as volumes from volumes where host is not null group by host) sums on sums.host = p.name`;

const operationsSql = `
with suspect as (
  (select o.id from operations o where o.state in ('running', 'undoing', 'stuck') and o.wake_at is null limit ${MOST})
  union (select l.operation_id from resource_locks l join operations o on o.id = l.operation_id where o.state in ('done', 'failed') limit ${MOST})
  union (select c.operation_id from operation_cancels c join operations o on o.id = c.operation_id where o.state in ('done', 'failed') limit ${MOST})
  union (select o.id from operations o where o.state in ('running', 'undoing') and not o.settled
    and not exists (select from resource_locks l where l.operation_id = o.id) limit ${MOST})
  union (select o.id from operations o where o.state in ('running', 'undoing', 'stuck') and o.queue is not null
    and o.updated_at < utc_now() - interval '60 seconds' limit ${MOST})
)
select o.id, o.type, o.state, o.params, o.settled, o.wake_at is null as asleep,
  (select count(*)::int from resource_locks l where l.operation_id = o.id) as locks,
  (select count(*)::int from operation_cancels c where c.operation_id = o.id) as cancels,
  (select s.host from services s where s.binary in ('saggar-volume', 'saggar-compute') and s.updated_at < utc_now() - interval '60 seconds'
     and o.queue in ('commands.volume.' || s.host, 'commands.compute.' || s.host) and o.updated_at < utc_now() - interval '60 seconds' limit 1) as silent_worker
from suspect join operations o on o.id = suspect.id`;

const scansSql = `
select s.id, s.pool from share_scans s
where s.state = 'running' and s.created_at < utc_now() - interval '30 seconds'
  and not exists (select from operations o where o.type = 'share-scan' and o.params->>'scanId' = s.id::text and o.state in ${open})
limit ${MOST}`;

interface OperationSight extends Omit<RowView['operations'][number], 'needs_locks'> {
  readonly params: OperationParams[OperationType];
  readonly settled: boolean;
}

function needsLocks({ type, params, state, settled }: OperationSight): boolean {
  if (settled || !['running', 'undoing'].includes(state)) return false;
  return definitionOf(type as OperationType).locks(params as never).length > 0;
}

async function rowsOf<Row>(db: Executor, sql: string, bindings: readonly (string[] | number)[] = []): Promise<Row[]> {
  const { rows } = (await db.raw(sql, bindings as never)) as { rows: Row[] };
  return rows;
}

/** `settleSeconds`: what operations did less than so long ago is not judged. */
export async function loadRowView(db: Executor, settleSeconds: number): Promise<RowView> {
  const volumes = await rowsOf<RowView['volumes'][number]>(db, volumesSql, [Object.keys(abandonedVolumes)]);
  const snapshots = await rowsOf<RowView['snapshots'][number]>(db, snapshotsSql, [Object.keys(abandonedSnapshots)]);
  const backups: RowView['backups'][number][] = await db('backups')
    .whereIn('status', Object.keys(abandonedBackups))
    .limit(MOST)
    .select('id', 'status');
  const servers: RowView['servers'][number][] = await db('servers')
    .whereNotNull('task_state')
    .limit(MOST)
    .select('id', 'vm_state', 'task_state');
  const pools = await rowsOf<RowView['pools'][number]>(db, poolsSql, [settleSeconds, sizesChange]);
  const operations = await rowsOf<OperationSight>(db, operationsSql);
  return {
    volumes,
    snapshots,
    backups,
    servers,
    pools,
    operations: operations.map((one) => ({ ...one, needs_locks: needsLocks(one) })),
    scans: await rowsOf<RowView['scans'][number]>(db, scansSql),
    // Read last: what began after a row was read is in it, so the row is not judged by a moment that has passed.
    busy: await loadBusy(db, settleSeconds),
  };
}
