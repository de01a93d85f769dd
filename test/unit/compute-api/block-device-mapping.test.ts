// From the bodies that clients send to the list of volumes a server gets, and what is refused on the way.
import assert from 'node:assert/strict';
import {
  readBlockDevices as readAll,
  type ServerBody,
  sizeRootDisk,
} from '../../../services/api/compute/block-device-mapping.js';
import { readServerRequest } from '../../../services/api/compute/server-request.js';

const v1 = '11111111-1111-4111-8111-111111111111';
const v2 = '22222222-2222-4222-8222-222222222222';

function body(rest: Partial<ServerBody>): ServerBody {
  return { name: 'srv', flavorRef: '1', ...rest };
}

function boot(uuid: string) {
  return { source_type: 'volume', destination_type: 'volume', uuid, boot_index: 0 } as const;
}

const readBlockDevices = (server: ServerBody, imageId: string | null = null) => readAll(server, imageId).disks;
const volume = (id: string) => ({ kind: 'volume', id }) as const;

describe('block device mapping', () => {
  it('puts the boot disk first whatever the order of the request', () => {
    const disks = readBlockDevices(
      body({ block_device_mapping_v2: [{ source_type: 'volume', uuid: v2, boot_index: -1 }, boot(v1)] }),
    );
    assert.deepEqual(disks, [
      { source: volume(v1), bootIndex: 0, deleteOnTermination: false, tag: null },
      { source: volume(v2), bootIndex: null, deleteOnTermination: false, tag: null },
    ]);
  });

  it('reads boot_index as text and delete_on_termination in its spellings', () => {
    const disks = readBlockDevices(
      body({ block_device_mapping_v2: [{ ...boot(v1), boot_index: '0', delete_on_termination: 'True' }] }),
    );
    assert.deepEqual(disks, [{ source: volume(v1), bootIndex: 0, deleteOnTermination: true, tag: null }]);
  });

  it('accepts ids without dashes and in capitals', () => {
    const disks = readBlockDevices(body({ block_device_mapping_v2: [boot(v1.replaceAll('-', '').toUpperCase())] }));
    assert.deepEqual(disks[0]?.source, volume(v1));
  });

  it('reads the older form in the order of device names', () => {
    const disks = readBlockDevices(
      body({
        block_device_mapping: [
          { device_name: 'vdb', volume_id: v2 },
          { device_name: '/dev/vda', volume_id: v1 },
        ],
      }),
    );
    assert.deepEqual(
      disks.map((disk) => [disk.source, disk.bootIndex]),
      [
        [volume(v1), 0],
        [volume(v2), null],
      ],
    );
  });

  for (const [what, devices] of Object.entries({
    'no device at all': [],
    'no boot index': [{ source_type: 'volume', uuid: v1 }],
    'two boot disks': [boot(v1), boot(v2)],
    'a gap in the boot order': [{ ...boot(v1), boot_index: 1 }],
    'a volume named twice': [boot(v1), { ...boot(v1), boot_index: 1 }],
    'a volume without an id': [{ source_type: 'volume', boot_index: 0 }],
    'an image without a size': [{ ...boot(v1), source_type: 'image' }],
    'a blank disk without a size': [boot(v1), { source_type: 'blank', boot_index: -1 }],
    'a snapshot as a local disk': [{ ...boot(v1), source_type: 'snapshot', destination_type: 'local' }],
    'a local image that is no imageRef': [{ ...boot(v1), source_type: 'image', destination_type: 'local' }],
    'a local disk': [{ ...boot(v1), destination_type: 'local' }],
  } as const)) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () =>
          readBlockDevices(
            body({ block_device_mapping_v2: [...devices] as NonNullable<ServerBody['block_device_mapping_v2']> }),
          ),
        { code: 'bad_request', message: /^Block Device Mapping is Invalid: / },
      );
    });
  }

  const image = '33333333-3333-4333-8333-333333333333';
  const root = {
    source: { kind: 'image', id: image, sizeGib: null },
    bootIndex: 0,
    deleteOnTermination: true,
    tag: null,
  };

  it('makes a root disk of an image that is named alone, or beside other disks', () => {
    assert.deepEqual(readAll(body({}), image), { disks: [root], rootImageId: image });
    const local = { source_type: 'image', destination_type: 'local', uuid: image, boot_index: 0 } as const;
    const blank = { source_type: 'blank', destination_type: 'volume', volume_size: '2', boot_index: -1 } as const;
    const disks = readBlockDevices(body({ block_device_mapping_v2: [local, blank] }), image);
    const made = { source: { kind: 'blank', sizeGib: 2 }, bootIndex: null, deleteOnTermination: false, tag: null };
    assert.deepEqual(disks, [root, made]);
    assert.deepEqual(readBlockDevices(body({ block_device_mapping_v2: [blank] }), image), [root, made]);
  });

  it('gives such a root disk the size of the flavor', () => {
    const { disks, rootImageId } = readAll(body({}), image);
    assert.deepEqual(sizeRootDisk(disks, rootImageId, 5)[0]?.source, { kind: 'image', id: image, sizeGib: 5 });
    assert.deepEqual(sizeRootDisk(disks, rootImageId, 0)[0]?.source, { kind: 'image', id: image, sizeGib: null });
  });

  it('makes volumes of an image and of a snapshot, also where the image is named twice', () => {
    const device = {
      source_type: 'image',
      destination_type: 'volume',
      uuid: image,
      boot_index: 0,
      volume_size: 3,
    } as const;
    const made = {
      source: { kind: 'image', id: image, sizeGib: 3 },
      bootIndex: 0,
      deleteOnTermination: false,
      tag: null,
    };
    for (const named of [null, image]) {
      const read = readAll(body({ block_device_mapping_v2: [device] }), named);
      assert.deepEqual(read, { disks: [made], rootImageId: null });
    }
    const snapshot = { source_type: 'snapshot', uuid: v2, boot_index: 0 } as const;
    const [disk] = readBlockDevices(body({ block_device_mapping_v2: [snapshot] }));
    assert.deepEqual(disk?.source, { kind: 'snapshot', id: v2, sizeGib: null });
    const older = readBlockDevices(body({ block_device_mapping: [{ device_name: 'vda', snapshot_id: v2 }] }));
    assert.deepEqual(older[0]?.source, { kind: 'snapshot', id: v2, sizeGib: null });
  });

  it('refuses two root disks', () => {
    assert.throws(() => readAll(body({ block_device_mapping_v2: [boot(v1)] }), image), /Boot sequence/);
  });

  it('refuses both forms at once', () => {
    assert.throws(
      () => readBlockDevices(body({ block_device_mapping: [{ volume_id: v1 }], block_device_mapping_v2: [boot(v2)] })),
      { code: 'bad_request' },
    );
  });
});

