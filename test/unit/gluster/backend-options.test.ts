// Options of a backend: Cinder's names and defaults, our differences from them, and the refusal of everything unknown.
import assert from 'node:assert/strict';
import { parseBackendOptions } from '../../../drivers/gluster/backend-options.js';

const shares = { glusterfs_shares_config: '/etc/cinder/glusterfs_shares' };

describe("a backend's options", () => {
  it("are Cinder's, with Cinder's defaults", () => {
    const options = parseBackendOptions('gold', shares);
    assert.deepEqual(
      [
        options.volumeBackendName,
        options.volumeFormat,
        options.preallocation,
        options.fileMode,
        options.reservedPercentage,
      ],
      ['gold', 'qcow2', 'off', 0o660, 0],
    );
    assert.deepEqual(
      [options.maxOverSubscriptionRatio, options.trashGraceSeconds, options.driver],
      [20, 0, 'glusterfs'],
    );
  });

  it('take thick provisioning for preallocated raw, and our own words above it', () => {
    const thick = parseBackendOptions('b', { ...shares, nas_volume_prov_type: 'thick' });
    assert.deepEqual([thick.volumeFormat, thick.preallocation, thick.thin], ['raw', 'falloc', false]);
    const raw = parseBackendOptions('b', { ...shares, saggar_volume_format: 'raw' });
    assert.deepEqual([raw.volumeFormat, raw.preallocation, raw.thin], ['raw', 'off', true]);
  });

  it('accept one share given directly, and strings where Cinder has strings', () => {
    const options = parseBackendOptions('b', {
      nas_host: '10.0.0.1',
      nas_share_path: 'vols',
      nas_mount_options: '-o acl',
      max_over_subscription_ratio: '2.5',
      nas_secure_file_permissions: 'false',
    });
    assert.deepEqual(options.nasShare, { share: '10.0.0.1:/vols', mountOptions: '-o acl' });
    assert.deepEqual([options.maxOverSubscriptionRatio, options.fileMode], [2.5, 0o666]);
    assert.equal(
      parseBackendOptions('b', { ...shares, max_over_subscription_ratio: 'auto' }).maxOverSubscriptionRatio,
      'auto',
    );
  });

  const wrong: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{}, /glusterfs_shares_config is not set/],
    [{ ...shares, glusterfs_sparsed_volume: true }, /unknown option glusterfs_sparsed_volume/],
    [{ glusterfs_shares_config: 'relative' }, /absolute path/],
    [{ ...shares, nas_volume_prov_type: 'True' }, /thin, thick/],
    [{ ...shares, reserved_percentage: 101 }, /0 to 100/],
    [{ ...shares, max_over_subscription_ratio: 'much' }, /number/],
    [{ ...shares, saggar_volume_format: 'raw', saggar_preallocation: 'metadata' }, /only for qcow2/],
    [{ driver: 'directory' }, /saggar_directories/],
    [{ driver: 'directory', saggar_directories: ['x'] }, /absolute path/],
  ];
  for (const [raw, message] of wrong) {
    it(`refuse ${JSON.stringify(raw)}`, () => assert.throws(() => parseBackendOptions('b', raw), message));
  }
});
