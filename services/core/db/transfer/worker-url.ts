// Where the data server of a pool's volume worker is, as the worker told it with its reports. A backend may have a standby beside its active
// worker, and nobody but they knows which is which; so whoever finds a transfer not open asks again, and is told any of those that live.
import type { Executor, Transaction } from '../connection.js';

/** A worker that has said nothing for so long has gone. */
const ALIVE = "utc_now() - interval '60 seconds'";

/** Base URL without a slash at the end; null while no worker of the pool is known, or it has no data server. */
export async function findDataServerUrl(db: Executor, poolName: string): Promise<string | null> {
  const row: { url: string } | undefined = await db('pools as p')
    .join('data_servers as d', 'd.backend_host', 'p.backend_host')
    .where('p.name', poolName)
    .whereRaw(`d.updated_at > ${ALIVE}`)
    .orderByRaw('random()')
    .first('d.url');
  return row?.url.replace(/\/$/, '') ?? null;
}

/** What a report says; the rows of its predecessors go after a while. */
export async function storeDataServer(
  tx: Transaction,
  { host, bootId, url }: { readonly host: string; readonly bootId: string; readonly url: string | null },
): Promise<void> {
  if (url === null) return;
  await tx('data_servers')
    .insert({ backend_host: host, boot_id: bootId, url, updated_at: tx.raw('utc_now()') })
    .onConflict(['backend_host', 'boot_id'])
    .merge();
  await tx('data_servers').where({ backend_host: host }).whereRaw(`updated_at <= ${ALIVE}`).delete();
}
