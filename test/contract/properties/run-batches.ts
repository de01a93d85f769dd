// Sends batches of requests at once and judges every answer. Then what was refused, and what only looked, is sent again: as nothing else is
// under way then, the rows must be the same before and after. A failure prints the seed and the request, which is enough to send it again.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Judge } from './judge.js';
import type { PlannedRequest } from './requests.js';
import { changedTables, type RowDigest } from './row-digest.js';
import type { Received, Sender } from './send.js';

export interface BatchRun {
  readonly sender: Sender;
  readonly judge: Judge;
  readonly digest: () => Promise<RowDigest>;
  /** The requests of the n-th batch; asked for each, so that ids that are gone are used no more. */
  readonly batch: (index: number) => Promise<fc.Arbitrary<PlannedRequest>[]>;
  readonly batches: number;
  readonly seed: number;
}

export interface BatchCounts {
  readonly sent: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Operations that succeeded at least once: a generator that is always refused early would test little. */
  readonly succeeded: ReadonlySet<string>;
  /** Batches whose refusals were held against the rows, and those where a repeated request succeeded after all. */
  readonly held: number;
  readonly loose: number;
}

/**
 * The seed of this run, said before anything is sent: a run that hangs or is killed tells no counts. SAGGAR_SEED repeats another one.
 * Throws when that is no number.
 */
export function seedOfRun(name: string): number {
  const given = process.env['SAGGAR_SEED'];
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  if (!Number.isSafeInteger(seed)) throw new Error(`SAGGAR_SEED is no number: ${given}`);
  process.stdout.write(`      ${name}: SAGGAR_SEED=${seed} repeats this run\n`);
  return seed;
}

function tell(seed: number, batch: number, planned: PlannedRequest): string {
  const { operation, url, as, version, body, contentType } = planned;
  const request = { method: operation.method, url, as, version, contentType, body };
  return `SAGGAR_SEED=${seed} batch ${batch} ${operation.operationId}\n${JSON.stringify(request)}`;
}

const isQuiet = (planned: PlannedRequest, { status }: Received): boolean =>
  status >= 400 || planned.operation.method === 'GET' || planned.operation.method === 'HEAD';

export async function runBatches(run: BatchRun): Promise<BatchCounts> {
  const byStatus: Record<string, number> = {};
  const succeeded = new Set<string>();
  let [sent, held, loose] = [0, 0, 0];

  async function sendAll(batch: number, requests: readonly PlannedRequest[]): Promise<Received[]> {
    return Promise.all(
      requests.map(async (planned) => {
        try {
          const received = await run.sender.send(planned);
          sent += 1;
          byStatus[received.status] = (byStatus[received.status] ?? 0) + 1;
          if (received.status < 400) succeeded.add(planned.operation.operationId);
          run.judge.judge(planned, received);
          return received;
        } catch (thrown) {
          const reason = thrown instanceof Error ? thrown.message : String(thrown);
          throw new Error(`${reason}\n${tell(run.seed, batch, planned)}`, { cause: thrown });
        }
      }),
    );
  }

  for (let index = 0; index < run.batches; index += 1) {
    const arbitraries = await run.batch(index);
    const requests = arbitraries.flatMap((one, at) =>
      fc.sample(one, { seed: run.seed + index * 1009 + at, numRuns: 1 }),
    );
    const first = await sendAll(index, requests);
    const again = requests.filter((planned, at) => isQuiet(planned, first[at] as Received));
    const before = await run.digest();
    const second = await sendAll(index, again);
    const after = await run.digest();
    if (second.every((received, at) => isQuiet(again[at] as PlannedRequest, received))) {
      held += 1;
      const changed = changedTables(before, after);
      const listing = again.map((planned) => tell(run.seed, index, planned)).join('\n');
      assert.deepEqual(
        changed,
        [],
        `refused requests, or ones that only look, changed rows; one of these:\n${listing}`,
      );
    } else loose += 1;
  }
  return { sent, byStatus, succeeded, held, loose };
}

export function countsText(
  name: string,
  seed: number,
  { sent, byStatus, succeeded, held, loose }: BatchCounts,
): string {
  const statuses = Object.entries(byStatus).map(([status, count]) => `${status}: ${count}`);
  return `      ${name}: ${sent} requests, ${succeeded.size} operations succeeded (seed ${seed}); ${statuses.join(', ')}; rows compared ${held} times, not ${loose} times\n`;
}
