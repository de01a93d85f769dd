// What `npm run bench:data` believes of fio's output, and what its disks are made of.
import assert from 'node:assert/strict';
import { layerNodes } from '../../../drivers/qemu/disk-options.js';
import { transportOf } from '../../../drivers/qemu/share-transport.js';
import { guestDisks } from '../../bench/data/disks.js';
import { fioArguments, readRates, workloads } from '../../bench/data/workloads.js';

const side = (iops: number, bytes: number) => ({ iops, bw_bytes: bytes });
const MIB = 1024 ** 2;

function fioSays(error = 0): string {
  const jobs = workloads.map(({ name }, index) => ({
    jobname: name,
    error,
    read: side(name.endsWith('read') ? 100 + index : 0, name.endsWith('read') ? 10 * MIB : 0),
    write: side(name.endsWith('write') ? 100 + index : 0, name.endsWith('write') ? 20 * MIB : 0),
  }));
  return JSON.stringify({ 'fio version': 'fio-3.33', jobs });
}

describe('the measurement of the data path', () => {
  it('reads rates of the side that was asked for, whatever a shell says around them', () => {
    assert.deepEqual(readRates(`fio: a note\n${fioSays()}\n`), {
      '4k-read': 100,
      '4k-write': 101,
      '128k-read': 10,
      '128k-write': 20,
    });
  });

  it('takes nothing from a run that failed, or did something else', () => {
    assert.throws(() => readRates(fioSays(5)), /4k-read/);
    assert.throws(() => readRates('{"jobs": []}'), /4k-read/);
    assert.throws(() => readRates('no such device'));
  });

  it('asks fio past every page cache, one workload behind the other', () => {
    const words = fioArguments('/dev/vdb', 3, 64);
    for (const word of ['--direct=1', '--stonewall', '--runtime=3', '--size=64M'])
      assert.ok(words.includes(word), word);
    const blocks = words.filter((word) => /^--(name|bs)=/.test(word));
    assert.deepEqual(
      blocks,
      workloads.flatMap(({ name }) => [`--name=${name}`, `--bs=${name.split('-')[0]}`]),
    );
  });

  it('measures the driver’s own disk as the driver makes it, and differs in one thing in each other row', () => {
    const servers = [{ host: '10.0.0.2', port: 24_007 }];
    const access = { share: '10.0.0.2:/lab', glusterVolumeName: 'lab', directory: '', servers, mountOptions: null };
    const disks = guestDisks({ access, file: 'volume-data', fusePath: '/mnt/volume-data', sizeBytes: 64 * MIB });
    const ours = disks.find(({ serial }) => serial === 'ours') ?? assert.fail('no row of ours');
    const layer = { file: 'volume-data', format: 'raw' } as const;
    const made = layerNodes('ours', layer, transportOf(access), null).map(({ options }) => options);
    assert.deepEqual(ours.nodes, made);
    assert.equal(ours.device['drive'], made.at(-1)?.['node-name']);
    assert.equal(ours.device['iothread'], 'io0');
    assert.ok(!('iothread' in (disks.find(({ serial }) => serial === 'main')?.device ?? { iothread: '' })));
    const names = disks.flatMap(({ nodes }) => nodes.map((node) => String(node['node-name'])));
    assert.equal(new Set(names).size, names.length, 'names of nodes are not used twice');
    for (const name of names) assert.ok(name.length <= 31, name);
  });
});
