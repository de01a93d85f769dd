// Where the data server of a pool's volume worker is, as the worker told it with its last report.
import type { Executor } from '../connection.js';

/** Base URL without a slash at the end; null while no worker of the pool is known, or it has no data server. */
export async function findDataServerUrl(db: Executor, poolName: string): Promise<string | null> {
  const row: { url: string | null } | undefined = await db('pools as p')
    .join('services as s', (on) => {
      void on.on('s.host', 'p.backend_host').andOnVal('s.binary', 'saggar-volume');
    })
    .where('p.name', poolName)
    .first('s.url');
  return row?.url?.replace(/\/$/, '') ?? null;
}
