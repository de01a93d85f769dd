// The guard before an image tool starts: what states its formats passes, whatever leaves one to be found out does not start.
import assert from 'node:assert/strict';
import { describeChainForQemu } from '../../../drivers/image/image-source.js';
import { QemuImg } from '../../../drivers/image/qemu-img.js';
import type { Argv } from '../../../drivers/process/command-runner.js';
import { FakeCommandRunner } from '../../../drivers/process/fake-command-runner.js';
import { findUnstatedFormat } from '../../../drivers/process/stated-formats.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';

const layer = (file: string, format: 'raw' | 'qcow2') => ({ file, format, virtualSizeBytes: 1024, snapshotId: null });
const chain = describeChainForQemu('/m', [layer('v', 'raw'), layer('v.a', 'qcow2')]);
const silent = { bytes: 1024, onProgress: () => undefined, signal: new AbortController().signal };

describe('stated formats', () => {
  it('are in everything that our own verbs say', async () => {
    const runner = new FakeCommandRunner().on(/./);
    const tool = new QemuImg(runner);
    await tool.copyInto(chain, { path: '/m/t', format: 'raw', targetIsZero: true }, silent);
    await tool.isSame(chain, chain, silent);
    await tool.commit(chain, { ...silent, bytesPerSecond: 5 });
    await tool.repoint(['-f', 'qcow2', '/m/c'], { file: 'b', format: 'raw' });
    await tool.repoint(['-f', 'qcow2', '/m/c'], null);
    await tool.grow(chain, 4096);
    await tool.growAllocated(['-f', 'qcow2', '/m/t'], 4096, 'metadata');
    await tool.check(chain);
    await tool.pullRanges(chain, [{ start: 0, length: 512 }], silent.signal);
    const verbs = new Set(runner.calls.map(({ argv }) => argv[1]));
    assert.ok(verbs.size >= 6, 'the verbs were asked');
    for (const { argv } of runner.calls) assert.equal(findUnstatedFormat(argv), null, argv.join(' '));
  });

  const refused: Readonly<Record<string, readonly [Argv, RegExp]>> = {
    'a secret in an argument': [
      ['qemu-img', 'map', '--object', 'secret,id=key-x,data=c0ffee', chain],
      /an object that is no named secret/,
    ],
    'resize without a format': [['qemu-img', 'resize', '/m/v', '1G'], /without its format/],
    'convert that finds the source out': [['qemu-img', 'convert', '-O', 'raw', '/m/v', '/m/t'], /without its format/],
    'convert that makes up the target': [['qemu-img', 'convert', '-f', 'raw', '/m/v', '/m/t'], /without its format/],
    'a format that is not ours': [['qemu-img', 'resize', '-f', 'vmdk', '/m/v', '1G'], /without its format/],
    'a protocol instead of a path': [['qemu-img', 'check', '-f', 'raw', 'nbd:127.0.0.1:1'], /protocol/],
    'a relative path': [['qemu-img', 'check', '-f', 'raw', 'vol:1.img'], /protocol/],
    'info of a file': [['qemu-img', 'info', '/m/v'], /without its format/],
    'a backing file without its format': [['qemu-img', 'rebase', '-u', '-f', 'qcow2', '-b', 'b', '/m/c'], /no format/],
    'a verb that is not used': [['qemu-img', 'snapshot', '-c', 'x', '/m/v'], /not used/],
    'a verb of every object': [['qemu-img', 'constructor', '/m/v'], /not used/],
    'qemu-io on a file': [['qemu-io', '-C', '/m/v'], /without its format/],
    'qemu-nbd': [['/usr/bin/qemu-nbd', '-k', '/s', '/m/v'], /without its format/],
    'json without a driver': [['qemu-img', 'check', 'json:{"file":{"driver":"file","filename":"/m/v"}}'], /formats/],
    'json with another protocol': [
      ['qemu-img', 'check', 'json:{"driver":"raw","file":{"driver":"nbd","host":"h"}}'],
      /no file/,
    ],
    'json whose header chooses the backing file': [
      ['qemu-img', 'check', 'json:{"driver":"qcow2","file":{"driver":"file","filename":"/m/v"}}'],
      /header would choose/,
    ],
    'json with such a layer below': [
      ['qemu-img', 'check', chain.replace('"backing":{"driver":"raw"', '"backing":{"driver":"qcow2"')],
      /header would choose/,
    ],
    'json that is none': [['qemu-img', 'check', 'json:{'], /cannot be read/],
    'a daemon with a plain block device': [['qemu-storage-daemon', '--blockdev', 'driver=qcow2,file=x'], /no JSON/],
    'a daemon that follows a header': [
      ['qemu-storage-daemon', '--blockdev', '{"driver":"qcow2","file":"p"}'],
      /follows its header/,
    ],
  };
  for (const [what, [argv, reason]] of Object.entries(refused)) {
    it(`T-I02 are missed in ${what}, which is not started`, async () => {
      assert.match(findUnstatedFormat(argv) ?? 'nothing missed', reason);
      await assert.rejects(systemCommandRunner.run(argv, { timeoutMs: 5_000 }), { code: 'internal' });
    });
  }

  it('are no business of other programs', () => {
    assert.equal(findUnstatedFormat(['mount', '-t', 'glusterfs', 'h:/v', '/m']), null);
  });
});
