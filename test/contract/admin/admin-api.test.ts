// Every operation of the administration API behind the real shell, over a fresh database and the real engine; each answer is held against
// api-spec/admin.yaml by the rig, and an operation that nothing here answers with success fails the suite. Cases are in files of their own.
import assert from 'node:assert/strict';
import { BlockRig } from '../block-storage/block-rig.js';
import { auditCases } from './audit-cases.js';
import { chainCases } from './chain-cases.js';
import { custodyCases } from './custody-cases.js';
import { exportCases } from './export-cases.js';
import { operationCases } from './operation-cases.js';
import { orphanCases } from './orphan-cases.js';
import { poolCases } from './pool-cases.js';

describe('administration API', function () {
  this.timeout(60_000);
  let rig: BlockRig;

  before(async () => {
    rig = await BlockRig.open();
  });
  after(async () => {
    await rig.close();
  });

  it('is discovered without a token', async () => {
    const root = await rig.askAdmin('GET', '/', { as: null });
    assert.equal(root.status, 300);
    assert.equal(root.body.versions[0].links[0].href, 'http://saggar.test:8776/admin/v1/');
  });

  it('knows nobody without a token, and no path that it does not serve', async () => {
    assert.equal((await rig.askAdmin('GET', '/v1/operations', { as: null })).status, 401);
    assert.equal((await rig.askAdmin('GET', '/v1/nothing')).status, 404);
    assert.equal((await rig.askAdmin('GET', '/v1/operations', { as: 'ann' })).status, 403);
  });

  operationCases(() => rig);
  chainCases(() => rig);
  orphanCases(() => rig);
  exportCases(() => rig);
  custodyCases(() => rig);
  poolCases(() => rig);
  auditCases(() => rig);

  // Last: mocha runs a suite's own tests before those of the suites within.
  describe('all of it', () => {
    it('has a case for every operation', () => {
      assert.deepEqual(rig.adminRecorder.missing(), []);
    });
  });
});
