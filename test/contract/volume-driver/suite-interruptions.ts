// Whatever is cut off can be asked again: the helper killed, the image tool killed, the share full. After the second ask the result
// is the same as if nothing had happened, and no second file is there.
import assert from 'node:assert/strict';
import { FaultPlan, type FaultReaction } from '../../../drivers/process/fault-plan.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { filesOn, freshIds, guest, hasPart, MIB, quietWork, top } from './harness.js';
import { type DriverCase, makeChain } from './suite.js';

export function describeInterruptions(t: DriverCase): void {
  const withFault = async <T>(
    match: RegExp,
    react: FaultReaction,
    act: (driver: Awaited<ReturnType<typeof open>>) => Promise<T>,
  ) => {
    const plan = new FaultPlan({ commands: [{ match, times: 1, react }] });
    const driver = await open(plan);
    try {
      const value = await act(driver);
      assert.equal(plan.fired.length, 1, 'the fault was met');
      return value;
    } finally {
      await driver.close();
    }
  };
  const open = (plan: FaultPlan) => t.place().openDriver(plan.wrap(systemCommandRunner));

  const ways: readonly (readonly [string, FaultReaction, string])[] = [
    ['the image tool is killed at once', { killProgramAfterMs: 1 }, 'internal'],
    ['the image tool is killed half-way', { killProgramAfterMs: 25 }, 'internal'],
    [
      'the share is full',
      { exitCode: 1, stderr: 'error while writing at byte 0: No space left on device' },
      'no_space',
    ],
    ['the share hangs up', { exitCode: 1, stderr: 'Transport endpoint is not connected' }, 'backend_offline'],
  ];
  for (const [what, react, code] of ways) {
    it(`a copy ends when ${what}, leaves nothing, and succeeds when asked again`, async () => {
      const chain = await makeChain(t, freshIds(), 'raw', 1);
      guest(t.place(), top(chain), 'write -P 2 8M 48M');
      const before = filesOn(t.place());
      const { file } = freshIds();
      const { share } = t.place();
      const target = { share, file, format: 'qcow2', sizeBytes: 64 * MIB, preallocation: 'off' } as const;
      const spec = { share, source: chain, target };
      await withFault(/qemu-img convert/, react, (driver) =>
        assert.rejects(driver.copyChain(spec, quietWork()), { code }),
      );
      assert.deepEqual(filesOn(t.place()), before);
      const copy = await t.driver().copyChain(spec, quietWork());
      guest(t.place(), copy, 'read -P 2 8M 48M');
      assert.equal(hasPart(t.place(), file), false);
    });

    for (const index of [1, 2]) {
      it(`a merge of layer ${index} of 2 ends when ${what}, and succeeds when asked again`, async () => {
        const chain = await makeChain(t, freshIds(), 'raw', 2);
        const file = chain[index]?.file ?? '';
        guest(t.place(), top(chain), 'write -P 6 8M 48M');
        const spec = { share: t.place().share, chain, file };
        const end = await withFault(/qemu-img commit/, react, (driver) =>
          driver.commitLayer(spec, quietWork()).then(
            () => 'done before the fault',
            (error: { code: string }) => error.code,
          ),
        );
        // A merge can be quicker than the kill; every other fault must be seen.
        assert.ok(end === code || (what.includes('half-way') && end === 'done before the fault'), end);
        const result = await t.driver().commitLayer(spec, quietWork());
        guest(t.place(), top(result), 'read -P 1 0 1M', 'read -P 2 1M 1M', 'read -P 3 2M 1M', 'read -P 6 8M 48M');
      });
    }
  }

  it('a merge goes on when it was cut off before the layer above was pointed at the base', async () => {
    const chain = await makeChain(t, freshIds(), 'qcow2', 2);
    const spec = { share: t.place().share, chain, file: chain[1]?.file ?? '' };
    await withFault(/qemu-img rebase/, { exitCode: 1 }, (driver) =>
      assert.rejects(driver.commitLayer(spec, quietWork()), { code: 'internal' }),
    );
    guest(t.place(), top(chain), 'read -P 2 1M 1M');
    const result = await t.driver().commitLayer(spec, quietWork());
    guest(t.place(), top(result), 'read -P 1 0 1M', 'read -P 2 1M 1M', 'read -P 3 2M 1M');
  });

  it('a merge whose tool says that all went well, and did nothing, is not believed', async () => {
    const chain = await makeChain(t, freshIds(), 'qcow2', 2);
    const spec = { share: t.place().share, chain, file: chain[1]?.file ?? '' };
    await withFault(/qemu-img rebase/, { skip: true }, (driver) =>
      assert.rejects(driver.commitLayer(spec, quietWork()), { code: 'chain_mismatch' }),
    );
    const result = await t.driver().commitLayer(spec, quietWork());
    guest(t.place(), top(result), 'read -P 1 0 1M', 'read -P 2 1M 1M', 'read -P 3 2M 1M');
  });

  it('an extension that was cut off is finished', async () => {
    const chain = await makeChain(t, freshIds(), 'qcow2', 0);
    const spec = { share: t.place().share, chain, newSizeBytes: 128 * MIB };
    await withFault(/qemu-img resize/, { killProgramAfterMs: 1 }, (driver) => assert.rejects(driver.extendImage(spec)));
    assert.equal((await t.driver().extendImage(spec)).virtualSizeBytes, 128 * MIB);
  });

  it('a preallocation that fails leaves no file', async () => {
    const before = filesOn(t.place());
    const { file } = freshIds();
    const { share } = t.place();
    const spec = { share, file, format: 'raw', sizeBytes: 64 * MIB, preallocation: 'falloc' } as const;
    await withFault(/qemu-img resize/, { exitCode: 1, stderr: 'No space left on device' }, (driver) =>
      assert.rejects(driver.createImage(spec), { code: 'no_space' }),
    );
    assert.deepEqual(filesOn(t.place()), before);
  });

  it('a helper that is killed in the middle of many calls costs none of them', async () => {
    const driver = await t.place().openDriver();
    try {
      const { share } = t.place();
      const files = Array.from({ length: 20 }, () => freshIds().file);
      const create = (file: string) =>
        driver.createImage({ share, file, format: 'qcow2', sizeBytes: 64 * MIB, preallocation: 'off' });
      const first = files.map((file) =>
        create(file).then(
          () => 'made',
          (error: { code: string }) => error.code,
        ),
      );
      const pid = driver.helperPids().get(share);
      assert.ok(pid !== undefined);
      process.kill(pid, 'SIGKILL');
      const outcomes = await Promise.all(first);
      assert.deepEqual(new Set(outcomes), new Set(['made']));
      for (const file of files) await create(file);
      assert.deepEqual(
        filesOn(t.place()).filter((name) => files.some((file) => name.includes(file))),
        [...files].sort(),
      );
    } finally {
      await driver.close();
    }
  });
}
