// Odd requests for every operation of the administration API, as member and administrator, in the manner of the other APIs.
import assert from 'node:assert/strict';
import { BlockRig, missingId, poolName, projectOf } from '../block-storage/block-rig.js';
import { forgetCopies, targets } from '../policy/targets.js';
import { Judge } from './judge.js';
import { operationsOf, readOpenApi } from './operations.js';
import { requestOf } from './requests.js';
import { rowDigestOf } from './row-digest.js';
import { countsText, runBatches, seedOfRun } from './run-batches.js';
import { Sender } from './send.js';

const BATCHES = 40;
const BATCH_SIZE = 50;
const RENEW_EVERY = 10;

describe('any request to the administration API', function () {
  this.timeout(180_000);
  let rig: BlockRig;
  let known: Record<string, readonly string[]> = {};

  before(async () => {
    rig = await BlockRig.open();
  });
  after(() => rig.close());

  async function renew(): Promise<void> {
    await rig.engine.settle();
    await forgetCopies(rig);
    await rig.database('share_scans').delete();
    await rig.database('pools').update({ evacuation: null, maintenance_since: null, maintenance_reason: null });
    await rig.clear();
    const scan = await targets.orphan(rig);
    const check = await targets.chainCheck(rig);
    const copy = await targets.instantCopy(rig);
    const snapshot = await targets.snapshot(rig);
    const volumes = [check.volume_id, copy.volume_id, snapshot.volume_id, missingId];
    known = {
      operation_id: [check.operation_id, missingId],
      volume_id: volumes,
      volume_ids: volumes,
      snapshot_id: [snapshot.snapshot_id, missingId],
      scan_id: [scan.scan_id, missingId],
      files: [scan.file],
      pool: [poolName],
      pool_name: [poolName],
      directory: ['leave-today'],
      project_id: [projectOf('ann')],
    };
  }

  it('is answered as documented, and changes nothing when it is refused', async () => {
    const document = readOpenApi('admin');
    const operations = operationsOf(document);
    const people = ['ann', 'admin'];
    const asker = {
      ...{ prefix: '/admin', document, people, versions: [] },
      known: (name: string) => (Object.hasOwn(known, name) ? (known[name] ?? []) : []),
    };
    const sender = new Sender(rig.baseUrl, 'admin');
    const seed = seedOfRun('administration');
    let arbitraries: ReturnType<typeof requestOf>[] = [];
    const counts = await runBatches({
      sender,
      judge: new Judge(document, rig.adminRecorder, 'fault'),
      digest: await rowDigestOf(rig.database),
      batches: BATCHES,
      seed,
      async batch(index) {
        if (index % RENEW_EVERY === 0) {
          await renew();
          arbitraries = operations.map((operation) => requestOf(operation, asker));
        }
        return Array.from({ length: BATCH_SIZE }, (_, at) => {
          const one = arbitraries[(index * BATCH_SIZE + at) % arbitraries.length];
          assert.ok(one !== undefined);
          return one;
        });
      },
    }).finally(() => sender.close());
    process.stdout.write(countsText('administration', seed, counts));
    assert.ok(counts.sent >= BATCHES * BATCH_SIZE, 'enough requests');
    assert.ok(counts.held > counts.loose, 'most refusals were held against the rows');
    await renew();
  });
});
