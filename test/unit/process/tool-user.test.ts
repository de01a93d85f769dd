// Programs under another user: the words in front of them, what they really become, and how users are named by an administrator.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readAccount } from '../../../drivers/process/accounts.js';
import { systemCommandRunner, wrapArgv } from '../../../drivers/process/system-command-runner.js';

const user = { uid: 64_123, gid: 64_124, groups: [64_125] };

describe('a program under another user', () => {
  it('is named before the death signal, which a change of user would clear', () => {
    const words = wrapArgv(['true'], { user, limits: { cpuSeconds: 2 } });
    assert.equal(
      words.join(' '),
      'prlimit --cpu=2 -- setpriv --reuid=64123 --regid=64124 --groups=64125 --no-new-privs --pdeathsig KILL -- true',
    );
    assert.match(wrapArgv(['true'], { user: { ...user, groups: [] } }).join(' '), /--clear-groups/);
  });

  it('is that user, has no capability, can gain none, and dies with its parent', async function test() {
    if (process.getuid?.() !== 0) {
      console.log('      skipped: only root can become another user');
      this.skip();
    }
    const script = 'cat /proc/self/status; id -u; id -g; id -G';
    const { stdout } = await systemCommandRunner.run(['sh', '-c', script], { timeoutMs: 5_000, user });
    assert.match(stdout, /^Uid:\t64123\t64123\t64123\t64123$/m);
    assert.match(stdout, /^Gid:\t64124\t64124\t64124\t64124$/m);
    assert.match(stdout, /^CapEff:\t0+$/m);
    assert.match(stdout, /^NoNewPrivs:\t1$/m);
    assert.match(stdout, /\n64123\n64124\n64124 64125\n$/);
  });
});

describe('an account as an administrator writes it', () => {
  let folder = '';
  const files = () => ({ passwd: path.join(folder, 'passwd'), group: path.join(folder, 'group') });
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'saggar-accounts-'));
    writeFileSync(files().passwd, 'root:x:0:0::/:/bin/sh\nqemu:x:107:108::/:/sbin/nologin\n');
    writeFileSync(files().group, 'kvm:x:36:qemu\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  const good = { qemu: [107, 108], 'qemu:kvm': [107, 36], '107': [107, 108], '5:6': [5, 6], root: [0, 0] } as const;
  for (const [text, [uid, gid]] of Object.entries(good)) {
    it(`${text} is ${uid}:${gid}`, () => assert.deepEqual(readAccount(text, files()), { uid, gid }));
  }
  for (const text of [
    '',
    ':',
    'qemu:',
    ':kvm',
    'nobody',
    'qemu:wheel',
    '5',
    '1:2:3',
    '-1:5',
    '5:9999999999',
    '5:99999999999',
    'qem',
  ]) {
    it(`${JSON.stringify(text)} is refused`, () => assert.throws(() => readAccount(text, files()), /user|group/));
  }
});