describe('server request', () => {
  const oldest = { major: 2, minor: 1 };
  const good = { block_device_mapping_v2: [boot(v1)] };

  it('takes the id of a flavor from a URL', () => {
    assert.equal(
      readServerRequest(body({ ...good, flavorRef: 'http://x/compute/v2.1/flavors/m1' }), oldest).flavorId,
      'm1',
    );
    assert.equal(readServerRequest(body({ ...good, flavorRef: 1 }), oldest).flavorId, '1');
  });

  for (const [what, rest] of Object.entries({
    'an image': { imageRef: v2 },
    'a key pair': { key_name: 'mine' },
    'a network': { networks: [{ uuid: v2 }] },
    'a security group': { security_groups: [{ name: 'web' }] },
    'several servers': { max_count: 2 },
    'an impossible count': { min_count: 2, max_count: 1 },
    'user data that is not base64': { user_data: '#!/bin/sh' },
  } as Record<string, Partial<ServerBody>>)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => readServerRequest(body({ ...good, ...rest }), oldest), { code: 'bad_request' });
    });
  }

  it('takes what clients send by default', () => {
    const request = readServerRequest(
      body({ ...good, imageRef: '', networks: [], security_groups: [{ name: 'default' }], min_count: 1, max_count: 1 }),
      oldest,
    );
    assert.equal(request.disks.length, 1);
  });

  it('takes and refuses what each version takes and refuses', () => {
    const at = (minor: number, rest: Partial<ServerBody>) =>
      readServerRequest(body({ ...good, ...rest }), { major: 2, minor });
    const boundaries: [number, Partial<ServerBody>][] = [
      [19, { description: 'x' }],
      [37, { networks: 'none' }],
      [52, { tags: ['x'], networks: 'auto' }],
    ];
    for (const [minor, rest] of boundaries) {
      assert.throws(() => at(minor - 1, rest), { code: 'bad_request' }, JSON.stringify(rest));
      assert.ok(at(minor, rest));
    }
    assert.ok(at(36, {}));
    assert.throws(() => at(37, {}), { message: "'networks' is a required property" });
    assert.ok(at(56, { networks: 'none', personality: [] }));
    assert.throws(() => at(57, { networks: 'none', personality: [] }), { code: 'bad_request' });
    const tagged = { block_device_mapping_v2: [{ ...boot(v1), tag: 'root' }], networks: 'none' as const };
    assert.throws(() => at(41, tagged), { code: 'bad_request' });
    assert.equal(at(42, tagged).disks[0]?.tag, 'root');
  });
});
