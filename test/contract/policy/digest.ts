// One word for everything that the database holds, so that a test can say: this request changed nothing.
import type { Database } from '../../../services/core/db/connection.js';

/** Services report all the time, which is nobody's request. */
function rowText(table: string): string {
  return table === 'services' ? `(to_jsonb(t) - 'updated_at')::text` : 't::text';
}

/** Reads the names of the tables once; the digest is of all their rows, whatever their order. */
export async function digestOf(database: Database): Promise<() => Promise<string>> {
  const tables: { tablename: string }[] = await database('pg_tables')
    .where({ schemaname: 'public' })
    .orderBy('tablename')
    .select('tablename');
  const parts = tables.map(
    ({ tablename: name }) =>
      `(select coalesce(md5(string_agg(r, '|' order by r)), '') from (select ${rowText(name)} as r from "${name}" t) rows)`,
  );
  const sql = `select md5(concat_ws('/', ${parts.join(', ')})) as digest`;
  return async () => {
    const { rows } = (await database.raw(sql)) as { rows: { digest: string }[] };
    return rows[0]?.digest ?? '';
  };
}
