// Guards on the way of boot images into the service, and of the rows that hold them out of every client's lists.
import type { Mutation } from './mutation.js';

const imageTests = ['test/security/images.test.ts'];
const hiddenTests = ['test/security/hidden-volumes.test.ts'];

export const imageMutations: readonly Mutation[] = [
  {
    name: 'image-raw-claims',
    file: 'drivers/gluster/receive-image.ts',
    find: 'if (claim !== null) throw',
    replace: 'if (false) throw',
    tests: { files: imageTests, grep: 'a file of the host, declared raw' },
  },
  {
    name: 'image-declared',
    file: 'services/core/operations/image-upload.ts',
    find: 'if (declared === null || !showsItself(declared) || detected.includes(declared)) return;',
    replace: 'if (detected.length >= 0) return;',
    tests: { files: imageTests, grep: 'does not show what it is declared' },
  },
  {
    name: 'hidden-lists',
    file: 'services/core/db/block-storage/volume-rows.ts',
    find: `always: "v.purpose = 'volume'"`,
    replace: "always: 'true'",
    tests: { files: hiddenTests, grep: 'no list' },
  },
  {
    name: 'hidden-rows',
    file: 'services/core/db/block-storage/volume-change.ts',
    find: "tx('volumes').where({ id, purpose: 'volume' }).forUpdate()",
    replace: "tx('volumes').where({ id }).forUpdate()",
    tests: { files: hiddenTests, grep: 'no action' },
  },
];
