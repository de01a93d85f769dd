// Reported usage is what the rows say, whatever happens: random creates, copies, growths, snapshots, deletions and transfers of two
// projects, some of which fail in the world, some of which race at a limit. After each turn the usage that the API reports is compared
// with a count made here, in another way than the service counts; and no limit is ever passed.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Answer, BlockRig, type Person, projectOf } from '../../contract/block-storage/block-rig.js';

const people = ['ann', 'bob'] as const;
const limits = { volumes: 4, snapshots: 3, gigabytes: 12, volumes___DEFAULT__: 3, gigabytes___DEFAULT__: 11 };

interface Turn {
  readonly deed:
    | 'create'
    | 'clone'
    | 'restore'
    | 'extend'
    | 'snapshot'
    | 'delete'
    | 'cascade'
    | 'unsnapshot'
    | 'transfer';
  readonly who: (typeof people)[number];
  /** Which of what is there. */
  readonly pick: number;
  readonly size: number;
  /** The same request this many times at once. */
  readonly times: number;
  /** The world refuses every command of the turn. */
  readonly fails: boolean;
}

const turns = fc.array(
  fc.record<Turn>({
    deed: fc.constantFrom(
      'create',
      'create',
      'clone',
      'restore',
      'extend',
      'snapshot',
      'snapshot',
      'delete',
      'cascade',
      'unsnapshot',
      'transfer',
    ),
    who: fc.constantFrom(...people),
    pick: fc.nat(5),
    size: fc.integer({ min: 1, max: 4 }),
    times: fc.constantFrom(1, 1, 3),
    fails: fc.boolean(),
  }),
  { minLength: 6, maxLength: 14 },
);

interface Row {
  readonly id: string;
  readonly project_id: string;
  readonly size_gib: number;
}

