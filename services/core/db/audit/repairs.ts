// The repairs that the audit makes by itself: one transaction each, which asks once more under the lock that every change of the fact takes, and
// changes nothing when the answer is another by now. No repair touches a file: what is to be written on a share is an operation's (custody).
import type { Suspicion } from '../../domain/audit.js';
import { abandonedBackups, abandonedSnapshots, abandonedVolumes } from '../../domain/audit-rows.js';
import type { AuditRule } from '../../domain/audit-rules.js';
import { powerStates } from '../../domain/server.js';
import type { VolumeStatus } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { noteAgain } from '../custody/custody-notes.js';
import { failScan } from '../custody/scan-pages.js';
import { inTransaction } from '../in-transaction.js';
import { deriveVolumeStatus } from '../outcomes/rows.js';
import { FRESH_SECONDS } from './guest-view.js';
import { loadBusy } from './row-view.js';

/** True when it was wrong still, and is repaired (or its repair is on its way). */
type Repair = (tx: Transaction, finding: Suspicion) => Promise<boolean>;

interface StatusRow {
  readonly status: string;
  readonly volume_id?: string;
}

async function lockStatus(
  tx: Transaction,
  table: 'volumes' | 'snapshots' | 'backups',
  id: string,
): Promise<StatusRow | null> {
  const columns = table === 'snapshots' ? ['status', 'volume_id'] : ['status'];
  const row = (await tx(table).where({ id }).forUpdate().first(columns)) as StatusRow | undefined;
  return row ?? null;
}

async function isBusy(tx: Transaction, ...ids: readonly string[]): Promise<boolean> {
  const busy = await loadBusy(tx, 0);
  return ids.some((id) => busy.has(id));
}

const setPromise: Repair = async (tx, { id: name }) => {
  await tx('pools').where({ name }).forNoKeyUpdate().first('name');
  const { rowCount } = (await tx.raw(
    `update pools p set provisioned_gib = sums.gib
     from (select coalesce(sum(size_gib), 0) as gib from volumes where host = ?) sums
     where p.name = ? and p.provisioned_gib <> sums.gib
       and not exists (select from operations o where o.state in ('pending', 'running', 'undoing', 'stuck')
         and o.type not in ('share-scan', 'custody-write', 'chain-check'))`,
    [name, name],
  )) as { rowCount: number };
  return rowCount > 0;
};

const endedOnly = `exists (select from operations o where o.id = operation_id and o.state in ('done', 'failed'))`;

const dropRows =
  (table: 'resource_locks' | 'operation_cancels'): Repair =>
  async (tx, { id }) =>
    (await tx(table).where({ operation_id: id }).whereRaw(endedOnly).delete()) > 0;

const wakeUp: Repair = async (tx, { id }) =>
  (await tx('operations')
    .where({ id })
    .whereIn('state', ['running', 'undoing', 'stuck'])
    .whereNull('wake_at')
    .update({ wake_at: tx.raw('utc_now()') })) > 0;

const freeVolume: Repair = async (tx, { id }) => {
  const row = await lockStatus(tx, 'volumes', id);
  if (row === null || !(row.status in abandonedVolumes) || (await isBusy(tx, id))) return false;
  const status = row.status as keyof typeof abandonedVolumes;
  const next: VolumeStatus | 'attachments' = abandonedVolumes[status];
  const change = { previous_status: null, updated_at: tx.raw('utc_now()') };
  if (next !== 'attachments') {
    await tx('volumes')
      .where({ id })
      .update({ ...change, status: next });
    return true;
  }
  await tx('volumes')
    .where({ id })
    .update({ ...change, status: 'available', migration_status: null });
  await deriveVolumeStatus(tx, id);
  return true;
};

const freeSnapshot: Repair = async (tx, { id }) => {
  const row = await lockStatus(tx, 'snapshots', id);
  if (row === null || !(row.status in abandonedSnapshots) || (await isBusy(tx, id, row.volume_id ?? id))) return false;
  const status = abandonedSnapshots[row.status as keyof typeof abandonedSnapshots];
  await tx('snapshots')
    .where({ id })
    .update({ status, ...(status === 'available' ? { progress: '100%' } : {}), updated_at: tx.raw('utc_now()') });
  return true;
};

