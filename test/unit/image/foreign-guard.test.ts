// Foreign containers that a tool may open, and those that would make it open something else.
import assert from 'node:assert/strict';
import { findForeignTrait } from '../../../drivers/image/foreign-guard.js';

const none = new Uint8Array(1024);

interface Vmdk {
  readonly kind?: string;
  readonly extent?: string;
  readonly capacity?: bigint;
  readonly more?: string;
}

function vmdk({
  kind = 'monolithicSparse',
  extent = 'RW 2048 SPARSE "disk.vmdk"',
  capacity = 2048n,
  more = '',
}: Vmdk): Buffer {
  const head = Buffer.alloc(36_864);
  head.write('KDMV', 0, 'latin1');
  head.writeUInt32LE(1, 4);
  head.writeBigUInt64LE(capacity, 12);
  head.writeBigUInt64LE(1n, 28);
  head.writeBigUInt64LE(20n, 36);
  head.write(
    `# Disk DescriptorFile\nversion=1\nparentCID=ffffffff\ncreateType="${kind}"\n${extent}\n${more}`,
    512,
    'latin1',
  );
  return head;
}

describe('the guard of foreign images', () => {
  it('takes a vmdk of one extent', () => {
    assert.equal(findForeignTrait('vmdk', vmdk({}), none), null);
    assert.equal(findForeignTrait('vmdk', vmdk({ kind: 'streamOptimized' }), none), null);
  });

  for (const [what, fields] of Object.entries({
    'an extent elsewhere': { extent: 'RW 2048 SPARSE "/etc/passwd"' },
    'a flat extent': { extent: 'RW 2048 FLAT "disk.vmdk" 0' },
    'two extents': { more: 'RW 2048 SPARSE "other.vmdk"' },
    'a kind of several files': { kind: 'twoGbMaxExtentSparse' },
    'a descriptor that is the image': { capacity: 0n },
    'a parent': { more: 'parentFileNameHint="/etc/passwd"' },
  } satisfies Record<string, Vmdk>)) {
    it(`refuses a vmdk with ${what}`, () => {
      assert.notEqual(findForeignTrait('vmdk', vmdk(fields), none), null);
    });
  }

  it('refuses what is not what it is said to be, and what is two things', () => {
    assert.match(findForeignTrait('vdi', vmdk({}), none) ?? '', /no mark/);
    const tail = Buffer.alloc(1024);
    tail.write('conectix', 512, 'latin1');
    assert.match(findForeignTrait('vmdk', vmdk({}), tail) ?? '', /as well/);
  });

  it('refuses a vhd and a vdi that stand on another file', () => {
    const vhd = Buffer.alloc(1024);
    vhd.write('conectix', 512, 'latin1');
    for (const [kind, good] of [
      [2, true],
      [3, true],
      [4, false],
    ] as const) {
      vhd.writeUInt32BE(kind, 512 + 60);
      assert.equal(findForeignTrait('vhd', none, vhd) === null, good, `kind ${kind}`);
    }
    const vdi = Buffer.alloc(1024);
    vdi.write('\x7f\x10\xda\xbe', 64, 'latin1');
    for (const [kind, good] of [
      [1, true],
      [2, true],
      [4, false],
    ] as const) {
      vdi.writeUInt32LE(kind, 0x4c);
      assert.equal(findForeignTrait('vdi', vdi, none) === null, good, `kind ${kind}`);
    }
  });
});
