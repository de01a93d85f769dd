// Chains and their checks as administrators see them.
import assert from 'node:assert/strict';
import { type BlockRig, missingId } from '../block-storage/block-rig.js';
import { forgetCopies, targets } from '../policy/targets.js';

export function chainCases(getRig: () => BlockRig): void {
  describe('chains', () => {
    let rig: BlockRig;
    before(() => {
      rig = getRig();
    });
    afterEach(() => rig.clear());

    const layersOf = async (volume: string) => {
      const answer = await rig.askAdmin('GET', `/v1/volumes/${volume}/chain`);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return answer.body.chain;
    };
    const check = async (volume: string) => {
      const begun = await rig.askAdmin('POST', '/v1/chain-checks', { body: { volume_ids: [volume] } });
      assert.equal(begun.status, 202, JSON.stringify(begun.body));
      await rig.engine.settle();
      const id = begun.body.chain_checks[0].operation_id as string;
      return (await rig.askAdmin('GET', `/v1/chain-checks/${id}`)).body.chain_check;
    };

    it('are shown oldest first, with the snapshot that ends below each layer', async () => {
      const volume = await rig.volume({ name: 'data' });
      const first = await rig.snapshot(volume, { name: 'first' });
      const second = await rig.snapshot(volume, { name: 'second' });
      const chain = await layersOf(volume);
      assert.deepEqual(
        chain.layers.map((layer: Record<string, unknown>) => [layer['file'], layer['snapshot'], layer['active']]),
        [
          [`volume-${volume}`, null, false],
          [`volume-${volume}.${first}`, { id: first, name: 'first', status: 'available' }, false],
          [`volume-${volume}.${second}`, { id: second, name: 'second', status: 'available' }, true],
        ],
      );
      assert.deepEqual([chain.measured_at, chain.operations, chain.attachments], [null, [], []]);
      await check(volume);
      const measured = await layersOf(volume);
      assert.ok(measured.layers.every((layer: Record<string, unknown>) => layer['allocated_bytes'] === 196_608));
      assert.ok(measured.measured_at !== null);
    });

    it('show what is being done to them', async () => {
      const made = await rig.ask('POST', '/volumes', { body: { volume: { size: 1 } } });
      const chain = await layersOf(made.body.volume.id as string);
      assert.deepEqual([chain.layers, chain.operations[0].type], [[], 'volume-create']);
      await rig.engine.settle();
    });

    it('are checked without a finding where all agree', async () => {
      const volume = await rig.volume();
      await rig.snapshot(volume);
      const seen = await check(volume);
      assert.deepEqual([seen.state, seen.witnesses, seen.findings, seen.volume_id], ['done', ['files'], [], volume]);
      assert.equal(await rig.statusOf(volume), 'available');
    });

    it('are checked and the differences said: a lost file, a header that names another, a stale record', async () => {
      const volume = await rig.volume();
      const snapshot = await rig.snapshot(volume);
      const { world } = rig.engine;
      const [base, overlay] = [`volume-${volume}`, `volume-${volume}.${snapshot}`];
      const [lost, top] = [world.files.get(base), world.files.get(overlay)];
      assert.ok(lost !== undefined && top !== undefined);
      world.files.delete(base);
      world.records.delete(volume);
      top.backingFile = 'other';
      const seen = await check(volume);
      assert.deepEqual(
        seen.findings.map(({ code, file }: { code: string; file: string | null }) => [code, file]),
        [
          ['missing-file', base],
          ['wrong-backing-file', overlay],
          ['info-missing', null],
        ],
      );
      assert.ok(seen.findings.every(({ cure }: { cure: string }) => cure.length > 10));
      world.files.set(base, lost);
      top.backingFile = base;
      assert.deepEqual((await check(volume)).findings.length, 1);
    });

    it('begin for those that can be checked, and say why others cannot', async () => {
      const volume = await rig.volume();
      const body = { volume_ids: [missingId, volume, 'x', volume] };
      const begun = (await rig.askAdmin('POST', '/v1/chain-checks', { body })).body.chain_checks;
      assert.equal(begun.length, 3);
      assert.match(begun[0].refusal, /could not be found/);
      assert.ok(begun[1].operation_id !== null && begun[1].refusal === null);
      assert.match(begun[2].refusal, /could not be found/);
      await rig.engine.settle();
    });

    it('that stand on other volumes’ layers are shown so, and wished independent', async () => {
      const { volume_id: volume } = await targets.instantCopy(rig);
      const { flatten } = await layersOf(volume);
      assert.deepEqual([flatten.requested_at, flatten.failures, flatten.error], [null, 0, null]);
      const wished = await rig.askAdmin('POST', `/v1/volumes/${volume}/flatten`);
      assert.equal(wished.status, 202, JSON.stringify(wished.body));
      const { requested_at: at } = wished.body.flatten;
      assert.ok(at !== null);
      assert.equal((await rig.askAdmin('POST', `/v1/volumes/${volume}/flatten`)).body.flatten.requested_at, at);
      const other = wished.body.flatten.backing_volume_id as string;
      assert.equal((await rig.askAdmin('POST', `/v1/volumes/${other}/flatten`)).status, 409);
      assert.equal((await rig.askAdmin('POST', `/v1/volumes/${missingId}/flatten`)).status, 404);
      await forgetCopies(rig);
    });

    it('refuse bodies without volumes, and ids of other operations', async () => {
      for (const body of [
        {},
        { volume_ids: [] },
        { volume_ids: 'x' },
        { volume_ids: [1] },
        { volume_ids: ['x'], all: 1 },
      ])
        assert.equal((await rig.askAdmin('POST', '/v1/chain-checks', { body })).status, 400);
      await rig.volume();
      const { body } = await rig.askAdmin('GET', '/v1/operations?type=volume-create&limit=1');
      assert.equal((await rig.askAdmin('GET', `/v1/chain-checks/${String(body.operations[0].id)}`)).status, 404);
      assert.equal((await rig.askAdmin('GET', `/v1/volumes/${missingId}/chain`)).status, 404);
    });
  });
}
