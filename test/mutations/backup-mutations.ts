// Guards of backups: names that become paths, what a record may say, whose objects are believed, which keys stay; and of what copies stand on.
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
    find: 'return sha256(data).equals(entry.sha256) ? data : null;',
    replace: 'return data;',
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
  {
    name: 'backup-shared-objects',
    file: 'services/core/operations/backup.ts',
    find: 'backup != null && !backup.objectsAreShared',
    replace: 'backup != null',
    tests: {
      files: ['test/integration/engine/encrypted-backups.test.ts'],
      grep: 'are found again by their record',
    },
  },
  {
    name: 'backup-key-kept',
    file: 'services/core/db/engine/facts.ts',
    find: 'where b.encryption_key_id = v.encryption_key_id or not b.objects_seen)',
    replace: 'where not b.objects_seen)',
    tests: {
      files: ['test/integration/engine/encrypted-backups.test.ts'],
      grep: 'are sealed with a key of the volume',
    },
  },
  {
    name: 'backup-objects-unseen',
    file: 'services/core/db/engine/backup-facts.ts',
    find: 'not b.objects_seen or exists (select 1 from backups o where o.objects_of',
    replace: 'exists (select 1 from backups o where o.objects_of',
    tests: {
      files: ['test/integration/engine/encrypted-backups.test.ts'],
      grep: 'lose neither objects nor key',
    },
  },
  {
    name: 'backup-key-left-late',
    file: 'services/core/operations/volume-migrate.ts',
    find: 'plan?.keyLeft !== undefined && facts.keyLeftIsNeeded !== true',
    replace: 'plan?.keyLeft !== undefined',
    tests: {
      files: ['test/integration/engine/encrypted-backups.test.ts'],
      grep: 'keep a key that their volume leaves behind',
    },
  },
  {
    name: 'merge-asks-files',
    file: 'drivers/gluster/shared-layer.ts',
    find: 'if (references.length === 0) return;',
    replace: 'if (references.length < 1000) return;',
    tests: { files: ['test/integration/custody/rebuild.test.ts'], grep: 'changes no layer that a copy stands on' },
  },
  {
    name: 'clone-stands-again',
    file: 'services/core/db/outcomes/volume-clone.ts',
    find: 'else if (guestIsLive(context)) await standAgain(tx, row);',
    replace: 'else if (guestIsLive(context)) await lockVolumes(tx, [volumeId]);',
    tests: {
      files: ['test/integration/engine/clones.test.ts'],
      grep: 'keeps what a copy stands on that was shown as failed',
    },
  },
  {
    name: 'backup-stays-encrypted',
    file: 'services/core/db/block-storage/backup-restore.ts',
    find: 'if (open === undefined) return;',
    replace: "if (open === undefined || backupId !== '') return;",
    tests: { files: ['test/integration/engine/encrypted-backups.test.ts'], grep: 'and never a plain one' },
  },
];
