// Two requests at once on one volume, every ordered pair of deeds, on real PostgreSQL. Both are held at the volume's row until the other is
// there too, so whatever one has read before is old when it goes on. What comes out must be what one of the two serial orders gives, word
// for word and row for row; the serial orders must be what the state table allows; and everything must come to rest.
import assert from 'node:assert/strict';
import { snapshotAllowedFrom } from '../../../services/core/domain/snapshot.js';
import { volumeAllowedFrom } from '../../../services/core/domain/volume.js';
import { chooseRotation } from '../../harness/rotation.js';
import { type Deed, deedsByStart, type PairIds, type Reply, type StartName } from './pair-deeds.js';
import { PairStage, said } from './pair-stage.js';

/** A run plays every third pair, the next commit others; SAGGAR_PAIRS=<expression> those with such a name ("extend with delete"), '.' all. */
const SHARES = 3;
const only = process.env['SAGGAR_PAIRS'];
const { turn } = chooseRotation();

function isChosen(name: string, index: number): boolean {
  return only === undefined ? (index + turn) % SHARES === 0 : new RegExp(only).test(name);
}

type Statuses = Awaited<ReturnType<PairStage['statuses']>>;

/** The table says no, so the deed must have been refused; and every refusal is a fault that clients know. */
function demandTable(name: string, deed: Deed, before: Statuses, reply: Reply): void {
  const tables = [
    [deed.intent === null ? null : volumeAllowedFrom[deed.intent], before.volume],
    [deed.snapshotIntent === undefined ? null : snapshotAllowedFrom[deed.snapshotIntent], before.snapshot],
  ] as const;
  for (const [allowed, status] of tables) {
    if (allowed === null || reply.status >= 400) continue;
    const accepted: readonly (string | null)[] = [...allowed, ...(deed.idleIn ?? [])];
    assert.ok(accepted.includes(status), `${name} was accepted in ${status ?? 'nothing'}`);
  }
  if (reply.status < 400) return;
  assert.ok([400, 404, 409].includes(reply.status), `${name}: ${said(reply)}`);
  const [fault] = Object.values(reply.body as Record<string, { message: string }>);
  assert.match(fault?.message ?? '', /\w+ .{10,}/, name);
}

describe('pairs of deeds on one volume', function () {
  this.timeout(120_000);
  let stage: PairStage;
  before(async () => {
    stage = await PairStage.open();
  });
  after(() => stage.close());

  type Named = readonly [string, Deed];
  const isUnmanage = (pair: readonly Named[]): boolean => pair.some(([name]) => name === 'unmanage');

  async function serially(start: StartName, pair: readonly [Named, Named]): Promise<string> {
    const ids: PairIds = await stage.set(start);
    const replies: Record<string, string>[] = [];
    for (const [name, deed] of pair) {
      const before = await stage.statuses(ids);
      const reply = await deed.send(stage.rig, ids);
      demandTable(name, deed, before, reply);
      replies.push({ [name]: said(reply) });
    }
    const outcome = `${await stage.describe()} ${replies
      .map((one) => JSON.stringify(one))
      .sort()
      .join(' ')}`;
    await stage.demandRest(isUnmanage(pair));
    await stage.clear();
    return outcome;
  }

  async function atOnce(start: StartName, pair: readonly [Named, Named]): Promise<string> {
    const ids = await stage.set(start);
    const replies = await stage.race(
      ids,
      pair.map(
        ([, deed]) =>
          () =>
            deed.send(stage.rig, ids),
      ),
    );
    const words = replies.map((reply, index) => JSON.stringify({ [pair[index]?.[0] ?? '']: said(reply) }));
    const outcome = `${await stage.describe()} ${words.sort().join(' ')}`;
    await stage.demandRest(isUnmanage(pair));
    await stage.clear();
    return outcome;
  }

  let count = 0;
  for (const [start, deeds] of Object.entries(deedsByStart) as [StartName, Record<string, Deed>][]) {
    const all: Named[] = Object.entries(deeds);
    for (const [index, first] of all.entries()) {
      const others = all.slice(index).filter(([second]) => isChosen(`${first[0]} with ${second}`, count++));
      if (others.length === 0) continue;
      it(`${start}: ${first[0]} with ${others.length} others`, async () => {
        for (const second of others) {
          const orders = [await serially(start, [first, second]), await serially(start, [second, first])];
          for (const pair of [
            [first, second],
            [second, first],
          ] as const) {
            const outcome = await atOnce(start, pair);
            const names = pair.map(([name]) => name).join(' before ');
            assert.ok(orders.includes(outcome), `${names}:\n  ${outcome}\nis neither\n  ${orders.join('\nnor\n  ')}`);
          }
        }
      });
    }
  }
});
