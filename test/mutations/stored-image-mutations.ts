// Guards behind the upload of images: what a kept image may do to the volumes that are made of it, whose it is, and how much its copies may take.
import type { Mutation } from './mutation.js';

const volumeTests = ['test/security/image-volumes.test.ts'];
const exhaustionTests = ['test/security/exhaustion.test.ts'];

export const storedImageMutations: readonly Mutation[] = [
  {
    name: 'foreign-trait',
    file: 'drivers/gluster/convert-image.ts',
    find: 'if (trait !== null) throw hostile(file, trait);',
    replace: 'trait;',
    tests: { files: volumeTests, grep: 'T-F04 .*(flat disk|parent)' },
  },
  {
    name: 'former-members',
    file: 'services/core/db/block-storage/image-source.ts',
    find: "void shared.where({ 'i.visibility': 'shared' }).whereExists(membership(db, project));",
    replace: 'void shared.whereExists(membership(db, project));',
    tests: { files: volumeTests, grep: 'former members' },
  },
  {
    name: 'offered-names',
    file: 'services/core/db/block-storage/image-source.ts',
    find: "return listedFor(db, who).andWhere({ 'i.name': name })",
    replace: "return visibleTo(db, who).andWhere({ 'i.name': name })",
    tests: { files: volumeTests, grep: 'only offer' },
  },
  {
    name: 'encrypted-download',
    file: 'services/core/db/transfer/direct-transfers.ts',
    find: "await demandPlain(tx, volumeId, 'Downloading');",
    replace: '',
    tests: { files: volumeTests, grep: 'is not downloaded' },
  },
  {
    name: 'reimage-old-content',
    file: 'services/core/operations/volume-reimage.ts',
    find: 'const files = ownLayersBefore(needPlan(context)).map(({ file }) => file);',
    replace: "const files = ownLayersBefore(needPlan(context)).map(() => 'volume-' + volume.id + '.none');",
    tests: { files: ['test/security/remanence.test.ts'], grep: 'T-D02 .*by a full copy, in the pool plain' },
  },
  {
    name: 'cache-copy-size',
    file: 'services/core/operations/image-cache-fill.ts',
    find: '...(context.params.maxSizeGib === undefined ? {}',
    replace: '...(context.params.maxSizeGib !== -1 ? {}',
    tests: { files: exhaustionTests, grep: 'T-X03 .*64 GiB' },
  },
  {
    name: 'cache-bounded',
    file: 'services/core/db/block-storage/volume-from-image.ts',
    find: 'await makeRoom(tx, pool.name, sizeGib, who);',
    replace: '',
    tests: { files: exhaustionTests, grep: 'T-X03 .*by count and by size' },
  },
];
