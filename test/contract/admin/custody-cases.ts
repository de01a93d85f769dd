// Scans of shares, plans, findings and recordings as administrators ask for them. The share is a list of entries; real ones are looked at in
// test/integration/custody.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { GIB } from '../../../services/core/domain/size.js';
import { type BlockRig, missingId, poolName, projectOf } from '../block-storage/block-rig.js';
import { foundVolume, targets } from '../policy/targets.js';

export function custodyCases(getRig: () => BlockRig): void {
  describe('custody', () => {
    let rig: BlockRig;
    before(() => {
      rig = getRig();
    });
    afterEach(async () => {
      rig.engine.world.scanned = [];
      await rig.clear();
    });

    async function scan(...entries: object[]): Promise<string> {
      rig.engine.world.scanned = entries;
      const { status, body } = await rig.askAdmin('POST', '/v1/share-scans', {
        body: { share_scan: { pool: poolName } },
      });
      assert.equal(status, 202, JSON.stringify(body));
      assert.equal(body.share_scan.state, 'running');
      await rig.engine.settle();
      return body.share_scan.id as string;
    }

    const record = (id: string, recording: object) =>
      rig.askAdmin('POST', `/v1/share-scans/${id}/recordings`, { body: { recording } });
    const wish = { apply: true, project_id: projectOf('ann'), user_id: 'someone' };

    it('a scan runs, ends, and is the newest of its pool', async () => {
      const first = await scan(foundVolume(randomUUID()));
      const shown = await rig.askAdmin('GET', `/v1/share-scans/${first}`);
      assert.equal(shown.body.share_scan.state, 'done');
      assert.equal(shown.body.share_scan.entries, 1);
      const second = await scan();
      assert.equal((await rig.askAdmin('GET', `/v1/share-scans/${first}`)).status, 404);
      assert.equal((await rig.askAdmin('GET', `/v1/share-scans/${second}`)).status, 200);
    });

    it('refuses a pool that is not there, and a second scan while one runs', async () => {
      const nowhere = { share_scan: { pool: 'nobody@nothing#h:/v' } };
      assert.equal((await rig.askAdmin('POST', '/v1/share-scans', { body: nowhere })).status, 400);
      const body = { share_scan: { pool: poolName } };
      assert.equal((await rig.askAdmin('POST', '/v1/share-scans', { body })).status, 202);
      assert.equal((await rig.askAdmin('POST', '/v1/share-scans', { body })).status, 409);
      await rig.engine.settle();
    });

    it('the plan is made of the scan and of the rows', async () => {
      const [fresh, poisoned] = [randomUUID(), randomUUID()];
      const known = await rig.volume();
      const bad = { ...foundVolume(poisoned), sizeBytes: GIB };
      const id = await scan(foundVolume(fresh), foundVolume(known), bad, {
        kind: 'other',
        name: 'lost+found',
        reason: 'no regular file',
      });
      const { body } = await rig.askAdmin('GET', `/v1/share-scans/${id}/plan`);
      const { volumes, snapshots, gib, known: there, refused } = body.share_plan.totals;
      assert.deepEqual([volumes, snapshots, gib, there, refused], [1, 0, 1, 1, 1]);
      assert.equal(body.share_plan.volumes[0].id, fresh);
      assert.equal(body.share_plan.volumes[0].evidence, 'length');
      const findings = await rig.askAdmin('GET', `/v1/share-scans/${id}/findings`);
      assert.deepEqual((findings.body.findings as { code: string }[]).map(({ code }) => code).sort(), [
        'unexplained-header',
        'unknown-file',
      ]);
      const paged = await rig.askAdmin('GET', `/v1/share-scans/${id}/findings?limit=1&offset=1`);
      assert.equal(paged.body.findings.length, 1);
      assert.equal(paged.body.total, 2);
      const said = await rig.askAdmin('GET', `/v1/share-scans/${id}/plan?base_format=qcow2`);
      assert.equal(said.body.share_plan.totals.volumes, 2);
      assert.equal((await rig.askAdmin('GET', `/v1/share-scans/${id}/plan?base_format=vmdk`)).status, 400);
    });

    it('records once: without apply nothing, then it, then nothing again', async () => {
      const fileId = randomUUID();
      const id = await scan(foundVolume(fileId));
      const volumes = [{ file_id: fileId, name: 'shop', metadata: { a: '1' }, created_at: '2024-02-03 04:05:06' }];
      const dry = await record(id, { ...wish, apply: false, volumes });
      assert.deepEqual(dry.body.recording, { recorded: [fileId], known: [], refused: [] });
      assert.equal((await rig.ask('GET', `/volumes/${fileId}`, { as: 'ann' })).status, 404);
      const done = await record(id, { ...wish, volumes });
      assert.equal(done.status, 200, JSON.stringify(done.body));
      assert.deepEqual(done.body.recording.recorded, [fileId]);
      const shown = await rig.ask('GET', `/volumes/${fileId}`, { as: 'ann' });
      assert.equal(shown.body.volume.name, 'shop');
      assert.equal(shown.body.volume.status, 'available');
      assert.equal(shown.body.volume.created_at, '2024-02-03T04:05:06.000000');
      assert.deepEqual(shown.body.volume.metadata, { a: '1' });
      const again = await record(id, { ...wish, volumes });
      assert.deepEqual(again.body.recording, { recorded: [], known: [fileId], refused: [] });
    });

    it('gives another id, a type by name, and maintenance to what somebody has', async () => {
      const [fileId, id] = [randomUUID(), randomUUID()];
      const scanId = await scan(foundVolume(fileId));
      const volumes = [{ file_id: fileId, id, attached: true }];
      assert.match(
        (await record(scanId, { ...wish, volumes: [{ ...volumes[0], volume_type: 'no such type' }] })).body.recording
          .refused[0].reason,
        /no such type/,
      );
      assert.deepEqual((await record(scanId, { ...wish, volumes })).body.recording.recorded, [id]);
      assert.equal((await rig.ask('GET', `/volumes/${id}`, { as: 'ann' })).body.volume.status, 'maintenance');
      assert.deepEqual((await record(scanId, { ...wish, volumes })).body.recording.known, [fileId]);
    });

    it('says why a volume cannot be recorded, and refuses what is no request', async () => {
      const fileId = randomUUID();
      const id = await scan(foundVolume(fileId));
      const reasonOf = async (recording: object): Promise<string> => {
        const { body } = await record(id, recording);
        return body.recording.refused[0].reason as string;
      };
      assert.match(await reasonOf({ apply: true, volumes: [{ file_id: fileId }] }), /no project/);
      assert.match(await reasonOf({ ...wish, volumes: [{ file_id: fileId, encrypted: true }] }), /encrypt/);
      assert.match(await reasonOf({ ...wish, volumes: [{ file_id: randomUUID() }] }), /no such volume/);
      for (const bad of [
        { ...wish, volumes: [] },
        { ...wish, volumes: [{ file_id: 'x' }] },
        { ...wish, volumes: [{ file_id: fileId, created_at: 'yesterday' }] },
        { ...wish, volumes: [{ file_id: fileId }], colour: 'red' },
      ]) {
        assert.equal((await record(id, bad)).status, 400, JSON.stringify(bad));
      }
      assert.equal((await record(missingId, { ...wish, volumes: [{ file_id: fileId }] })).status, 404);
      await rig.database('share_scans').update({ finished_at: rig.database.raw("utc_now() - interval '2 hours'") });
      assert.equal((await record(id, { ...wish, volumes: [{ file_id: fileId }] })).status, 409);
    });

    it('a scan that failed has no plan', async () => {
      const { scan_id: id } = await targets.shareScan(rig);
      await rig
        .database('share_scans')
        .update({ state: 'failed', error: JSON.stringify({ code: 'backend_offline', message: 'hung' }) });
      const { status, body } = await rig.askAdmin('GET', `/v1/share-scans/${id}/plan`);
      assert.equal(status, 409, JSON.stringify(body));
      const shown = await rig.askAdmin('GET', `/v1/share-scans/${id}`);
      assert.equal(shown.body.share_scan.error.code, 'backend_offline');
    });
  });
}
