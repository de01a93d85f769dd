// Guards around an image service that is somebody else's, and what comes from stores that others may write to.
import type { Mutation } from './mutation.js';

const serviceTests = ['test/security/image-service.test.ts'];
const backupTests = ['test/security/forged-backups.test.ts'];

export const imageServiceMutations: readonly Mutation[] = [
  {
    name: 'image-attributes',
    file: 'services/api/glance/glance-images.ts',
    find: '.filter(([key]) => !baseFields.has(key))),',
    replace: '),',
    tests: { files: serviceTests, grep: 'T-A06 lets nothing' },
  },
  {
    name: 'image-texts',
    file: 'services/api/glance/glance-images.ts',
    find: "typeof value === 'string' && isStorable(value) ? value : null;",
    replace: "typeof value === 'string' ? value : null;",
    tests: { files: serviceTests, grep: 'T-X08 keeps nothing' },
  },
  {
    name: 'image-metadata-bounded',
    file: 'services/core/db/block-storage/image-source.ts',
    find: "demandBoundedMetadata('image metadata', {}, metadata);",
    replace: '',
    tests: { files: serviceTests, grep: 'T-X07 takes no image' },
  },
  {
    name: 'image-foreseen',
    file: 'services/core/db/block-storage/volume-create.ts',
    find: "if (wish.source?.kind === 'image') await foreseeImage(database, wish.source.id, who);",
    replace: '',
    tests: { files: serviceTests, grep: 'T-X10 keeps nobody else' },
  },
  {
    name: 'image-taken-back',
    file: 'services/core/db/block-storage/volume-to-image.ts',
    find: 'await images.withdraw(imageId);',
    replace: '',
    tests: { files: serviceTests, grep: 'takes an image back' },
  },
  {
    name: 'image-left-elsewhere',
    file: 'services/core/operations/volume-to-image.ts',
    find: 'mayBeLeft: true,',
    replace: '',
    tests: { files: serviceTests, grep: 'gives a volume back' },
  },
  {
    name: 'fetched-declared',
    file: 'services/core/operations/image-cache-fill.ts',
    find: ' && !showsItself(remote.declared);',
    replace: ';',
    tests: { files: serviceTests, grep: 'T-F06 stands on no bytes' },
  },
  {
    name: 'backup-object-bytes',
    file: 'drivers/backup/directory-target.ts',
    find: 'if (at + piece.length > maxBytes) throw objectTooLong(name);',
    replace: '',
    tests: { files: ['test/contract/backup-target/directory.test.ts'], grep: 'T-B01 holds no more' },
  },
  {
    name: 'backup-answer-bytes',
    file: 'drivers/backup/http-store.ts',
    find: 'if (size > most) throw tooLong();',
    replace: '',
    tests: { files: backupTests, grep: 'an answer without end' },
  },
  {
    name: 'backup-disk-bytes',
    file: 'drivers/backup/backup-store.ts',
    find: 'isCount(sizeBytes, maxDiskBytes)',
    replace: 'isCount(sizeBytes, MAX_DISK_BYTES)',
    tests: { files: backupTests, grep: 'a manifest of a larger disk' },
  },
  {
    name: 'backup-record-bounds',
    file: 'services/core/operations/backup.ts',
    find: '...(deep ? {} : { maxDiskBytes: gibToBytes(backup.sizeGib) }),',
    replace: '',
    tests: { files: backupTests, grep: 'says how large the disk may be' },
  },
  {
    name: 'backup-record-text',
    file: 'services/core/db/block-storage/backup-record.ts',
    find: 'value.length <= MAX_TEXT && isStorable(value);',
    replace: 'value.length <= MAX_TEXT;',
    tests: { files: backupTests, grep: 'T-B01 takes no record' },
  },
  {
    name: 'backup-record-moment',
    file: 'services/core/db/block-storage/backup-record.ts',
    find: ' && time.toISOString().startsWith(text);',
    replace: ';',
    tests: { files: backupTests, grep: 'T-B01 takes no record' },
  },
  {
    name: 'verification-places',
    file: 'services/volume-worker/heavy-work.ts',
    find: 'own: deep === true ? [backupStorePlace] : []',
    replace: 'own: []',
    tests: { files: backupTests, grep: 'whole backups are read by so many' },
  },
];
