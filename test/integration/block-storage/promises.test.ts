// Promised capacity is what the rows say, whatever happens: random creates, copies, growths, moves between pools and deletions, several at
// once, some of which fail in the world. No pool ever promises more than it may, and after each turn every pool has promised exactly the
// sizes of the volumes on it, counted here from the rows. Steps that are under way count by what they have reserved.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Answer,
  BlockRig,
  backendHost,
  insertPool,
  poolName,
  projectOf,
} from '../../contract/block-storage/block-rig.js';

const GIB = 1024 ** 3;
const small = `${backendHost}#10.0.0.1:/small`;
const other = 'node1@other#10.0.0.1:/other';
/** GiB that may be promised: capacity less the reserve, times the ratio. */
const limits: Readonly<Record<string, number>> = { [poolName]: 16, [small]: 6, [other]: 10 };

const deeds = [
  'create',
  'create',
  'beside',
  'apart',
  'clone',
  'extend',
  'extend',
  'migrate',
  'delete',
  'force',
] as const;

interface Turn {
  readonly deed: (typeof deeds)[number];
  /** Which of what is there. */
  readonly pick: number;
  readonly size: number;
  /** The same request so many times at once. */
  readonly times: number;
  /** The world refuses every command of the turn. */
  readonly fails: boolean;
  /** The next turn begins while this one is still under way. */
  readonly waits: boolean;
}

const turns = fc.array(
  fc.record<Turn>({
    deed: fc.constantFrom(...deeds),
    pick: fc.nat(7),
    size: fc.integer({ min: 1, max: 5 }),
    times: fc.constantFrom(1, 1, 4),
    fails: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
    waits: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
  }),
  { minLength: 8, maxLength: 16 },
);

interface Row {
  readonly id: string;
  readonly host: string | null;
  readonly size_gib: number;
}

describe('promised capacity', function () {
  this.timeout(180_000);
  let rig: BlockRig;

  before(async () => {
    rig = await BlockRig.open();
    await insertPool(rig.database, small);
    await insertPool(rig.database, other);
    for (const [name, limit] of Object.entries(limits)) {
      // Half of the capacity is reserved, the rest is promised twice.
      const capabilities = JSON.stringify({ reservedPercentage: 50, maxOverSubscriptionRatio: 2 });
      await rig.database.raw(
        'update pools set total_bytes = ?, free_bytes = ?, capabilities = capabilities || ?::jsonb where name = ?',
        [limit * GIB, limit * GIB, capabilities, name],
      );
    }
  });
  after(() => rig.close());

  const volumes = (): Promise<Row[]> => rig.database('volumes').orderBy('created_at').select('id', 'host', 'size_gib');

  async function promised(): Promise<Record<string, number>> {
    const rows: { name: string; provisioned_gib: number }[] = await rig
      .database('pools')
      .select('name', 'provisioned_gib');
    return Object.fromEntries(rows.map((row) => [row.name, row.provisioned_gib]));
  }

  async function demandNoneOver(when: string): Promise<void> {
    for (const [name, gib] of Object.entries(await promised())) {
      assert.ok(gib >= 0 && gib <= (limits[name] ?? 0), `${when}: ${name} has promised ${gib} of ${limits[name] ?? 0}`);
    }
  }

  async function demandExact(when: string): Promise<void> {
    const expected = Object.fromEntries(Object.keys(limits).map((name) => [name, 0]));
    for (const { host, size_gib: size } of await volumes()) {
      if (host !== null) expected[host] = (expected[host] ?? 0) + size;
    }
    assert.deepEqual(await promised(), expected, when);
  }

  async function request({ deed, pick, size }: Turn): Promise<Answer | null> {
    const rows = await volumes();
    const row = rows[pick % Math.max(1, rows.length)];
    const create = (volume: object, hints: object = {}) =>
      rig.ask('POST', '/volumes', { body: { volume, 'OS-SCH-HNT:scheduler_hints': hints } });
    if (deed === 'create') return create({ size });
    if (row === undefined) return null;
    switch (deed) {
      case 'beside':
        return create({ size }, { same_host: row.id });
      case 'apart':
        return create({ size }, { different_host: row.id });
      case 'clone':
        return create({ source_volid: row.id, size: row.size_gib + (size % 2) });
      case 'extend':
        return rig.act(row.id, { 'os-extend': { new_size: row.size_gib + size } });
      case 'migrate': {
        const to = Object.keys(limits)[pick % 3] ?? poolName;
        return rig.act(row.id, { 'os-migrate_volume': { host: to } }, { as: 'admin' });
      }
      case 'delete':
        return rig.ask('DELETE', `/volumes/${row.id}`);
      case 'force':
        return rig.act(row.id, { 'os-force_delete': {} }, { as: 'admin' });
    }
  }

  async function play(turn: Turn): Promise<void> {
    const when = JSON.stringify(turn);
    const answers = await Promise.all(Array.from({ length: turn.times }, () => request(turn)));
    for (const answer of answers) {
      if (answer !== null) assert.ok(answer.status < 500, `${when}: ${JSON.stringify(answer.body)}`);
    }
    await demandNoneOver(when);
    await demandHints(turn, answers);
    if (!turn.waits) return;
    rig.engine.interfere = () =>
      turn.fails ? { kind: 'failed', error: { code: 'bad_request', message: 'no' }, partial: false } : null;
    // A world that refuses everything cannot be cleaned up in, so it refuses only what is asked first.
    for (let step = 0; step < 3 && (await rig.engine.step()); step += 1);
    rig.engine.interfere = () => null;
    await rig.engine.settle();
    await demandNoneOver(`${when}, settled`);
    await demandExact(when);
  }

  /** What was placed is where the hint said, or nowhere; a volume that is being copied elsewhere meanwhile does not count. */
  async function demandHints({ deed, pick, times }: Turn, answers: readonly (Answer | null)[]): Promise<void> {
    if (times !== 1 || (deed !== 'beside' && deed !== 'apart')) return;
    const made = answers[0]?.body?.volume?.id as string | undefined;
    if (made === undefined) return;
    const rows = await volumes();
    const before = rows.filter((row) => row.id !== made);
    const named = before[pick % Math.max(1, before.length)];
    const host = rows.find((row) => row.id === made)?.host ?? null;
    if (host === null || named === undefined) return;
    if (deed === 'beside') assert.equal(host, named.host);
    else assert.notEqual(host, named.host);
  }

  it('is never more than allowed, and exactly the volumes at rest', async () => {
    await fc.assert(
      fc.asyncProperty(turns, async (all) => {
        const unlimited = ['volumes', 'gigabytes', 'snapshots'].map((resource) => ({
          project_id: projectOf('ann'),
          resource,
          hard_limit: -1,
        }));
        await rig.database('quota_limits').insert(unlimited);
        try {
          for (const turn of all) await play(turn);
          await rig.engine.settle();
          await demandExact('at the end');
        } finally {
          rig.engine.interfere = () => null;
          await rig.engine.settle();
          await rig.clear();
        }
      }),
      { numRuns: Number(process.env['SAGGAR_PROPERTY_RUNS'] ?? 6), endOnFailure: true },
    );
    await demandExact('after all was deleted');
    assert.deepEqual(await volumes(), []);
  });
});
