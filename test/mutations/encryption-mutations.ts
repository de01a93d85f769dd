// Guards of encrypted volumes: what may be encrypted, with what, and where a secret may stand.
import type { Mutation } from './mutation.js';

const chainTests = ['test/contract/encryption/encrypted-chains.test.ts'];
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
