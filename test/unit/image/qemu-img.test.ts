// Argument vectors, limits, error texts and progress of qemu-img, with a fake command runner.
import assert from 'node:assert/strict';
import { describeChainForQemu } from '../../../drivers/image/image-source.js';
import { QemuImg } from '../../../drivers/image/qemu-img.js';
import { ProgressReader } from '../../../drivers/image/qemu-img-progress.js';
import { FakeCommandRunner } from '../../../drivers/process/fake-command-runner.js';

const layer = (file: string, format: 'raw' | 'qcow2') => ({ file, format, virtualSizeBytes: 1024, snapshotId: null });
const silent = { bytes: 1024, onProgress: () => undefined, signal: new AbortController().signal };

describe('a chain named for QEMU', () => {
  it('gives every layer its driver and path, and no name is left to a header', () => {
    const text = describeChainForQemu('/m', [layer('v,1 "x"', 'raw'), layer('v.a', 'qcow2')]);
    assert.deepEqual(JSON.parse(text.slice('json:'.length)), {
      driver: 'qcow2',
      file: { driver: 'file', filename: '/m/v.a' },
      backing: { driver: 'raw', file: { driver: 'file', filename: '/m/v,1 "x"' } },
    });
  });

  it('says that a qcow2 base has nothing below', () => {
    assert.match(describeChainForQemu('/m', [layer('v', 'qcow2')]), /"backing":null/);
    assert.ok(!describeChainForQemu('/m', [layer('v', 'raw')]).includes('backing'));
  });
});

describe('qemu-img', () => {
  it('always runs under limits, with the formats stated', async () => {
    const runner = new FakeCommandRunner().on(/./);
    const tool = new QemuImg(runner);
    await tool.copyInto('json:{}', { path: '/m/t', format: 'raw', targetIsZero: true }, silent);
    await tool.commit('json:{}', silent);
    await tool.repoint(['-f', 'qcow2', '/m/c'], { file: 'b', format: 'raw' });
    await tool.grow('json:{}', 4096);
    await tool.growAllocated(['-f', 'raw', '/m/t'], 4096, 'falloc');
    assert.deepEqual(runner.lines(), [
      'qemu-img convert -p -n -t writeback -W -m 8 --target-is-zero -O raw "json:{}" /m/t',
      'qemu-img commit -p -d "json:{}"',
      'qemu-img rebase -u -b b -F raw -f qcow2 /m/c',
      'qemu-img resize "json:{}" 4096',
      'qemu-img resize -q --preallocation=falloc -f raw /m/t 4096',
    ]);
    for (const { options } of runner.calls) {
      assert.ok(options.timeoutMs > 0 && (options.limits?.cpuSeconds ?? 0) > 0);
      assert.ok((options.limits?.addressSpaceBytes ?? 0) > 0 && options.cwd === undefined);
    }
  });

  it('tells a difference from a comparison that could not be made', async () => {
    const compare = (exitCode: number, stderr = '') => {
      const runner = new FakeCommandRunner().on(/^qemu-img compare -p/, { exitCode, stderr });
      return new QemuImg(runner).isSame('json:{}', 'json:[]', silent);
    };
    assert.deepEqual([await compare(0), await compare(1)], [true, false]);
    await assert.rejects(compare(2, 'Could not open: Transport endpoint is not connected'), {
      code: 'backend_offline',
    });
    await assert.rejects(compare(4), { code: 'internal' });
  });

  it('tells a full share, a hung share, a locked file and a missing file apart', async () => {
    const codeFor = async (stderr: string) => {
      const tool = new QemuImg(new FakeCommandRunner().on(/./, { exitCode: 1, stderr }));
      return tool.commit('json:{}', silent).then(
        () => 'success',
        (error: { code: string }) => error.code,
      );
    };
    assert.equal(await codeFor('qemu-img: error while writing at byte 0: No space left on device'), 'no_space');
    assert.equal(await codeFor('qemu-img: Could not open: Transport endpoint is not connected'), 'backend_offline');
    assert.equal(await codeFor('qemu-img: Failed to get "write" lock'), 'backend_offline');
    assert.equal(await codeFor("Could not open '/m/x': No such file or directory"), 'not_found');
    assert.equal(await codeFor('something new'), 'internal');
  });

  it('reads progress from pieces, never falling, ending at 100', () => {
    const told: number[] = [];
    let now = 0;
    const reader = new ProgressReader(
      (percent) => told.push(percent),
      () => now,
    );
    for (const piece of [
      '    (0.0',
      '0/100%)\r    (1.50/100%)',
      '\r    (1.20/100%)\r',
      '    (50.00/100%)\r',
      '    (100.00/100%)\r\n',
    ]) {
      now += 300;
      reader.push(piece);
    }
    assert.deepEqual(told, [1.5, 50, 100]);
  });
});
