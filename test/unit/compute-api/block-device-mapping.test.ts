// From the bodies that clients send to the list of volumes a server gets, and what is refused on the way.
import assert from 'node:assert/strict';
import { readBlockDevices, type ServerBody } from '../../../services/api/compute/block-device-mapping.js';
import { readServerRequest } from '../../../services/api/compute/server-request.js';

const v1 = '11111111-1111-4111-8111-111111111111';
const v2 = '22222222-2222-4222-8222-222222222222';

function body(rest: Partial<ServerBody>): ServerBody {
  return { name: 'srv', flavorRef: '1', ...rest };
}

function boot(uuid: string) {
  return { source_type: 'volume', destination_type: 'volume', uuid, boot_index: 0 } as const;
}

describe('block device mapping', () => {
  it('puts the boot disk first whatever the order of the request', () => {
    const disks = readBlockDevices(
      body({ block_device_mapping_v2: [{ source_type: 'volume', uuid: v2, boot_index: -1 }, boot(v1)] }),
    );
    assert.deepEqual(disks, [
      { volumeId: v1, bootIndex: 0, deleteOnTermination: false, tag: null },
      { volumeId: v2, bootIndex: null, deleteOnTermination: false, tag: null },
    ]);
  });

  it('reads boot_index as text and delete_on_termination in its spellings', () => {
    const disks = readBlockDevices(
      body({ block_device_mapping_v2: [{ ...boot(v1), boot_index: '0', delete_on_termination: 'True' }] }),
    );
    assert.deepEqual(disks, [{ volumeId: v1, bootIndex: 0, deleteOnTermination: true, tag: null }]);
  });

  it('accepts ids without dashes and in capitals', () => {
    const disks = readBlockDevices(body({ block_device_mapping_v2: [boot(v1.replaceAll('-', '').toUpperCase())] }));
    assert.equal(disks[0]?.volumeId, v1);
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
      disks.map((disk) => [disk.volumeId, disk.bootIndex]),
      [
        [v1, 0],
        [v2, null],
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
    'an image': [{ ...boot(v1), source_type: 'image' }],
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
