// What files claim to be, judged on files that qemu-img makes and on hand-made disks.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { detectFormats, findContainerClaim } from '../../../drivers/image/format-detection.js';

describe('format detection', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'saggar-formats-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const tools: readonly (readonly [string, string, string])[] = [
    ['qcow', 'qcow', ''],
    ['qcow2', 'qcow2', ''],
    ['qed', 'qed', ''],
    ['vmdk', 'vmdk', ''],
    ['vmdk', 'vmdk', 'subformat=monolithicFlat'],
    ['vmdk', 'vmdk', 'subformat=streamOptimized'],
    ['vdi', 'vdi', ''],
    ['vpc', 'vhd', ''],
    ['vhdx', 'vhdx', ''],
  ];
  for (const [driver, expected, option] of tools) {
    it(`knows ${expected} ${option}`, () => {
      const file = path.join(folder, `${driver}${option}`);
      execFileSync('qemu-img', ['create', '-q', '-f', driver, ...(option === '' ? [] : ['-o', option]), file, '4M']);
      assert.equal(findContainerClaim(readFileSync(file)), expected);
    });
  }

  it('takes partition tables, ISO and LUKS for what disks hold', () => {
    const disk = Buffer.alloc(40_000);
    disk.writeUInt16BE(0x55aa, 510);
    assert.deepEqual(detectFormats(disk), ['mbr']);
    disk.write('EFI PART', 512);
    disk.write('CD001', 32_769);
    disk.write('LUKS\xba\xbe', 0, 'latin1');
    assert.deepEqual(detectFormats(disk), ['luks', 'iso', 'gpt']);
    assert.equal(findContainerClaim(disk), null);
  });

  it('finds nothing in plain, short or empty data', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('Q'), Buffer.from('QFI\xfb', 'latin1'), Buffer.alloc(600, 'x')]) {
      assert.deepEqual(detectFormats(bytes), []);
    }
  });
});
