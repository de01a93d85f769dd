// Whether any row has changed, cheaply: PostgreSQL stamps every version of a row with the transaction that wrote it (xmin), so the number of
// rows and a sum over their stamps say it without reading what is in them.
import type { Database } from '../../../services/core/db/connection.js';

/** Tables by name with their digest, so that a failure can say which one changed. */
export type RowDigest = Readonly<Record<string, string>>;

export async function rowDigestOf(database: Database): Promise<() => Promise<RowDigest>> {
  const tables: { tablename: string }[] = await database('pg_tables')
    .where({ schemaname: 'public' })
    .orderBy('tablename')
    .select('tablename');
  const parts = tables.map(
    ({ tablename: name }) =>
      `select '${name}' as name, count(*) || '/' || coalesce(sum(hashtextextended(xmin::text || ctid::text, 0)), 0) as digest from "${name}"`,
  );
  const sql = parts.join(' union all ');
  return async () => {
    const { rows } = (await database.raw(sql)) as { rows: { name: string; digest: string }[] };
    return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
  };
}

export function changedTables(before: RowDigest, after: RowDigest): string[] {
  return Object.keys(after).filter((name) => before[name] !== after[name]);
}
