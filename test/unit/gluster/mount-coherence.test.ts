// Which mounts show what guests write: from mount words, from a client's command line, and which client of several serves.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  addCoherentOptions,
  findIncoherence,
  optionsOfClient,
  optionsOfMountWords,
  readClientArguments,
} from '../../../drivers/gluster/mount-coherence.js';

describe('the coherence of a mount', () => {
  const ofWords = (...words: string[]) => findIncoherence(optionsOfMountWords(words));
  const ofClient = (...words: string[]) => findIncoherence(optionsOfClient(['/usr/sbin/glusterfs', ...words, '/m']));

  it('needs direct I/O and neither a write-back cache nor long-lived attributes', () => {
    assert.equal(ofClient('--direct-io-mode=enable'), null);
    assert.equal(ofClient('--direct-io-mode'), null);
    assert.equal(ofClient('--direct-io-mode=On', '--attribute-timeout=0'), null);
    assert.equal(ofClient('--direct-io-mode=on', '--attribute-timeout', '1'), null);
    assert.equal(ofClient('--process-name', 'fuse'), 'direct-io-mode is not set');
    assert.equal(ofClient('--direct-io-mode=auto'), 'direct-io-mode is auto');
    assert.equal(ofClient('--direct-io-mode=on', '--kernel-writeback-cache=yes'), 'kernel-writeback-cache is on');
    assert.equal(ofClient('--direct-io-mode=on', '--attribute-timeout=600'), 'attribute-timeout is 600');
    assert.equal(ofClient('--direct-io-mode=on', '--attribute-timeout', '600'), 'attribute-timeout is 600');
    assert.equal(ofClient('--direct-io-mode=on', '--attribute-timeout=soon'), 'attribute-timeout is soon');
  });

  it('reads options as mount(8) does', () => {
    for (const words of [
      ['-o', 'acl,direct-io-mode=on'],
      ['-oacl,direct-io-mode=on'],
      ['--options=direct-io-mode=on'],
    ]) {
      assert.equal(ofWords(...words), null);
    }
    assert.equal(ofWords('-o', 'direct-io-mode=on', '-o', 'direct-io-mode=off'), 'direct-io-mode is off');
    assert.equal(ofWords('direct-io-mode=on'), 'direct-io-mode is not set');
  });

  it('adds what the operator does not speak about, once', () => {
    const completed = addCoherentOptions(['-o', 'acl,attribute-timeout=1']);
    assert.equal(findIncoherence(optionsOfMountWords(completed)), null);
    assert.equal(optionsOfMountWords(completed).get('attribute-timeout'), '1');
    assert.equal(optionsOfMountWords(completed).get('xlator-option'), '*io-cache.pass-through=true');
    assert.deepEqual(addCoherentOptions(completed), completed);
  });

  describe('of several clients', () => {
    let proc = '';
    const add = (pid: number, startedAt: number, namespace: string, ...argv: string[]) => {
      const directory = path.join(proc, String(pid));
      mkdirSync(path.join(directory, 'ns'), { recursive: true });
      writeFileSync(path.join(directory, 'cmdline'), `${argv.join('\0')}\0`);
      writeFileSync(path.join(directory, 'stat'), `${pid} (a) b) S ${'0 '.repeat(18)}${startedAt} 0\n`);
      symlinkSync(namespace, path.join(directory, 'ns/mnt'));
    };
    beforeEach(() => {
      proc = mkdtempSync(path.join(tmpdir(), 'saggar-proc-'));
      mkdirSync(path.join(proc, 'self/ns'), { recursive: true });
      symlinkSync('mnt:[1]', path.join(proc, 'self/ns/mnt'));
    });
    afterEach(() => rmSync(proc, { recursive: true }));

    it('takes the youngest of this mount namespace, and any other only without one', async () => {
      add(10, 900, 'mnt:[2]', '/usr/sbin/glusterfs', 'elsewhere', '/m');
      assert.equal((await readClientArguments('/m', proc))?.[1], 'elsewhere');
      add(11, 500, 'mnt:[1]', '/usr/sbin/glusterfs', 'young', '/m');
      add(12, 100, 'mnt:[1]', '/usr/sbin/glusterfs', 'old', '/m');
      assert.equal((await readClientArguments('/m', proc))?.[1], 'young');
    });

    it('takes no other program, no other mount point, and survives processes that end meanwhile', async () => {
      add(10, 1, 'mnt:[1]', '/usr/sbin/glusterfs', '--direct-io-mode=on', '/m/other');
      add(11, 1, 'mnt:[1]', '/usr/bin/qemu-img', '/m');
      mkdirSync(path.join(proc, '12'));
      assert.equal(await readClientArguments('/m', proc), null);
    });
  });
});
