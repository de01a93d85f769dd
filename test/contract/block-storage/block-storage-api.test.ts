// Every operation of the block-storage API over the real engine with a world in memory; each answer is held against
// api-spec/block-storage.yaml by the rig, and an operation that nothing here answers with success fails the suite.
import assert from 'node:assert/strict';
import { actionCases } from './action-cases.js';
import { attachmentCases } from './attachment-cases.js';
import { backendCases } from './backend-cases.js';
import { backupCases } from './backup-cases.js';
import { BlockRig } from './block-rig.js';
import { consistencyGroupCases } from './consistency-group-cases.js';
import { groupCases } from './group-cases.js';
import { groupSnapshotCases } from './group-snapshot-cases.js';
import { groupTypeCases } from './group-type-cases.js';
import { listCases } from './list-cases.js';
import { manageableCases } from './manageable-cases.js';
import { messageCases } from './message-cases.js';
import { operatorCases } from './operator-cases.js';
import { placementCases } from './placement-cases.js';
import { qosCases } from './qos-cases.js';
import { quotaCases } from './quota-cases.js';
import { shellCases } from './shell-cases.js';
import { snapshotCases } from './snapshot-cases.js';
import { transferCases } from './transfer-cases.js';
import { typeCases } from './type-cases.js';
import { typeRecordCases } from './type-record-cases.js';
import { volumeCases } from './volume-cases.js';
import { volumeDataCases } from './volume-data-cases.js';
import { volumeImageCases } from './volume-image-cases.js';
import { volumeMoveCases } from './volume-move-cases.js';
import { volumeRevertCases } from './volume-revert-cases.js';

describe('block-storage API', function () {
  this.timeout(60_000);
  let rig: BlockRig;

  before(async () => {
    rig = await BlockRig.open();
  });
  after(async () => {
    const missing = rig.recorder.missing();
    await rig.close();
    assert.deepEqual(missing, [], 'operations without a test');
  });

  describe('every request', () => shellCases(() => rig));
  describe('volumes', () => volumeCases(() => rig));
  describe('lists', () => listCases(() => rig));
  describe('actions', () => actionCases(() => rig));
  describe('data of volumes', () => volumeDataCases(() => rig));
  describe('boot images', () => volumeImageCases(() => rig));
  describe('moves', () => volumeMoveCases(() => rig));
  describe('reverts', () => volumeRevertCases(() => rig));
  describe('snapshots', () => snapshotCases(() => rig));
  describe('attachments', () => attachmentCases(() => rig));
  describe('backups', () => backupCases(() => rig));
  describe('transfers', () => transferCases(() => rig));
  describe('types', () => typeCases(() => rig));
  describe('group types', () => groupTypeCases(() => rig));
  describe('groups', () => groupCases(() => rig));
  describe('group snapshots', () => groupSnapshotCases(() => rig));
  describe('consistency groups', () => consistencyGroupCases(() => rig));
  describe('quotas', () => quotaCases(() => rig));
  describe('records of types', () => typeRecordCases(() => rig));
  describe('QoS specs', () => qosCases(() => rig));
  describe('messages', () => messageCases(() => rig));
  describe('operators', () => operatorCases(() => rig));
  describe('backends', () => backendCases(() => rig));
  describe('taking over', () => manageableCases(() => rig));
  describe('placement', () => placementCases(() => rig));
});
