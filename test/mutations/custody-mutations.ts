// Guards in what is read off a share and recorded from it, and in the helper's private directory.
import type { Mutation } from './mutation.js';

const hostileShare = ['test/integration/custody/hostile-share.test.ts'];
const privateDirectory = ['test/security/private-directory.test.ts'];
const plans = ['test/unit/custody/plan-share.test.ts'];

export const custodyMutations: readonly Mutation[] = [
  {
    name: 'custody-key-on-record',
    file: 'services/core/domain/custody/layer-format.ts',
    find: 'return judgeEncryption(file, evidence.keyId ?? null) ?? judged;',
    replace: 'return judged;',
    tests: { files: ['test/integration/engine/encryption-on-files.test.ts'], grep: 'record of the key is gone' },
  },
  {
    name: 'claims-on-files',
    file: 'services/core/db/block-storage/file-owner.ts',
    find: "return latchResources(tx, ['files:claims']);",
    replace: 'return Promise.resolve(void tx);',
    tests: { files: ['test/integration/custody/orphan-races.test.ts'], grep: 'never both' },
  },
  {
    name: 'headers-before-start',
    file: 'services/core/operations/server.ts',
    find: 'return [...Array.from({ length: disks }, (_, index) => checkDisk<T>(index)), startStep<T>(undoable)];',
    replace: 'return [startStep<T>(undoable)];',
    tests: { files: ['test/security/guest-starts.test.ts'], grep: 'T-F05 starting guests' },
  },
  {
    name: 'private-no-links',
    file: 'drivers/gluster/share-io-files.ts',
    find: 'const handle = await open(file, flags | O_NOFOLLOW, 0o600);',
    replace: 'const handle = await open(file, flags, 0o600);',
    tests: { files: privateDirectory, grep: 'link in the place of the (directory|trash)' },
  },
  {
    name: 'probe-new-file',
    file: 'drivers/gluster/share-io-health.ts',
    find: 'await unlinkIfThere(file);\n    try {\n      await withFile(file, O_WRONLY | O_CREAT | O_EXCL,',
    replace: 'try {\n      await withFile(file, O_WRONLY | O_CREAT | constants.O_TRUNC,',
    tests: { files: privateDirectory, grep: 'probe cuts off no disk' },
  },
  {
    name: 'anchor-one-name',
    file: 'drivers/gluster/share-io-files.ts',
    find: "if (!found.isFile() || found.nlink !== 1) throw errno('EMLINK', file);",
    replace: 'found;',
    tests: { files: privateDirectory, grep: 'anchor cuts off no disk' },
  },
  {
    name: 'trash-past-obstacles',
    file: 'drivers/gluster/share-io-trash.ts',
    find: "if (isErrno(thrown, 'EISDIR') || isErrno(thrown, 'EPERM')) return false;",
    replace: '',
    tests: { files: privateDirectory, grep: 'directory among the trash' },
  },
  {
    name: 'custody-file-on-record',
    file: 'services/core/domain/custody/plan-share.ts',
    find: 'if (row === undefined) continue;',
    replace: 'continue;',
    tests: { files: plans, grep: 'that has a row' },
  },
  {
    name: 'custody-changed-since',
    file: 'services/core/domain/custody/plan-share.ts',
    find: 'return busy === undefined\n    ? null',
    replace: 'return true\n    ? null',
    tests: { files: plans, grep: 'operation works on' },
  },
  {
    name: 'custody-two-claims',
    file: 'services/core/domain/custody/share-index.ts',
    find: "findings.push(finding('claimed-twice', other,",
    replace: "void (finding('claimed-twice', other,",
    tests: { files: plans, grep: 'two records claim' },
  },
  {
    name: 'custody-record-columns',
    file: 'services/core/domain/custody/custody-record.ts',
    find: 'if (unusable !== null) return',
    replace: 'if (false) return',
    tests: { files: plans, grep: 'columns that no table' },
  },
  {
    name: 'custody-frozen-on-record',
    file: 'services/core/db/custody/record-volumes.ts',
    find: 'return above !== undefined;',
    replace: 'return true;',
    tests: { files: hostileShare, grep: 'another one writes to' },
  },
  {
    name: 'messages-storable',
    file: 'services/core/messages/parse-message.ts',
    find: "(unusable === undefined ? one : '\\\\ufffd')",
    replace: '(unusable === undefined ? one : one)',
    tests: { files: ['test/contract/messages/messages.test.ts'], grep: 'could not store' },
  },
];
