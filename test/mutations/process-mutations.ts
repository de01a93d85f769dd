// Guards at the seam to programs, of a process that stood still or has just begun, and in what an administrator's texts may say. Cheap.
import type { Mutation } from './mutation.js';

const stated = 'drivers/process/stated-formats.ts';
const runner = 'drivers/process/system-command-runner.ts';
const shareText = 'drivers/gluster/share-text.ts';

const inStated = (name: string, find: string, grep: string, replace: string): Mutation => ({
  name,
  file: stated,
  find,
  replace,
  tests: { files: ['test/unit/process/stated-formats.test.ts'], grep },
});
const inShareText = (name: string, find: string, grep: string, replace: string): Mutation => ({
  name,
  file: shareText,
  find,
  replace,
  tests: { files: ['test/security/share-strings.test.ts'], grep },
});

export const processMutations: readonly Mutation[] = [
  {
    name: 'standstill-before-effect',
    file: 'services/core/bus/command-executor.ts',
    find: 'standstill?.look();',
    replace: '',
    tests: { files: ['test/unit/bus/command-executor.test.ts'], grep: 'after the process stood still' },
  },
  {
    name: 'formats-asked-for',
    file: runner,
    find: 'if (unstated !== null)',
    replace: 'if (false)',
    tests: { files: ['test/unit/process/stated-formats.test.ts'], grep: 'resize without a format' },
  },
  inStated('path-without-format', "formats.includes(format ?? '') ? null", 'resize without a format', 'true ? null'),
  inStated('path-as-protocol', "if (!image.startsWith('/'))", 'a protocol instead', 'if (false)'),
  inStated(
    'known-verbs',
    'if (rule === undefined)',
    'a verb that is not used',
    'if (rule === undefined) return null; if (false)',
  ),
  inStated(
    'backing-format-stated',
    "below !== '' && !knownFormats",
    'a backing file without',
    'false && !knownFormats',
  ),
  inStated(
    'node-driver',
    "if (typeof driver !== 'string' || !formats.includes(driver))",
    'without a driver',
    'if (false)',
  ),
  inStated('node-protocol', "if (protocol !== 'file' || ", 'with another protocol', 'if (false && '),
  inStated('node-backing', 'if (backing === undefined)', 'chooses the backing', 'if (false)'),
  inStated('node-below', ': findIncomplete(backing, knownFormats)', 'such a layer below', ': null'),
  {
    name: 'foreign-parent',
    file: 'drivers/image/foreign-guard.ts',
    find: "if (head.toString('latin1').includes('parentFileNameHint')) return 'a parent';",
    replace: '',
    tests: { files: ['test/unit/image/foreign-guard.test.ts'], grep: 'a parent' },
  },
  {
    name: 'foreign-extent',
    file: 'drivers/image/foreign-guard.ts',
    find: 'name === undefined || /[/\\\\:]/.test(name)',
    replace: 'name === undefined',
    tests: { files: ['test/unit/image/foreign-guard.test.ts'], grep: 'an extent elsewhere' },
  },
  inStated('daemon-nodes', "if (node.driver === 'qcow2' &&", 'that follows a header', 'if (false &&'),
  {
    name: 'tool-user',
    file: runner,
    find: 'options.user === undefined ? []',
    replace: 'true ? []',
    tests: { files: ['test/unit/process/tool-user.test.ts'], grep: 'is that user' },
  },
  {
    name: 'no-new-privileges',
    file: runner,
    find: ", '--no-new-privs'",
    replace: '',
    tests: { files: ['test/unit/process/tool-user.test.ts'], grep: 'is that user' },
  },
  {
    name: 'supplementary-groups',
    file: runner,
    find: "'--clear-groups'",
    replace: "'--keep-groups'",
    tests: { files: ['test/unit/process/tool-user.test.ts'], grep: 'is named before' },
  },
  {
    name: 'no-shell',
    file: runner,
    find: 'shell: false',
    replace: 'shell: true',
    tests: { files: ['test/unit/process/system-command-runner.test.ts'], grep: 'passes words untouched' },
  },
  {
    name: 'minimal-environment',
    file: runner,
    find: 'env: { ...baseEnvironment,',
    replace: 'env: { ...process.env, ...baseEnvironment,',
    tests: { files: ['test/unit/process/system-command-runner.test.ts'], grep: 'minimal environment' },
  },
  {
    name: 'account-numbers',
    file: 'drivers/process/accounts.ts',
    find: 'Number(text) <= MAX_ID',
    replace: 'true',
    tests: { files: ['test/unit/process/tool-user.test.ts'], grep: '5:9999999999' },
  },
  inShareText('share-host', 'hostNamePattern.test(host) ||', '-oremount', "!host.includes('/') ||"),
  inShareText('share-zone', " && !host.includes('%')", 'fe80::1%eth0', ''),
  {
    name: 'predecessor-not-thought-of',
    file: 'services/core/bus/attempt-memory.ts',
    find: '    if (isOfThisLife && command.epoch > this.forgotten) return null;',
    replace: '    if (command.epoch > this.forgotten) return null;',
    tests: { files: ['test/unit/bus/attempt-memory.test.ts'], grep: 'asked again what came before' },
  },
  inShareText('share-brackets', 'isIPv6(inner) &&', 'not-an-address', ''),
  inShareText('share-url', "|| share.startsWith('//', at + 1)", 'gluster://host', ''),
  inShareText('share-volume-name', '|| !volumeNamePattern.test(glusterVolumeName)', 'logfile|--help', ''),
  inShareText('share-folder', '|| !folderPattern.test(folder)', 'filename|a b', ''),
  inShareText('share-dots', "folder === '..' || ", 'host:/vol/../../etc', ''),
  inShareText('share-length', ' || share.length > MAX_SHARE_LENGTH', 'host:/v/v/v', ''),
  {
    name: 'guest-server',
    file: 'drivers/qemu/share-transport.ts',
    find: 'if (!/^[A-Za-z0-9][A-Za-z0-9.:_-]{0,254}$/.test(host))',
    replace: 'if (false)',
    tests: { files: ['test/security/share-strings.test.ts'], grep: 'is not described with' },
  },
  {
    name: 'guest-volume-name',
    file: 'drivers/qemu/share-transport.ts',
    find: 'if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/.test(access.glusterVolumeName))',
    replace: 'if (false)',
    tests: { files: ['test/security/share-strings.test.ts'], grep: 'is not described with' },
  },
];
