// Stores what workers report about themselves: that they live, their pools, the power state of their guests.
//
// Times are the database's, so a worker with a wrong clock is neither dead nor immortal. `provisioned_gib` of a pool is never
// touched here: it belongs to the transactions that promise and give back.
import { powerStates } from '../../domain/server.js';
import { type Report, routingKeys } from '../../messages/envelope.js';
import type { LogLevel } from '../../runtime/config-types.js';
import { storeGuests } from '../audit/guest-view.js';
import type { Transaction } from '../connection.js';
import { storeDataServer } from '../transfer/worker-url.js';

export interface StoredReport {
  /** The worker is another process than the one that reported last. */
  readonly rebooted: boolean;
  /** The log level that the operator wishes and the worker has not got; null when there is nothing to tell it. */
  readonly wantedLogLevel: LogLevel | null;
}

async function upsertService(tx: Transaction, { service }: Report): Promise<StoredReport> {
  const { binary, host, zone, bootId, url, logLevel = null } = service;
  const { rows } = (await tx.raw(
    `with old as (select boot_id from services where "binary" = ? and host = ?)
     insert into services ("binary", host, zone, boot_id, url, log_level_in_force, updated_at) values (?, ?, ?, ?, ?, ?, utc_now())
     on conflict ("binary", host) do update
       set zone = excluded.zone, boot_id = excluded.boot_id, url = excluded.url, updated_at = excluded.updated_at,
         log_level_in_force = excluded.log_level_in_force
     returning (select boot_id from old) as old_boot_id, log_level`,
    [binary, host, binary, host, zone, bootId, url, logLevel],
  )) as { rows: { old_boot_id: string | null; log_level: LogLevel | null }[] };
  const old = rows[0]?.old_boot_id ?? null;
  const wanted = rows[0]?.log_level ?? null;
  // A worker that tells no level cannot change it.
  const tell = logLevel !== null && wanted !== null && wanted !== logLevel;
  return { rebooted: old !== null && old !== bootId, wantedLogLevel: tell ? wanted : null };
}

/** A volume worker with a backup store is Cinder's backup service as well; one that has none any more is let die. */
async function upsertBackupService(tx: Transaction, { service }: Report): Promise<void> {
  if (service.backups === undefined) return;
  const { host, zone, bootId } = service;
  await tx.raw(
    `insert into services ("binary", host, zone, boot_id, updated_at) values ('saggar-backup', ?, ?, ?, utc_now())
     on conflict ("binary", host) do update
       set zone = excluded.zone, boot_id = excluded.boot_id, updated_at = excluded.updated_at`,
    [host, zone, bootId],
  );
}

async function upsertPools(tx: Transaction, { service, pools }: Report): Promise<void> {
  const rows = pools.map(
    ({ access, capabilities, findings, figures = {}, state, totalBytes, freeBytes, retired = false }) => ({
      name: `${service.host}#${access.share}`,
      backend_host: service.host,
      share: access.share,
      zone: service.zone,
      state,
      access: JSON.stringify(access),
      capabilities: JSON.stringify(capabilities),
      findings: JSON.stringify(findings),
      figures: JSON.stringify(figures),
      total_bytes: totalBytes,
      free_bytes: freeBytes,
      retired,
      updated_at: tx.raw('utc_now()'),
    }),
  );
  // In one order everywhere, so that two reports never wait for each other's rows.
  rows.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const row of rows) await tx('pools').insert(row).onConflict('name').merge();
  // A share that is no longer configured keeps its volumes but takes no new ones.
  await tx('pools')
    .where({ backend_host: service.host, state: 'up' })
    .whereNotIn(
      'name',
      rows.map((row) => row.name),
    )
    .update({ state: 'down', updated_at: tx.raw('utc_now()') });
}

/** A report may be older than the end of an operation; servers that changed within this time are left alone. */
const SETTLED = "s.updated_at is not null and s.updated_at < utc_now() - interval '15 seconds'";
const IDLE = "not exists (select 1 from resource_locks l where l.resource = 'server:' || s.id)";

/** Servers whose guest ended (or was started) without us; only those that no operation is about. */
async function followGuests(tx: Transaction, { service, servers }: Report): Promise<void> {
  const running = servers.filter((one) => one.powerState === powerStates.running).map((one) => one.serverId);
  const present = servers.map((one) => one.serverId);
  const powers = servers.map((one) => one.powerState);
  await tx.raw(
    `update servers s set vm_state = 'stopped', power_state = ${powerStates.shutdown}, updated_at = utc_now()
     where s.compute_host = ? and s.vm_state = 'active' and s.task_state is null and ${SETTLED} and ${IDLE}
       and not exists (select 1 from unnest(?::uuid[], ?::int[]) r(id, power)
         where r.id = s.id and r.power <> ${powerStates.shutdown})`,
    [service.host, present, powers],
  );
  await tx.raw(
    `update servers s set vm_state = 'active', power_state = ${powerStates.running}, updated_at = utc_now()
     where s.compute_host = ? and s.vm_state = 'stopped' and s.task_state is null and ${SETTLED} and ${IDLE}
       and s.id = any(?::uuid[])`,
    [service.host, running],
  );
}

/** Stores the report; the caller decides what a reboot means. */
export async function storeReport(tx: Transaction, report: Report): Promise<StoredReport> {
  const stored = await upsertService(tx, report);
  if (report.service.binary === 'saggar-volume') {
    await storeDataServer(tx, report.service);
    await upsertBackupService(tx, report);
    await upsertPools(tx, report);
  } else {
    await followGuests(tx, report);
    await storeGuests(tx, report);
  }
  return stored;
}

function queueOf({ service }: Report): string {
  return service.binary === 'saggar-volume' ? routingKeys.volume(service.host) : routingKeys.compute(service.host);
}

/** Makes every step in flight on the worker's queue due now; a restarted worker knows nothing of them. Returns how many. */
export async function wakeStepsOfWorker(tx: Transaction, report: Report): Promise<number> {
  return tx('operations')
    .where({ queue: queueOf(report) })
    .whereIn('state', ['running', 'undoing', 'stuck'])
    .update({ wake_at: tx.raw('utc_now()') });
}
