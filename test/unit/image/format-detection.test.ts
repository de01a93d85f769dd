// What files claim to be, judged on files that qemu-img makes and on hand-made disks.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  DETECTION_BYTES,
  DETECTION_TAIL_BYTES,
  detectFormats,
  findClaims,
  findContainerClaim,
  findSecondClaim,
} from '../../../drivers/image/format-detection.js';

describe('format detection', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'saggar-formats-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const tools: readonly (readonly [string, string, string])[] = [
    ['qcow', 'qcow', ''],
    ['qcow2', 'qcow2', ''],
    ['qcow2', 'qcow2', 'compat=0.10'],
    ['qed', 'qed', ''],
    ['vmdk', 'vmdk', ''],
    ['vmdk', 'vmdk', 'subformat=monolithicFlat'],
    ['vmdk', 'vmdk', 'subformat=twoGbMaxExtentFlat'],
    ['vmdk', 'vmdk', 'subformat=streamOptimized'],
    ['vdi', 'vdi', ''],
    ['vpc', 'vhd', ''],
    ['vpc', 'vhd', 'subformat=fixed,force_size=on'],
    ['vhdx', 'vhdx', ''],
    ['parallels', 'parallels', ''],
  ];
  for (const [driver, expected, option] of tools) {
    it(`knows ${expected} ${option}`, () => {
      const file = path.join(folder, `${driver}${option}`);
      execFileSync('qemu-img', ['create', '-q', '-f', driver, ...(option === '' ? [] : ['-o', option]), file, '4M']);
      const bytes = readFileSync(file);
      const [head, tail] = [bytes.subarray(0, DETECTION_BYTES), bytes.subarray(-DETECTION_TAIL_BYTES)];
      assert.equal(findContainerClaim(head, tail), expected);
      assert.equal(findSecondClaim(head, tail), expected === 'qcow2' ? null : expected);
    });
  }

  it('tells both versions of LUKS, and takes it for what a disk may hold', () => {
    for (const version of ['luks1', 'luks2']) {
      const file = path.join(folder, version);
      const head = Buffer.alloc(1024);
      head.write(`LUKS\xba\xbe\0${version === 'luks1' ? '\x01' : '\x02'}`, 'latin1');
      assert.deepEqual(findClaims(head), [{ format: 'luks', variant: `version ${version.slice(-1)}` }], file);
      assert.equal(findContainerClaim(head), null);
    }
  });

  const texts: Readonly<Record<string, string>> = {
    'a comment first': '# Disk DescriptorFile\nversion=1\n',
    'version first': 'version=3\nCID=1\n',
    'blank lines and tabs': '\n\t\r\n# anything\r\nversion = 2\r\n',
    'old line ends': '#x\rversion=1\r',
    'capital letters': '# DISK descriptorfile\n',
  };
  for (const [what, text] of Object.entries(texts)) {
    it(`knows a VMDK descriptor: ${what}`, () => assert.equal(findContainerClaim(Buffer.from(text)), 'vmdk'));
  }

  const marks: Readonly<Record<string, readonly [string, (disk: Buffer) => void]>> = {
    'a VMDK stream footer': ['vmdk', (disk) => disk.write('KDMV', disk.length - 1024)],
    'a VHD footer': ['vhd', (disk) => disk.write('conectix', disk.length - 512)],
    'a DMG trailer': ['dmg', (disk) => disk.write('koly\0\0\0\x04', disk.length - 512, 'latin1')],
    'a bochs header': ['bochs', (disk) => disk.write('Bochs Virtual HD Image', 0)],
    'a cloop header': ['cloop', (disk) => disk.write('#!/bin/sh\n#V2.0 Format\n', 0)],
    COWD: ['vmdk', (disk) => disk.write('COWD', 0)],
    'a qcow2 of the future, behind a partition table': [
      'qcow2',
      (disk) => {
        disk.write('QFI\xfb\0\0\0\x09', 0, 'latin1');
        disk.write('EFI PART', 512);
      },
    ],
  };
  for (const [what, [expected, mark]] of Object.entries(marks)) {
    it(`knows ${what}`, () => {
      const disk = Buffer.alloc(65_536);
      mark(disk);
      assert.equal(
        findContainerClaim(disk.subarray(0, DETECTION_BYTES), disk.subarray(-DETECTION_TAIL_BYTES)),
        expected,
      );
    });
  }

  it('takes partition tables, ISO and LUKS for what disks hold', () => {
    const disk = Buffer.alloc(40_000);
    disk.writeUInt16BE(0x55aa, 510);
    assert.deepEqual(detectFormats(disk), ['mbr']);
    disk.write('EFI PART', 512);
    disk.write('CD001', 32_769);
    disk.write('LUKS\xba\xbe', 0, 'latin1');
    assert.deepEqual([...detectFormats(disk)].sort(), ['gpt', 'iso', 'luks']);
    assert.equal(findContainerClaim(disk), null);
  });

  it('finds nothing in plain, short or empty data', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('Q'), Buffer.from('QFI', 'latin1'), Buffer.alloc(600, 'x')]) {
      assert.deepEqual(detectFormats(bytes, bytes), []);
    }
  });
});
