// Guards of encrypted volumes: what may be encrypted, with what, and where a secret may stand.
import type { Mutation } from './mutation.js';

const chainTests = ['test/contract/encryption/encrypted-chains.test.ts'];
const fileTests = ['test/integration/engine/encryption-on-files.test.ts'];
const keyTests = ['test/unit/key-store/file-key-store.test.ts'];

export const encryptionMutations: readonly Mutation[] = [
  {
    name: 'encrypted-on-record',
    file: 'services/core/domain/chain.ts',
    find: 'if (seen.encrypted !== true && layer.keyId !== undefined)',
    replace: 'if (false as boolean)',
    tests: { files: chainTests, grep: 'a plain file that is encrypted on record' },
  },
  {
    name: 'encrypted-not-on-record',
    file: 'drivers/image/image-guard.ts',
    find: 'if (record.keyId === undefined && (',
    replace: 'if ((false as boolean) && (',
    tests: { files: chainTests, grep: 'an encrypted file that is plain on record' },
  },
  {
    name: 'encrypted-format',
    file: 'drivers/gluster/make-image.ts',
    find: "if (spec.keyId !== undefined && format !== 'qcow2')",
    replace: 'if (false as boolean)',
    tests: { files: chainTests, grep: 'an encrypted file that is not qcow2' },
  },
  {
    name: 'sealed-image-plain-volume',
    file: 'services/core/db/block-storage/image-source.ts',
    find: 'if (!image.encrypted || volumeIsEncrypted) return;',
    replace: 'if (!image.encrypted || volumeIsEncrypted !== null) return;',
    tests: { files: fileTests, grep: 'are ciphertext with the key of the volume' },
  },
  {
    name: 'sealed-image-copied-plain',
    file: 'services/core/db/block-storage/volume-create.ts',
    find: '(isCopied || image.pinned.encrypted || pool.name === source.pool)',
    replace: '(isCopied || pool.name === source.pool)',
    tests: { files: fileTests, grep: 'are ciphertext with the key of the volume' },
  },
  {
    name: 'image-key-as-written',
    file: 'services/core/db/block-storage/image-source.ts',
    find: 'const format = needFormat(image, row?.encrypted === true);',
    replace: 'const format = needFormat(image, true);',
    tests: { files: ['test/integration/engine/images-on-files.test.ts'], grep: 'whose bytes are encrypted elsewhere' },
  },
  {
    name: 'export-in-plain',
    file: 'services/core/db/admin/exports.ts',
    find: 'if (!encrypted || decrypt) return;',
    replace: 'if (!encrypted || !decrypt) return;',
    tests: { files: ['test/contract/admin/admin-api.test.ts'], grep: 'are plain copies, and wanted in so many words' },
  },
  {
    name: 'secret-in-arguments',
    file: 'drivers/process/stated-formats.ts',
    find: "if (!acceptedObject.test(words[++at] ?? ''))",
    replace: "if (words[++at] === 'never')",
    tests: { files: ['test/unit/process/stated-formats.test.ts'], grep: 'a secret in an argument' },
  },
  {
    name: 'master-key-for-all',
    file: 'drivers/key-store/file-key-store.ts',
    find: 'if ((statSync(masterKeyFile).mode & 0o077) !== 0)',
    replace: 'if (false as boolean)',
    tests: { files: keyTests, grep: 'that others may read' },
  },
];
