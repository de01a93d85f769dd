// Guards of backups: names that become paths, what a record may say, and whose objects are believed.
import type { Mutation } from './mutation.js';

const targetTests = ['test/contract/backup-target/directory.test.ts'];
const identityTests = ['test/security/backup-identity.test.ts'];

export const backupMutations: readonly Mutation[] = [
  {
    name: 'backup-container',
    file: 'services/core/domain/backup.ts',
    find: 'return containerPattern.test(value);',
    replace: 'return value.length <= 64;',
    tests: { files: targetTests, grep: 'T-M01 refuses names' },
  },
  {
    name: 'backup-place',
    file: 'drivers/backup/backup-target.ts',
    find: "if (!ok) throw new ServiceError('bad_request'",
    replace: "if (!ok && name === 'never') throw new ServiceError('bad_request'",
    tests: { files: targetTests, grep: 'T-M01 refuses names' },
  },
  {
    name: 'backup-links',
    file: 'drivers/backup/directory-files.ts',
    find: 'if (facts === null || facts.isDirectory()) continue;',
    replace: 'if (facts === null || facts.mode !== -1) continue;',
    tests: { files: targetTests, grep: 'T-M01 follows no link' },
  },
  {
    name: 'backup-seal-demanded',
    file: 'drivers/backup/seal.ts',
    find: 'if (expected.isSealed === true && head.key === null)',
    replace: 'if (false as boolean)',
    tests: { files: identityTests, grep: 'somebody without the key' },
  },
  {
    name: 'backup-chunk-hash',
    file: 'drivers/backup/read-backup.ts',
    find: "if (!sha256(data).equals(entry.sha256)) throw spoilt('chunk');",
    replace: 'sha256(data).equals(entry.sha256);',
    tests: { files: identityTests, grep: 'gives out no chunk that is not the one on record' },
  },
  {
    name: 'backup-object-stretch',
    file: 'drivers/backup/write-backup.ts',
    find: 'if (wish === UNCHANGED) batch.push({ chunk, isChanged: false });',
    replace: 'if (wish === UNCHANGED) this.same(chunk);',
    tests: {
      files: ['test/integration/engine/backups-on-files.test.ts'],
      grep: 'can be read again wherever the changed parts',
    },
  },
];
