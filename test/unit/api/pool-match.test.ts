// Which pools fit a volume, by extra specs and by room.
import assert from 'node:assert/strict';
import {
  type PoolRecord,
  poolHasRoom,
  poolMatchesSpecs,
  virtualFreeGib,
} from '../../../services/core/db/block-storage/pool-match.js';
import { type Capability, specMatches } from '../../../services/core/db/block-storage/spec-match.js';
import { GIB } from '../../../services/core/domain/size.js';

const pool: PoolRecord = {
  name: 'h@b#s',
  backend_host: 'h@b',
  share: 's',
  zone: 'nova',
  state: 'up',
  total_bytes: 100 * GIB,
  free_bytes: 50 * GIB,
  provisioned_gib: 40,
  updated_at: '2026-11-21T00:00:00',
  capabilities: {
    volumeBackendName: 'gluster',
    vendorName: 'Open Source',
    driverVersion: '1',
    storageProtocol: 'glusterfs',
    reservedPercentage: 10,
    maxOverSubscriptionRatio: 2,
    thinProvisioning: true,
    thickProvisioning: false,
    volumeFormat: 'qcow2',
    preallocation: 'off',
  },
};

describe('pools', () => {
  it('match extra specs by Cinder’s operators', () => {
    const cases: [Capability, string, boolean][] = [
      ['True', '<is> True', true],
      ['false', '<is> True', false],
      ['glusterfs', 'glusterfs', true],
      [true, 'True', true],
      [false, 'false', true],
      [true, '<is> yes', true],
      ['Text', 'text', false],
      ['glusterfs', ' glusterfs', false],
      ['Open Source', 'Open Source', true],
      ['b', '<or> a b', false],
      ['b', '<or>', false],
      [10, '== 10.0', true],
      [10, '!= 10', false],
      [10, '<= 9', false],
      ['b', 's!= a', true],
      ['b', 's< c', true],
      ['b', 's>=', false],
      ['b', '<or> a <or> b', true],
      ['c', '<or> a <or> b', false],
      ['10', '>= 9', true],
      ['10', '= 11', false],
      ['abc', '<in> b', true],
      ['b', 's> a', true],
      ['x', 's== y', false],
      ['nan', '== x', false],
    ];
    for (const [actual, wanted, expected] of cases)
      assert.equal(specMatches(actual, wanted), expected, `${actual} ${wanted}`);
  });

  it('ignore scopes that are not theirs, and lack what they do not report', () => {
    assert.ok(
      poolMatchesSpecs(pool, {
        storage_protocol: 'glusterfs',
        'capabilities:vendor_name': 'Open Source',
        'gluster:x': 'y',
      }),
    );
    assert.ok(!poolMatchesSpecs(pool, { unknown: '1' }));
    assert.ok(!poolMatchesSpecs(pool, { constructor: '1' }));
    assert.ok(poolMatchesSpecs(pool, { multiattach: '<is> True', 'RESKEY:availability_zones': 'x' }));
    assert.ok(!poolMatchesSpecs(pool, { multiattach: '<is> False' }));
    assert.ok(!poolMatchesSpecs(pool, { vendor_name: null }));
  });

  it('have room by promise and by what is really free', () => {
    assert.equal(virtualFreeGib(pool), 140);
    assert.ok(poolHasRoom(pool, 80) && !poolHasRoom(pool, 81), 'free 40 times 2');
    assert.ok(!poolHasRoom({ ...pool, provisioned_gib: 175 }, 6));
    const thick = { ...pool, capabilities: { ...pool.capabilities, thinProvisioning: false } };
    assert.ok(poolHasRoom(thick, 40) && !poolHasRoom(thick, 41));
    assert.ok(poolHasRoom({ ...pool, total_bytes: null, free_bytes: null }, 1_000_000), 'unknown is not full');
  });
});
