// Runs the rows against one service and gives what was seen of each. A side keeps its own placeholders: the ids of its own resources.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { givenPlaceholders, type Row } from './row.js';
import { type RawAnswer, reduce, type Seen } from './seen.js';

export interface Side {
  readonly name: string;
  /** Where `/` and `/v3` of the API are. */
  readonly url: string;
  /** How its own answers name that place. */
  readonly origin: string;
  /** Ends the run between two requests. */
  readonly signal?: AbortSignal;
  /** Called after a request that may have started something. */
  settle(): Promise<void>;
}

const SETTLE_LIMIT_MS = 30_000;

function filled(text: string, known: ReadonlyMap<string, string>): string {
  return text.replace(/\{([a-z][a-z0-9-]*)\}/g, (whole, name: string) => known.get(name) ?? whole);
}

function pick(value: unknown, place: string): string | undefined {
  let at = value;
  for (const key of place.split('.')) at = (Object(at) as Record<string, unknown>)[key];
  return typeof at === 'string' || typeof at === 'number' ? String(at) : undefined;
}

async function send(side: Side, row: Row, known: ReadonlyMap<string, string>): Promise<RawAnswer> {
  side.signal?.throwIfAborted();
  const text = row.text ?? (row.body === undefined ? undefined : filled(JSON.stringify(row.body), known));
  const token = row.as === undefined ? 'ann' : row.as;
  const own = Object.entries(row.headers ?? {}).map(([name, value]): [string, string] => [name, filled(value, known)]);
  const response = await fetch(`${side.url}${filled(row.path, known)}`, {
    method: row.method ?? 'GET',
    redirect: 'manual',
    headers: {
      Accept: 'application/json',
      ...(token === null ? {} : { 'X-Auth-Token': token }),
      ...(text === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(row.version === undefined ? {} : { 'OpenStack-API-Version': `volume ${row.version}` }),
      ...Object.fromEntries(own),
    },
    ...(text === undefined ? {} : { body: text }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** What was seen last when the wait was in vain; null when the state came. */
async function waitForState(side: Side, row: Row, known: ReadonlyMap<string, string>): Promise<string | null> {
  if (row.until === undefined) return null;
  const [kind, placeholder, wanted] = row.until;
  const look: Row = { name: 'look', as: 'admin', path: `/v3/${kind}/{${placeholder}}` };
  const deadline = Date.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const { status, text } = await send(side, look, known);
    const body = status === 200 ? (JSON.parse(text) as Record<string, { status: string }>) : {};
    const state = status === 404 ? 'gone' : (body[kind.slice(0, -1)]?.status ?? `status ${status}`);
    if (state === wanted) return null;
    // Gone and failed are final; only transitional states are worth the time.
    if (Date.now() > deadline || state === 'gone' || state.startsWith('error')) return state;
    await sleep(100);
  }
}

function keepWhatIsNamed(row: Row, answer: RawAnswer, known: Map<string, string>): void {
  const body: unknown = row.keep === undefined || answer.text === '' ? null : JSON.parse(answer.text);
  // An answer that did not give it leaves an id that nothing has, so that what follows is visibly different.
  for (const [name, place] of Object.entries(row.keep ?? {})) known.set(name, pick(body, place) ?? randomUUID());
  for (const [name, header] of Object.entries(row.keepHeader ?? {}))
    known.set(name, answer.headers.get(header) ?? 'none');
}

/** Rows that start nothing: the engine need not be asked to work. */
const isReading = (row: Row): boolean => ['GET', 'HEAD', 'OPTIONS'].includes(row.method ?? 'GET');

export async function runRows(side: Side, rows: readonly Row[]): Promise<ReadonlyMap<string, Seen>> {
  const twice = rows.find((row, index) => rows.findIndex(({ name }) => name === row.name) !== index);
  if (twice !== undefined) throw new Error(`two rows are called "${twice.name}"`);
  const known = new Map(Object.entries(givenPlaceholders));
  const seen = new Map<string, Seen>();
  for (const row of rows) {
    const answer = await send(side, row, known);
    keepWhatIsNamed(row, answer, known);
    if (!isReading(row)) await side.settle();
    const unsettled = answer.status < 400 ? await waitForState(side, row, known) : null;
    seen.set(row.name, reduce(answer, known, side.origin, unsettled));
  }
  return seen;
}
