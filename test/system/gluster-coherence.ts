// What a guest writes through libgfapi must be what the driver reads through its mount, also when the mount has read the file before:
// else copies, merges and read-backs use old data. And a mount that was found and cannot promise this is replaced or not believed.
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readClientArguments } from '../../drivers/gluster/mount-coherence.js';
import { freshIds, guest, MIB, quietWork, readAll, top } from '../contract/volume-driver/harness.js';
import { type DriverCase, makeChain } from '../contract/volume-driver/suite.js';
import { type LibgfapiPlace, writeThroughLibgfapi } from './libgfapi-writer.js';

export interface CoherenceCase extends DriverCase {
  libgfapi(): LibgfapiPlace;
  /** Closes the driver, does the act, and opens another. */
  reopenAfter(act: () => void | Promise<void>): Promise<void>;
}

export function describeCoherence(t: CoherenceCase): void {
  const raw = (file: string, sizeBytes: number) =>
    ({ share: t.place().share, file, format: 'raw', sizeBytes, preallocation: 'off' }) as const;
  const mountByHand = () => {
    const { path: mount, share } = t.place();
    execFileSync('umount', [mount]);
    execFileSync('mount', ['-t', 'glusterfs', share, mount]);
  };
  const errors = async () =>
    (await t.driver().reportPools())
      .flatMap(({ findings }) => findings)
      .filter(({ severity }) => severity === 'error')
      .map(({ code }) => code);

  it('has a client process that was told to cache nothing', async () => {
    const argv = (await readClientArguments(t.place().path)) ?? [];
    for (const word of [
      '--direct-io-mode=enable',
      '--attribute-timeout=0',
      '--entry-timeout=0',
      '--negative-timeout=0',
      '--xlator-option=*io-cache.pass-through=true',
    ]) {
      assert.ok(argv.includes(word), `${word} in ${argv.join(' ')}`);
    }
  });

  /** Warms every cache on the way, changes data and header beside it, and reads both through the driver. */
  const readAfterGuest = async () => {
    const { share } = t.place();
    const chain = await makeChain(t, freshIds(), 'qcow2', 0);
    readAll(t.place(), top(chain).file);
    await t.driver().readChain({ share, chain });
    await t.driver().copyChain({ share, source: chain, target: raw(freshIds().file, 64 * MIB) }, quietWork());

    // Into clusters that are there already: neither size nor header changes, which could make a cache look again.
    await writeThroughLibgfapi(t.libgfapi(), top(chain), 'write -P 9 0 1M', 'flush');
    const copy = await t
      .driver()
      .copyChain({ share, source: chain, target: raw(freshIds().file, 64 * MIB) }, quietWork());
    guest(t.place(), copy, 'read -P 9 0 1M');
    await writeThroughLibgfapi(t.libgfapi(), top(chain), 'truncate 128M', 'flush');
    assert.equal((await t.driver().readChain({ share, chain }))[0]?.virtualSizeBytes, 128 * MIB);
  };

  it('copies what a guest has just written, and reads the header that it has just changed', readAfterGuest);

  it('merges what a guest has just written', async () => {
    const { share } = t.place();
    const chain = await makeChain(t, freshIds(), 'raw', 1);
    for (const { file } of chain) readAll(t.place(), file);
    await writeThroughLibgfapi(t.libgfapi(), top(chain), 'write -P 8 4M 1M', 'write -P 9 1M 1M', 'flush');
    const after = await t.driver().commitLayer({ share, chain, file: top(chain).file }, quietWork());
    guest(t.place(), top(after), 'read -P 1 0 1M', 'read -P 9 1M 1M', 'read -P 8 4M 1M');
  });

  it('mounts anew what somebody has mounted by default', async () => {
    await t.reopenAfter(mountByHand);
    assert.ok((await readClientArguments(t.place().path))?.includes('--direct-io-mode=enable'));
    assert.deepEqual(await errors(), []);
    await readAfterGuest();
  });

  it('believes no file while such a mount is in use, and mounts anew once it is not', async () => {
    const { share, path: mount } = t.place();
    const chain = await makeChain(t, freshIds(), 'qcow2', 1);
    const users: ChildProcess[] = [];
    try {
      await t.reopenAfter(() => {
        mountByHand();
        users.push(spawn('sleep', ['120'], { cwd: mount, stdio: 'ignore' }));
      });
      assert.deepEqual(await errors(), ['mount.not-coherent']);
      const refused = { code: 'backend_offline' };
      const driver = t.driver();
      await assert.rejects(driver.readChain({ share, chain }), refused);
      await assert.rejects(
        driver.copyChain({ share, source: chain, target: raw(freshIds().file, 64 * MIB) }, quietWork()),
        refused,
      );
      await assert.rejects(driver.commitLayer({ share, chain, file: top(chain).file }, quietWork()), refused);
      await assert.rejects(driver.extendImage({ share, chain, newSizeBytes: 128 * MIB }), refused);
      await assert.rejects(driver.prepareOverlay({ share, chain, overlayFile: freshIds().overlay().file }), refused);
      await assert.rejects(driver.removeFiles({ share, files: [top(chain).file] }), refused);
      await driver.createImage(raw(freshIds().file, 64 * MIB)); // new files were never cached
    } finally {
      for (const user of users) {
        user.kill('SIGKILL');
        await once(user, 'exit');
      }
    }
    await t.reopenAfter(() => undefined);
    assert.deepEqual(await errors(), []);
    await t.driver().readChain({ share, chain });
  });
}
