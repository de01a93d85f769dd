// Hot statements as named prepared statements: PostgreSQL parses and plans them once per connection. The SQL must be a constant; values
// are bindings, always.
import type { Executor } from '../connection.js';
import { plannedEachTime } from '../named-statements.js';

/** A value that may be bound. Objects and arrays of objects are JSON text already. */
export type Binding = string | number | boolean | null | readonly string[];

/** Runs one statement under a name that belongs to this text alone. */
export async function queryPrepared<Row>(
  db: Executor,
  name: string,
  sql: string,
  bindings: readonly Binding[],
): Promise<Row[]> {
  const answer: { rows: Row[] } = await db.raw(sql, bindings as string[]).options({ name });
  return answer.rows;
}

/** Runs a statement whose text depends on the request; the best plan depends on its values as well. */
export async function query<Row>(db: Executor, sql: string, bindings: readonly Binding[]): Promise<Row[]> {
  const answer: { rows: Row[] } = await db.raw(sql, bindings as string[]).options(plannedEachTime);
  return answer.rows;
}
