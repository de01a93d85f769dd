// Whether any row has changed, cheaply: PostgreSQL stamps every version of a row with the transaction that wrote it (xmin), so the number of
// rows and a sum over their stamps say it without reading what is in them.
import type { Database } from '../../../services/core/db/connection.js';

/** Tables by name with their digest, so that a failure can say which one changed. */
export type RowDigest = Readonly<Record<string, string>>;

/** Services report all the time, which is nobody's request: of their rows it is read what is in them. */
function stampOf(table: string): string {
  return table === 'services' ? `(to_jsonb(t) - 'updated_at')::text` : 't.xmin::text || t.ctid::text';
}

export async function rowDigestOf(database: Database): Promise<() => Promise<RowDigest>> {
  const tables: { tablename: string }[] = await database('pg_tables')
    .where({ schemaname: 'public' })
    .orderBy('tablename')
    .select('tablename');
  const parts = tables.map(
    ({ tablename: name }) =>
      `select '${name}' as name, count(*) || '/' || coalesce(sum(hashtextextended(${stampOf(name)}, 0)), 0) as digest from "${name}" t`,
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