const freeBackup: Repair = async (tx, { id }) => {
  const row = await lockStatus(tx, 'backups', id);
  if (row === null || !(row.status in abandonedBackups) || (await isBusy(tx, id))) return false;
  const status = abandonedBackups[row.status as keyof typeof abandonedBackups];
  await tx('backups')
    .where({ id })
    .update({
      status,
      ...(status === 'available' ? {} : { fail_reason: 'The operation on the backup was lost.' }),
      updated_at: tx.raw('utc_now()'),
    });
  return true;
};

const freeServer: Repair = async (tx, { id }) => {
  const row = (await tx('servers').where({ id }).forUpdate().first('vm_state', 'task_state')) as
    | { vm_state: string; task_state: string | null }
    | undefined;
  if (row === undefined || row.task_state === null || (await isBusy(tx, id))) return false;
  const failed = row.vm_state === 'building' || row.task_state === 'deleting';
  await tx('servers')
    .where({ id })
    .update({ task_state: null, ...(failed ? { vm_state: 'error' } : {}), updated_at: tx.raw('utc_now()') });
  return true;
};

/** That no guest has it open, as every compute host said a moment ago. */
async function isNobodys(tx: Transaction, volumeId: string): Promise<boolean> {
  const { rows } = (await tx.raw(freeSql, [JSON.stringify([{ disks: [{ volumeId }] }])])) as { rows: unknown[] };
  return rows.length > 0;
}

// A free volume can be deleted, so nothing is concluded from silence: a host that is late, a guest whose block graph could not be read, or no host at all
// (the guests are another cloud's, whose attachment may be what was lost).
const freeSql = `
select where exists (select from services where "binary" = 'saggar-compute')
  and not exists (select from services s left join guest_sights g on g.compute_host = s.host and g.seen_at > utc_now() - interval '${FRESH_SECONDS} seconds'
    where s.binary = 'saggar-compute' and g.compute_host is null)
  and not exists (select from guest_sights where guests @> ?::jsonb)
  and not exists (select from guest_sights, jsonb_array_elements(guests) guest
    where guest->'disks' = 'null' and (guest->>'powerState')::int in (${powerStates.running}, ${powerStates.paused}))`;

const followAttachments =
  (status: 'in-use' | 'available'): Repair =>
  async (tx, { id }) => {
    const row = await lockStatus(tx, 'volumes', id);
    if (row?.status !== status || (await isBusy(tx, id))) return false;
    if (status === 'in-use' && !(await isNobodys(tx, id))) return false;
    await deriveVolumeStatus(tx, id);
    const after = await lockStatus(tx, 'volumes', id);
    return after?.status !== status;
  };

/** The custodian writes it, or removes it, from the rows of that moment. */
const writeRecord: Repair = async (tx, { id, pool }) => {
  if (pool === undefined) return false;
  await noteAgain(tx, pool, [id]);
  return true;
};

const endScan: Repair = async (tx, { id }) => {
  await failScan(tx, id, { code: 'internal', message: 'The scan was lost.' });
  return true;
};

/** One for every rule that says why it may be repaired (a test holds both tables to that). */
export const repairs: Readonly<Partial<Record<AuditRule, Repair>>> = {
  'promise-differs': setPromise,
  'lock-left': dropRows('resource_locks'),
  'cancel-left': dropRows('operation_cancels'),
  'operation-asleep': wakeUp,
  'scan-left': endScan,
  'volume-abandoned': freeVolume,
  'snapshot-abandoned': freeSnapshot,
  'backup-abandoned': freeBackup,
  'server-abandoned': freeServer,
  'in-use-by-nobody': followAttachments('in-use'),
  'attached-but-available': followAttachments('available'),
  'record-missing': writeRecord,
  'record-differs': writeRecord,
  'record-left': writeRecord,
};

/** False when it was not wrong any more, or may not be repaired now. */
export function repair(db: Database, finding: Suspicion): Promise<boolean> {
  const how = repairs[finding.rule];
  return how === undefined ? Promise.resolve(false) : inTransaction(db, (tx) => how(tx, finding));
}
