// Seeded bugs in what touches files: something is not on stable storage when it is said to be, a tool is believed, old data is pushed over new.
import type { SeededBug } from './seeded-bug.js';

const durableTests = ['test/unit/gluster/durable-files.test.ts'];
const driverTests = ['test/contract/volume-driver/directory.test.ts'];
const files = 'drivers/gluster/share-io-files.ts';

export const seededDriverBugs: readonly SeededBug[] = [
  {
    name: 'record-not-synced',
    bug: 'no fsync in the writer of records: after a loss of power the record is empty',
    file: files,
    find: 'await Promise.all([handle.writeFile(content), ownBy(handle, like), handle.chmod(mode)]);\n    await handle.sync();\n',
    replace: 'await Promise.all([handle.writeFile(content), ownBy(handle, like), handle.chmod(mode)]);\n',
    tests: { files: durableTests, grep: 'a record:' },
  },
  {
    name: 'rename-not-synced',
    bug: 'no fsync of the directory: after a loss of power the old record is back',
    file: files,
    find: "  await rename(part, file);\n  await syncDirectory('.');\n",
    replace: '  await rename(part, file);\n',
    tests: { files: durableTests, grep: 'a record:' },
  },
  {
    name: 'header-not-synced',
    bug: 'an image gets its name before its header is on stable storage',
    file: files,
    find: '      handle.chmod(params.mode),\n    ]);\n    await handle.sync();\n',
    replace: '      handle.chmod(params.mode),\n    ]);\n',
    tests: { files: durableTests, grep: 'an image:' },
  },
  {
    name: 'published-by-rename',
    bug: 'a worker that wakes up late renames its empty file over the one that a guest writes to',
    file: files,
    find: '  await link(part, file);\n  await unlink(part);\n',
    replace: '  await rename(part, file);\n',
    tests: { files: durableTests, grep: 'one that comes late' },
  },
  {
    name: 'backing-name-absolute',
    bug: 'an overlay names its base by the path of a mount instead of its base name',
    file: 'drivers/image/qcow2-writer.ts',
    find: "const name = Buffer.from(backing.file, 'latin1');",
    replace: "const name = Buffer.from('/' + backing.file, 'latin1');",
    tests: { files: driverTests, grep: 'makes an empty overlay with a relative name' },
  },
  {
    name: 'merge-not-read-back',
    bug: 'a merge is called done because the tool said so, without reading the headers again',
    file: 'drivers/gluster/commit-layer.ts',
    find: '    if (merge.child !== null && !(await pointsPast(share, merge))) throw notRepointed(merge.child);\n',
    replace: '',
    tests: { files: driverTests, grep: 'is not believed' },
  },
  {
    name: 'merged-mark-ignored',
    bug: 'a merge that is asked for again pushes old data over what a guest has written since',
    file: 'drivers/gluster/commit-layer.ts',
    find: '  if (top.header?.mergedMark === true) return;\n',
    replace: '',
    tests: { files: driverTests, grep: 'it does not push old data over it' },
  },
];
