// Executes a deed once for each idempotency key and keeps its answer, in one transaction with the deed itself:
//
//   begin ─ latch the key ─ look for an answer ─┬─ there: give it back
//                                               └─ none: savepoint ─ deed ─ store the answer ─ commit ─► reply
//
// So there is no moment at which the deed is done and its answer is not known: killed before the commit, neither exists; killed after
// it, both do. The latch is an advisory lock of that transaction. It ends with the session of the process that holds it, so a process
// that dies in flight blocks nobody, and one that is frozen is ended by PostgreSQL (idle_in_transaction_session_timeout).
import type { Database, Transaction } from '../connection.js';
import { joining } from '../joinable.js';

/** So long an answer is given back, in hours; after it the key is new again. */
export const KEPT_HOURS = 24;

/** Of one user in one project, so many are kept, the latest: keys cost nothing and are no quota's, and a disk is finite. */
export const KEPT_PER_OWNER = 10_000;

export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Opaque; null for an empty reply. */
  readonly body: string | null;
}

export interface KeyedRequest {
  /** Names user, project and key and says nothing about them. The first 32 characters are the same for all keys of a user in a project. */
  readonly id: string;
  /** Differs when anything else is asked with the same key. */
  readonly fingerprint: string;
  readonly requestId: string;
}

/** What to do with a deed that was refused: keep the refusal as the key's answer, or throw so that nothing is kept. */
export type Refusing = (thrown: unknown) => KeptAnswer;

export type Once =
  | { readonly kind: 'done'; readonly answer: KeptAnswer }
  | { readonly kind: 'replayed'; readonly answer: KeptAnswer; readonly firstRequestId: string }
  | { readonly kind: 'in-flight' }
  | { readonly kind: 'other-request' };

interface AnswerRow extends KeptAnswer {
  readonly fingerprint: string;
  readonly request_id: string;
}

async function findAnswer(tx: Transaction, id: string): Promise<AnswerRow | null> {
  const { rows } = (await tx.raw(
    `select fingerprint, request_id, status, headers, body from idempotency_answers
     where id = ? and created_at > utc_now() - ? * interval '1 hour'`,
    [id, KEPT_HOURS],
  )) as { rows: AnswerRow[] };
  return rows[0] ?? null;
}

/** An answer under this id can only be one that is too old to be given back. */
async function storeAnswer(tx: Transaction, request: KeyedRequest, answer: KeptAnswer): Promise<void> {
  await tx('idempotency_answers')
    .insert({
      id: request.id,
      fingerprint: request.fingerprint,
      request_id: request.requestId,
      status: answer.status,
      headers: JSON.stringify(answer.headers),
      body: answer.body,
      created_at: tx.raw('utc_now()'),
    })
    .onConflict('id')
    .merge();
}

/** The deed in a savepoint: what it did before it refused is undone, and a failed statement spoils only the savepoint. */
async function attempt(tx: Transaction, deed: () => Promise<KeptAnswer>, refusing: Refusing): Promise<KeptAnswer> {
  try {
    return await tx.transaction((inner) => joining(inner, deed));
  } catch (thrown) {
    return refusing(thrown);
  }
}

/**
 * `deed` must use a joinable handle of the same database and nothing else that lasts. Throws what `refusing` throws, and database
 * errors; then nothing was done or kept (or, if the connection was lost while it committed, both).
 */
export function doOnce(
  database: Database,
  request: KeyedRequest,
  deed: () => Promise<KeptAnswer>,
  refusing: Refusing,
): Promise<Once> {
  return database.transaction(async (tx): Promise<Once> => {
    const { rows } = (await tx.raw('select pg_try_advisory_xact_lock(hashtextextended(?, 19)) as latched', [
      request.id,
    ])) as { rows: { latched: boolean }[] };
    if (rows[0]?.latched !== true) return { kind: 'in-flight' };
    const kept = await findAnswer(tx, request.id);
    if (kept !== null) {
      if (kept.fingerprint !== request.fingerprint) return { kind: 'other-request' };
      const { status, headers, body } = kept;
      return { kind: 'replayed', answer: { status, headers, body }, firstRequestId: kept.request_id };
    }
    const answer = await attempt(tx, deed, refusing);
    await storeAnswer(tx, request, answer);
    return { kind: 'done', answer };
  });
}

const agedSql = `
delete from idempotency_answers where id in (
  select id from idempotency_answers where created_at <= utc_now() - ? * interval '1 hour'
  order by created_at limit ? for update skip locked)`;

// The owner is the first half of the id.
const crowdedSql = `
with crowded as (
  select left(id, 32) as owner from idempotency_answers group by 1 having count(*) > ?
), ranked as (
  select id, row_number() over (partition by left(id, 32) order by created_at desc) as place
  from idempotency_answers where left(id, 32) in (select owner from crowded)
)
delete from idempotency_answers where id in (select id from ranked where place > ? limit ?)`;

/** Deletes answers past their day, and the oldest of owners that have too many; at most `limit` of each. Returns how many. */
export async function purgeAnswers(database: Database, limit: number): Promise<number> {
  const aged = (await database.raw(agedSql, [KEPT_HOURS, limit])) as { rowCount: number };
  const crowded = (await database.raw(crowdedSql, [KEPT_PER_OWNER, KEPT_PER_OWNER, limit])) as { rowCount: number };
  return aged.rowCount + crowded.rowCount;
}
