// Operations as administrators see them: while they run, wait, are stuck and have ended.
import assert from 'node:assert/strict';
import { type BlockRig, missingId, projectOf } from '../block-storage/block-rig.js';
import { targets } from '../policy/targets.js';

export function operationCases(getRig: () => BlockRig): void {
  describe('operations', () => {
    let rig: BlockRig;
    before(() => {
      rig = getRig();
    });
    afterEach(() => rig.clear());

    const list = async (query: string): Promise<{ id: string; state: string; type: string }[]> => {
      const answer = await rig.askAdmin('GET', `/v1/operations${query}`);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return answer.body.operations as { id: string; state: string; type: string }[];
    };

    it('are listed, the newest first, and filtered', async () => {
      const volume = await rig.volume();
      const other = await rig.volume();
      await rig.snapshot(volume);
      assert.deepEqual(
        (await list(`?volume_id=${volume}`)).map(({ type, state }) => [type, state]),
        [
          ['snapshot-create', 'done'],
          ['volume-create', 'done'],
        ],
      );
      assert.equal((await list(`?volume_id=${other}&state=done`)).length, 1);
      assert.equal((await list(`?volume_id=${volume}&type=volume-create`)).length, 1);
      assert.equal((await list(`?volume_id=${volume}&state=active`)).length, 0);
      assert.equal((await list(`?volume_id=${missingId}`)).length, 0);
      assert.ok((await list(`?project_id=${projectOf('ann')}&state=done,failed`)).length >= 3);
      assert.equal((await list(`?project_id=${projectOf('bob')}`)).length, 0);
    });

    it('come in pages that lose and repeat none', async () => {
      const volume = await rig.volume();
      await rig.snapshot(volume);
      await rig.snapshot(volume);
      const all = await list(`?volume_id=${volume}`);
      const seen: string[] = [];
      let next: string | null = `/v1/operations?volume_id=${volume}&limit=2`;
      while (next !== null) {
        const { body } = await rig.askAdmin('GET', next);
        seen.push(...(body.operations as { id: string }[]).map(({ id }) => id));
        const href = (body.operations_links as { href: string }[] | undefined)?.[0]?.href ?? null;
        next = href === null ? null : href.replace('http://saggar.test:8776/admin', '');
      }
      assert.deepEqual(
        seen,
        all.map(({ id }) => id),
      );
    });

    it('refuse what is no filter, no state, no marker', async () => {
      for (const [query, text] of [
        ['?colour=red', /Invalid filters colour/],
        ['?state=busy', /state must be one of active, pending/],
        [`?marker=${missingId}`, /marker/],
        ['?marker=x', /marker/],
        ['?limit=-1', /limit/],
        ['?type=%00', /Invalid query string/],
      ] as const) {
        const { status, body } = await rig.askAdmin('GET', `/v1/operations${query}`);
        assert.equal(status, 400, query);
        assert.match(body.badRequest.message, text);
      }
    });

    it('are shown with steps, locks and what they wait for', async () => {
      const made = await rig.ask('POST', '/volumes', { body: { volume: { size: 1 } } });
      const volume = made.body.volume.id as string;
      await rig.database('volumes').where({ id: volume }).update({ status: 'available' });
      const [creating] = await list(`?volume_id=${volume}`);
      const body = { snapshot: { volume_id: volume } };
      assert.equal((await rig.ask('POST', '/snapshots', { body })).status, 202);
      const [waiting] = await list(`?volume_id=${volume}`);
      assert.equal(waiting?.state, 'pending');
      const running = (await rig.askAdmin('GET', `/v1/operations/${creating?.id ?? ''}`)).body.operation;
      assert.equal(running.state, 'running');
      assert.deepEqual(running.locks, [{ resource: `volume:${volume}`, mode: 'chain', held: true }]);
      const now = running.steps.find((step: { name: string }) => step.name === running.step);
      assert.deepEqual([now.name, now.asked, now.done], ['create-image', true, false]);
      assert.equal(running.params.volumeId, volume);
      assert.deepEqual(running.resources, [{ type: 'volume', id: volume }]);
      assert.equal(running.advice, null);
      const second = (await rig.askAdmin('GET', `/v1/operations/${waiting?.id ?? ''}`)).body.operation;
      assert.deepEqual(second.waits_for, [creating?.id]);
      await rig.database('operations').where({ id: second.id }).update({ awaits_volume_id: volume });
      const [awaiting] = (await rig.askAdmin('GET', `/v1/operations?volume_id=${volume}`)).body.operations;
      assert.match(awaiting.advice, new RegExp(`stands on the layers of volume ${volume} any more.*chain tree`));
      await rig.database('operations').where({ id: second.id }).update({ awaits_volume_id: null });
      await rig.engine.settle();
      const ended = (await rig.askAdmin('GET', `/v1/operations/${creating?.id ?? ''}`)).body.operation;
      assert.equal(ended.state, 'done');
      assert.deepEqual([ended.locks, ended.waits_for], [[], []]);
      assert.ok(ended.steps.every((step: { done: boolean; asked: boolean }) => step.done === step.asked));
    });

    it('that are stuck say what a person can do', async () => {
      const volume = await rig.volume();
      const [done] = await list(`?volume_id=${volume}`);
      const error = { code: 'backend_offline', message: 'The share does not answer.', detail: 'ENOTCONN' };
      const state = { state: 'stuck', step: 'create-image', error: JSON.stringify(error), finished_at: null };
      const { database } = rig;
      await database('operations')
        .where({ id: done?.id ?? '' })
        .update(state);
      const [stuck] = (await rig.askAdmin('GET', `/v1/operations?state=stuck`)).body.operations;
      assert.equal(stuck.error.recovery, 'bring the share back; the operation is tried again');
      assert.match(stuck.advice, /bring the share back/);
      await database('operations')
        .where({ id: done?.id ?? '' })
        .update({ state: 'done', error: null, step: null, finished_at: database.raw('utc_now()') });
    });

    it('are cancelled while they copy, and are then what a failure makes them', async () => {
      const { operation_id: id, volume_id: volume } = await targets.runningCopy(rig);
      rig.engine.interfere = (command) =>
        command.operationId === id && command.phase === 'do'
          ? { kind: 'failed', error: { code: 'cancelled', message: 'The work was cancelled.' }, partial: false }
          : null;
      assert.equal((await rig.askAdmin('POST', `/v1/operations/${id}/cancel`)).status, 202);
      const told: { message: { kind: string; operationId: string } }[] = await rig.database('outbox').select('message');
      assert.ok(told.some(({ message }) => message.kind === 'cancel' && message.operationId === id));
      await rig.database('outbox').whereRaw("message->>'kind' = 'cancel'").delete();
      await rig.engine.settle();
      rig.engine.interfere = () => null;
      assert.equal(await rig.statusOf(volume), 'error');
      const again = await rig.askAdmin('POST', `/v1/operations/${id}/cancel`);
      assert.equal(again.status, 409);
      assert.match(again.body.conflictingRequest.message, /it is failed/);
      assert.equal((await rig.askAdmin('POST', `/v1/operations/${missingId}/cancel`)).status, 404);
    });

    it('that do not exist are not found, whatever is in the place of the id', async () => {
      for (const id of [missingId, 'x', '%25'])
        assert.equal((await rig.askAdmin('GET', `/v1/operations/${id}`)).status, 404);
    });
  });
}
