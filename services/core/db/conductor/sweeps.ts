// What the reconciler looks at: operations whose wake time has come, and pending ones that nothing holds back any more.
// Both lists are hints; startOperation and wakeOperation decide again under their locks.
import type { Executor } from '../connection.js';

/** Running operations that were silent past their deadline, or whose pause has ended; longest due first. */
export async function listDueOperations(db: Executor, limit: number): Promise<string[]> {
  const rows: { id: string }[] = await db('operations')
    .whereIn('state', ['running', 'undoing', 'stuck'])
    .whereRaw('wake_at <= utc_now()')
    .orderBy('wake_at')
    .limit(limit)
    .select('id');
  return rows.map((row) => row.id);
}

/** Operations that shall end and are just pausing before another try: no worker would answer a cancel. */
export async function listPausingCancelled(db: Executor, limit: number): Promise<string[]> {
  return db('operation_cancels as c')
    .join('operations as o', 'o.id', 'c.operation_id')
    .whereIn('o.state', ['running', 'stuck'])
    .where({ 'o.phase': 'do' })
    .whereNull('o.queue')
    .limit(limit)
    .pluck('o.id');
}

// The rule of locksCompatible (services/core/operations/definition.ts) in SQL; a test compares the two.
const startableSql = `
select o.id from operations o left join operations d on d.id = o.depends_on
where o.state = 'pending' and (o.depends_on is null or d.state in ('done', 'failed'))
  and (o.awaits_volume_id is null or o.wake_at <= utc_now())
  and not exists (
    select 1 from resource_locks mine
    join resource_locks other on other.resource = mine.resource and other.operation_id <> mine.operation_id
    where mine.operation_id = o.id and (other.held or other.seq < mine.seq)
      and not ((mine.mode = 'read' and other.mode <> 'chain') or (other.mode = 'read' and mine.mode <> 'chain')))
order by o.seq limit ?`;

/** Pending operations with nothing in their way, oldest first. */
export async function listStartableOperations(db: Executor, limit: number): Promise<string[]> {
  const { rows } = (await db.raw(startableSql, [limit])) as { rows: { id: string }[] };
  return rows.map((row) => row.id);
}
