// From notes of changes to operations that write records: each note is read once, by whichever conductor comes first, and is gone when the
// operation that answers it is accepted. A note made after that leads to another operation, so the newest state always comes last.
import { randomUUID } from 'node:crypto';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { loadCustodyTexts } from './custody-texts.js';

const NOTES = 1000;
/** Of all texts in one command; the message is larger by quotes, and must stay below 256 KiB. */
const COMMAND_BYTES = 131_072;
const COMMAND_RECORDS = 100;

export interface ChangesTaken {
  readonly operations: number;
  /** There may be more right now. */
  readonly more: boolean;
}

interface NoteRow {
  readonly id: number;
  readonly volume_id: string;
  readonly pool: string | null;
}

// Notes about a pool that is down wait for it; those about one that does not exist any more are dropped with the rest.
const notesSql = `
with due as (
  select c.id, c.volume_id, coalesce(c.pool, v.host) as pool
  from custody_changes c left join volumes v on v.id = c.volume_id left join pools p on p.name = coalesce(c.pool, v.host)
  where p.state is distinct from 'down'
  order by c.id limit ? for update of c skip locked)
delete from custody_changes c using due where c.id = due.id returning c.id, c.volume_id, due.pool`;

/** Accepts the operations for what has changed. Any number of conductors may do it together. */
export function acceptCustodyWrites(db: Database): Promise<ChangesTaken> {
  return inTransaction(db, async (tx) => {
    const { rows } = (await tx.raw(notesSql, [NOTES])) as { rows: NoteRow[] };
    const byPool = new Map<string, Set<string>>();
    for (const { pool, volume_id: volumeId } of rows) {
      if (pool === null) continue;
      const ids = byPool.get(pool) ?? new Set<string>();
      byPool.set(pool, ids.add(volumeId));
    }
    const present: { name: string }[] = await tx('pools')
      .whereIn('name', [...byPool.keys()])
      .select('name');
    let operations = 0;
    for (const { name: pool } of present) {
      for (const recordsOf of await inCommands(tx, pool, [...(byPool.get(pool) ?? [])].sort())) {
        await acceptOperation(tx, {
          type: 'custody-write',
          params: { pool, recordsOf },
          projectId: 'saggar',
          userId: 'saggar',
          requestId: `req-${randomUUID()}`,
        });
        operations += 1;
      }
    }
    return { operations, more: rows.length === NOTES };
  });
}

/** Cut so that the texts of one command stay small, whatever the metadata. */
async function inCommands(tx: Transaction, pool: string, ids: readonly string[]): Promise<string[][]> {
  const commands: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (let start = 0; start < ids.length; start += COMMAND_RECORDS) {
    for (const { volumeId, text } of await loadCustodyTexts(tx, pool, ids.slice(start, start + COMMAND_RECORDS))) {
      const size = Buffer.byteLength(text ?? '');
      const last = commands.at(-1);
      if (last === undefined || bytes + size > COMMAND_BYTES || last.length === COMMAND_RECORDS) {
        commands.push([volumeId]);
        bytes = size;
      } else {
        last.push(volumeId);
        bytes += size;
      }
    }
  }
  return commands;
}