describe('quota usage', function () {
  this.timeout(180_000);
  let rig: BlockRig;

  before(async () => {
    rig = await BlockRig.open();
  });
  after(() => rig.close());

  async function limitBoth(): Promise<void> {
    for (const person of people) {
      const rows = Object.entries(limits).map(([resource, hard_limit]) => ({
        project_id: projectOf(person),
        resource,
        hard_limit,
      }));
      await rig.database('quota_limits').insert(rows);
    }
  }

  async function rowsOf(table: 'volumes' | 'snapshots', person: Person): Promise<Row[]> {
    const query = rig
      .database(table)
      .where({ project_id: projectOf(person) })
      .orderBy('created_at');
    if (table === 'snapshots') void query.andWhere({ internal: false });
    return query.select('id', 'project_id', 'size_gib');
  }

  async function growth(person: Person): Promise<number> {
    const open: { params: { volumeId: string; newSizeGib: number } }[] = await rig
      .database('operations')
      .where({ type: 'volume-extend' })
      .whereNotIn('state', ['done', 'failed'])
      .select('params');
    const volumes = await rowsOf('volumes', person);
    return open.reduce((sum, { params }) => {
      const volume = volumes.find((one) => one.id === params.volumeId);
      return volume === undefined ? sum : sum + params.newSizeGib - volume.size_gib;
    }, 0);
  }

  async function compare(when: string): Promise<void> {
    for (const person of people) {
      const volumes = await rowsOf('volumes', person);
      const snapshots = await rowsOf('snapshots', person);
      const gigabytes = [...volumes, ...snapshots].reduce((sum, row) => sum + row.size_gib, 0);
      const growing = await growth(person);
      const path = `/os-quota-sets/${projectOf(person)}?usage=true`;
      const { quota_set: shown } = (await rig.ask('GET', path, { as: person })).body;
      const { absolute } = (await rig.ask('GET', '/limits', { as: person })).body.limits;
      const expected = { volumes: volumes.length, snapshots: snapshots.length, gigabytes };
      for (const suffix of ['', '___DEFAULT__']) {
        for (const [kind, inUse] of Object.entries(expected)) {
          const one = shown[`${kind}${suffix}`] as { in_use: number; reserved: number; limit: number };
          assert.equal(one.in_use, inUse, `${when}: ${person}'s ${kind}${suffix}`);
          assert.equal(one.reserved, kind === 'gigabytes' ? growing : 0, `${when}: reserved ${kind}${suffix}`);
          const limit = (limits as Record<string, number>)[`${kind}${suffix}`] ?? Number.POSITIVE_INFINITY;
          assert.ok(one.in_use + one.reserved <= limit, `${when}: ${person} has more ${kind}${suffix} than ${limit}`);
        }
      }
      assert.deepEqual(
        [absolute.totalVolumesUsed, absolute.totalSnapshotsUsed, absolute.totalGigabytesUsed],
        [volumes.length, snapshots.length, gigabytes],
        when,
      );
    }
  }

  async function transfer(volume: string, as: Person): Promise<Answer> {
    const offered = await rig.ask('POST', '/volume-transfers', { as, body: { transfer: { volume_id: volume } } });
    if (offered.status !== 202) return offered;
    const { id, auth_key: key } = offered.body.transfer as { id: string; auth_key: string };
    const taker = as === 'ann' ? 'bob' : 'ann';
    const body = { accept: { auth_key: key } };
    const taken = await rig.ask('POST', `/volume-transfers/${id}/accept`, { as: taker, body });
    if (taken.status !== 202) await rig.ask('DELETE', `/volume-transfers/${id}`, { as });
    return taken;
  }

  async function request({ deed, who: as, pick, size }: Turn): Promise<Answer | null> {
    const volumes = await rowsOf('volumes', as);
    const snapshots = await rowsOf('snapshots', as);
    const volume = volumes[pick % Math.max(1, volumes.length)];
    const snapshot = snapshots[pick % Math.max(1, snapshots.length)];
    const create = (body: object) => rig.ask('POST', '/volumes', { as, body: { volume: body } });
    if (deed === 'create') return create({ size });
    if (deed === 'restore') return snapshot ? create({ snapshot_id: snapshot.id }) : null;
    if (deed === 'unsnapshot') return snapshot ? rig.ask('DELETE', `/snapshots/${snapshot.id}`, { as }) : null;
    if (volume === undefined) return null;
    switch (deed) {
      case 'clone':
        return create({ source_volid: volume.id });
      case 'extend':
        return rig.act(volume.id, { 'os-extend': { new_size: volume.size_gib + size } }, { as });
      case 'snapshot':
        return rig.ask('POST', '/snapshots', { as, body: { snapshot: { volume_id: volume.id } } });
      case 'delete':
        return rig.ask('DELETE', `/volumes/${volume.id}`, { as });
      case 'cascade':
        return rig.ask('DELETE', `/volumes/${volume.id}?cascade=true`, { as });
      case 'transfer':
        return transfer(volume.id, as);
    }
  }

  async function play(turn: Turn): Promise<void> {
    rig.engine.interfere = () =>
      turn.fails ? { kind: 'failed', error: { code: 'bad_request', message: 'no' }, partial: false } : null;
    const answers = await Promise.all(Array.from({ length: turn.times }, () => request(turn)));
    for (const answer of answers) {
      assert.ok(answer === null || [202, 400, 404, 413].includes(answer.status), JSON.stringify(answer?.body));
    }
    await compare(`${turn.deed} accepted`);
    // A world that refuses everything cannot be cleaned up in, so it refuses only what is asked first of each operation.
    for (let step = 0; step < 3 && (await rig.engine.step()); step += 1);
    rig.engine.interfere = () => null;
    await rig.engine.settle();
    await compare(`${turn.deed} settled`);
  }

  it('T-X04 equals the rows after every turn, and never passes a limit', async () => {
    await fc.assert(
      fc.asyncProperty(turns, async (played) => {
        await limitBoth();
        try {
          for (const turn of played) await play(turn);
        } finally {
          rig.engine.interfere = () => null;
          await rig.clear();
        }
        await compare('all deleted');
      }),
      { numRuns: Number(process.env['SAGGAR_PROPERTY_RUNS'] ?? 8), endOnFailure: true },
    );
  });

  it('lets different deeds that race at a limit not pass it together', async () => {
    await limitBoth();
    const volume = await rig.volume({ size: 2 });
    // 9 GiB of the type are left of 11, and these want 18.
    const asks = [
      ...Array.from({ length: 4 }, () => rig.ask('POST', '/volumes', { body: { volume: { size: 3 } } })),
      rig.ask('POST', '/snapshots', { body: { snapshot: { volume_id: volume } } }),
      rig.ask('POST', '/snapshots', { body: { snapshot: { volume_id: volume } } }),
      rig.act(volume, { 'os-extend': { new_size: 4 } }),
    ];
    const answers = await Promise.all(asks);
    assert.ok(answers.every((answer) => [202, 400, 413].includes(answer.status)));
    const codes = answers.map((answer) => answer.status);
    assert.ok(codes.includes(202) && codes.includes(413), codes.join());
    await compare('raced');
    await rig.engine.settle();
    await compare('settled');
    await rig.clear();
  });
});
