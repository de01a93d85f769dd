// Gives recurring statements a name on their connection, so that PostgreSQL parses and plans them once and not each time: of what the
// server does for a transition of the engine, nine parts of ten were parsing and planning (decisions/0089).
//
//   a text with values, seen often enough    -> named, at most so many texts a pool: each costs the server memory on every connection
//   a text that depends on a request's filters -> marked by `plannedEachTime`: the best plan depends on the values
//   a table that changed under us             -> PostgreSQL refuses the old plan; all names are given anew, and the transaction is one to
//                                                repeat (`metAnotherTransaction`)
// Source: PostgreSQL documentation, PREPARE ("cached plan must not change result type" is raised by RevalidateCachedQuery).
import type pg from 'pg';

/** For knex's `options`: the statement is planned with its values, every time. */
export const plannedEachTime = { plannedEachTime: true } as const;

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly name?: string;
  readonly plannedEachTime?: true;
}

type Answer = (error: Error | undefined, result?: unknown) => void;
type Send = (statement: Statement, answer: Answer) => unknown;

const SEEN_OFTEN = 3;
const MAX_NAMES = 400;
const MAX_TEXT = 8000;
const REMEMBERED_TEXTS = 2000;

/** The names that one pool's connections use for the same texts. */
export class StatementNames {
  private readonly names = new Map<string, string>();
  private readonly seen = new Map<string, number>();
  private given = 0;

  /** Undefined for a text that is too rare, or when there are names enough. `atOnce`: its author knows that it recurs. */
  nameOf(text: string, atOnce: boolean): string | undefined {
    const known = this.names.get(text);
    if (known !== undefined) return known;
    if (text.length > MAX_TEXT || this.names.size >= MAX_NAMES) return undefined;
    const times = (this.seen.get(text) ?? 0) + 1;
    if (!atOnce && times < SEEN_OFTEN) {
      // Counting begins anew: what recurs is seen again soon.
      if (this.seen.size >= REMEMBERED_TEXTS) this.seen.clear();
      this.seen.set(text, times);
      return undefined;
    }
    this.seen.delete(text);
    this.given += 1;
    const name = `saggar_${this.given}`;
    this.names.set(text, name);
    return name;
  }

  /** No name is used again, whatever the connections still know by it. */
  forgetAll(): void {
    this.names.clear();
  }
}

/** True when the statement was not run, because a table has changed since it was planned. */
export function isStalePlan(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code, routine } = thrown as { code?: unknown; routine?: unknown };
  return code === '0A000' && routine === 'RevalidateCachedQuery';
}

/** From now on the connection names what recurs. */
export function nameStatementsOf(connection: pg.Client, names: StatementNames): void {
  const send = connection.query.bind(connection) as unknown as Send;
  const sendNamed: Send = (statement, answer) => {
    if (typeof statement !== 'object' || typeof statement.text !== 'string' || (statement.values?.length ?? 0) === 0)
      return send(statement, answer);
    const { text, values, name: wished, plannedEachTime: each, ...rest } = statement;
    const name = each === true ? undefined : names.nameOf(text, wished !== undefined);
    const plain = { ...rest, text, values };
    if (name === undefined) return send(plain, answer);
    return send({ ...plain, name }, (error, result) => {
      if (!isStalePlan(error)) return answer(error, result);
      names.forgetAll();
      // Inside a transaction nothing more can be done with it; outside, the statement is simply sent again.
      if (connection.getTransactionStatus() === 'I') send(plain, answer);
      else answer(error, result);
    });
  };
  connection.query = sendNamed as unknown as typeof connection.query;
}
