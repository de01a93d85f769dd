// What became of what was promised by a 202: a volume that was created is there, one whose deletion was accepted is gone, nothing is
// half-way.
import type { Database } from '../../services/core/db/connection.js';
import type { Accepted } from './load.js';

export interface Settled {
  readonly settled: number;
  /** Neither done nor failed: what was promised is not to be seen. */
  readonly lost: readonly string[];
  /** Came to an end, and it is a status of error. */
  readonly failed: readonly string[];
}

/** To be asked when every operation is at rest. */
export async function judge(db: Database, { created, deleted }: Accepted): Promise<Settled> {
  const rows: { id: string; status: string }[] = await db('volumes').select('id', 'status');
  const statusOf = new Map(rows.map(({ id, status }) => [id, status]));
  const failed = rows.filter(({ status }) => status.startsWith('error')).map(({ id }) => id);
  const kept = [...created].filter((id) => !deleted.has(id));
  const gone: { volume_id: string }[] = await db('operations')
    .where({ type: 'volume-delete', state: 'done' })
    .select(db.raw("params->>'volumeId' as volume_id"));
  // A deletion whose answer was lost in an outage has been done all the same, which nobody was promised and nobody minds.
  const goneAnyway = new Set(gone.map((row) => row.volume_id));
  const lost = [
    ...kept.filter((id) => !statusOf.has(id) && !goneAnyway.has(id)).map((id) => `created ${id}, and it is not there`),
    ...[...deleted]
      .filter((id) => statusOf.has(id) && !failed.includes(id))
      .map((id) => `deleted ${id}, and it is ${statusOf.get(id)}`),
    ...rows.filter(({ status }) => /ing$/.test(status)).map(({ id, status }) => `${id} is still ${status}`),
  ];
  return { settled: created.size + deleted.size - lost.length, lost, failed };
}
