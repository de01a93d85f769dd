// An administrator resets a volume's status while an operation works on it, and something else is asked at once: os-reset_status is a word
// over the record and stops nothing. Whatever meets, everything comes to rest: no operation, lock or file is left, and the pools promise
// what the volumes are large.
import assert from 'node:assert/strict';
import type { Deed } from './pair-deeds.js';
import { deedsByStart } from './pair-deeds.js';
import { PairStage } from './pair-stage.js';

const firsts = ['delete', 'cascade', 'unmanage', 'extend', 'snapshot', 'clone', 'migrate', 'revert'] as const;
const deeds: Readonly<Record<string, Deed>> = deedsByStart['with a snapshot'];
const seconds = [...Object.keys(deeds)];

async function letGo({ rig }: PairStage, volumeId: string): Promise<void> {
  await rig.engine.settle();
  const held: string[] = await rig
    .database('attachments')
    .where({ volume_id: volumeId, managed_server_id: null })
    .pluck('id');
  for (const id of held) {
    const { status } = await rig.ask('DELETE', `/attachments/${id}`, { as: 'admin', version: '3.27' });
    assert.equal(status, 200);
  }
}

describe('a status that is reset in the midst of an operation', function suite() {
  this.timeout(120_000);
  let stage: PairStage;
  before(async () => {
    stage = await PairStage.open();
  });
  after(() => stage.close());

  for (const first of firsts) {
    it(`${first}, reset, and then everything`, async () => {
      const restless: string[] = [];
      for (const second of seconds) {
        for (const steps of first === 'migrate' ? [0, 2] : [0, 1]) {
          const start = ['delete', 'unmanage', 'migrate'].includes(first) ? 'resting' : 'with a snapshot';
          const ids = await stage.set(start);
          const { rig } = stage;
          const begun = await deeds[first]?.send(rig, ids);
          assert.ok(begun !== undefined && begun.status < 400, `${first}: ${JSON.stringify(begun)}`);
          for (let step = 0; step < steps; step += 1) await rig.engine.step();
          const reset = { status: 'available', migration_status: 'none' };
          const answer = await rig.act(ids.volume, { 'os-reset_status': reset }, { as: 'admin' });
          if (answer.status !== 404) assert.equal(answer.status, 202);
          await rig.database('volumes').update({ migration_status: null });
          const reply = await deeds[second]?.send(rig, ids);
          assert.ok(reply !== undefined && reply.status < 500, `${second}: ${JSON.stringify(reply)}`);
          // A clone's last part changes layers that somebody elsewhere has open: it waits, unseen, until they have let go.
          if (first === 'clone' && steps > 0 && reply.status < 400) await letGo(stage, ids.volume);
          try {
            await stage.demandRest(first === 'unmanage' || second === 'unmanage');
          } catch (thrown) {
            restless.push(`${steps} steps, then ${second} (${reply.status}): ${String(thrown)}`);
          }
          await stage.clear();
        }
      }
      assert.deepEqual(restless, []);
    });
  }
});
