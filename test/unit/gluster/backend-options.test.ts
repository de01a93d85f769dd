// Options of a backend: Cinder's names and defaults, our differences from them, and the refusal of everything unknown.
import assert from 'node:assert/strict';
import { knownOptions } from '../../../drivers/gluster/backend-option-table.js';
import { type BackendOptions, parseBackendOptions } from '../../../drivers/gluster/backend-options.js';

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

  it('take the two old booleans for what they meant, and the newer option before them', () => {
    const made = (raw: object) => {
      const { volumeFormat, preallocation, thin } = parseBackendOptions('b', { ...shares, ...raw });
      return [volumeFormat, preallocation, thin];
    };
    assert.deepEqual(made({ glusterfs_sparsed_volumes: 'True' }), ['raw', 'off', true]);
    assert.deepEqual(made({ glusterfs_sparsed_volumes: false }), ['raw', 'full', false]);
    assert.deepEqual(made({ glusterfs_qcow2_volumes: 'True', glusterfs_sparsed_volumes: 'False' }), [
      'qcow2',
      'off',
      true,
    ]);
    assert.deepEqual(made({ glusterfs_qcow2_volumes: 'no' }), ['raw', 'off', true]);
    const both = { ...shares, glusterfs_sparsed_volumes: 'False', nas_volume_prov_type: 'thin' };
    assert.deepEqual(made(both), ['qcow2', 'off', true]);
    assert.deepEqual(
      parseBackendOptions('b', both).notes.map(({ option }) => option),
      ['glusterfs_sparsed_volumes'],
    );
  });

  it('note a share of which only half is named', () => {
    const { nasShare, notes } = parseBackendOptions('b', { ...shares, nas_host: 'h', nas_mount_options: '-o acl' });
    assert.equal(nasShare, null);
    assert.deepEqual(
      notes.map(({ option }) => option),
      ['nas_host', 'nas_mount_options'],
    );
  });

  /** Every option: a value with its effect, or with the word `note`; and values that are refused. */
  const rows: Readonly<Record<string, readonly [unknown, Partial<BackendOptions> | 'note', unknown[]]>> = {
    driver: ['glusterfs', { driver: 'glusterfs' }, ['nfs', 7]],
    volume_driver: ['cinder.volume.drivers.glusterfs.GlusterfsDriver', {}, ['cinder.volume.drivers.nfs.NfsDriver', '']],
    volume_backend_name: ['gold', { volumeBackendName: 'gold' }, ['', 7]],
    glusterfs_shares_config: ['/s', { sharesConfig: '/s' }, ['s', '']],
    glusterfs_mount_point_base: ['/m', { mountPointBase: '/m' }, ['m', '']],
    glusterfs_sparsed_volumes: ['false', { preallocation: 'full' }, ['maybe', 2]],
    glusterfs_qcow2_volumes: [false, { volumeFormat: 'raw' }, ['maybe', '']],
    nas_host: ['h', 'note', ['', 7]],
    nas_ip: ['h', 'note', ['', 7]],
    nas_share_path: ['/v', 'note', ['', 7]],
    nas_mount_options: ['-o acl', 'note', ['', 7]],
    nas_volume_prov_type: ['thick', { thin: false, preallocation: 'falloc' }, ['True', 'False', true, 'sparse']],
    nas_secure_file_permissions: ['false', { fileMode: 0o666 }, ['0660', '']],
    reserved_percentage: ['15', { reservedPercentage: 15 }, [-1, 101, 'x', 1.5]],
    max_over_subscription_ratio: ['auto', { maxOverSubscriptionRatio: 'auto' }, ['much', 0.5]],
    volume_copy_bps_limit: ['1000000', { copyBytesPerSecond: 1_000_000 }, [-1, '1M', 0.5]],
    volume_name_template: ['volume-%s', {}, ['disk-%s', '']],
    saggar_volume_format: ['raw', { volumeFormat: 'raw' }, ['vmdk', 'auto']],
    saggar_preallocation: ['metadata', { preallocation: 'metadata' }, ['all', '']],
    saggar_trash_grace_seconds: [60, { trashGraceSeconds: 60 }, [-1, 'x']],
    saggar_glusterd_socket: ['/g', { glusterdSocket: '/g' }, ['g']],
    saggar_set_gluster_options: [true, { setGlusterOptions: true }, ['perhaps']],
    saggar_io_deadline_seconds: [2, { ioDeadlineMs: 2_000 }, [0, 601]],
    saggar_heavy_places: ['4', { heavyPlaces: 4 }, [0, 65, 1.5, 'many']],
    saggar_storage_user: [
      '107:108',
      { storageUser: { uid: 107, gid: 108 } },
      ['', 'nobody-of-that-name', ':', '1:2:3'],
    ],
    saggar_directories: [['/d'], { directories: ['/d'] }, ['/d', ['d']]],
    glusterfs_disk_util: ['du', 'note', ['free']],
    nas_login: ['admin', 'note', [[]]],
    nas_password: ['x', 'note', [[]]],
    nas_private_key: ['/k', 'note', [[]]],
    nas_ssh_port: [22, 'note', ['ssh', 70_000]],
    nas_secure_file_operations: ['false', 'note', ['maybe']],
    volume_dd_blocksize: ['4M', 'note', ['big', '0', '-1M']],
    num_shell_tries: [5, 'note', [0, 'x']],
    snapshot_name_template: ['snap-%s', 'note', [[]]],
    image_conversion_dir: ['/c', 'note', ['c']],
    volume_clear: ['zero', 'note', ['zer0', 'wipe', '', 'true']],
    volume_clear_size: [50, 'note', ['50M', -1]],
    volume_clear_ionice: ['-c3', 'note', [[]]],
    volume_copy_blkio_cgroup_name: ['cinder', 'note', [[]]],
    filter_function: ['volume.size < 10', 'note', [[]]],
    goodness_function: ['50', 'note', [[]]],
    use_multipath_for_image_xfer: ['True', 'note', ['maybe']],
    enforce_multipath_for_image_xfer: ['True', 'note', ['maybe']],
    image_volume_cache_enabled: ['True', 'note', ['maybe']],
    image_volume_cache_max_size_gb: [10, 'note', ['x']],
    image_volume_cache_max_count: [10, 'note', ['x']],
    report_discard_supported: ['False', 'note', ['maybe']],
  };

  it('are all in the table below', () => assert.deepEqual(Object.keys(rows).sort(), [...knownOptions].sort()));

  for (const [option, [value, effect, refused]] of Object.entries(rows)) {
    it(`${option}: ${JSON.stringify(value)} ${effect === 'note' ? 'is noted' : 'has its effect'}, others are refused`, () => {
      const options = parseBackendOptions('b', { ...shares, [option]: value });
      const noted = options.notes.filter((note) => note.option === (option === 'nas_ip' ? 'nas_host' : option));
      assert.equal(noted.length, effect === 'note' ? 1 : 0);
      if (typeof effect === 'object') {
        for (const [key, wanted] of Object.entries(effect)) {
          assert.deepEqual(options[key as keyof BackendOptions], wanted);
        }
      }
      for (const bad of refused) {
        const message = new RegExp(`backend option ${option} `);
        assert.throws(() => parseBackendOptions('b', { ...shares, [option]: bad }), message, JSON.stringify(bad));
      }
    });
  }

  it("say nothing of Cinder's defaults where they do nothing", () => {
    const defaults = { volume_clear: 'none', glusterfs_disk_util: 'df', num_shell_tries: 3, volume_dd_blocksize: '1M' };
    assert.deepEqual(parseBackendOptions('b', { ...shares, ...defaults }).notes, []);
  });

  const wrong: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{}, /glusterfs_shares_config is not set/],
    [
      { ...shares, glusterfs_sparsed_volume: true },
      /unknown option glusterfs_sparsed_volume; did you mean glusterfs_sparsed_volumes\?/,
    ],
    [{ ...shares, volume_wipe_everything: 'zero' }, /unknown option volume_wipe_everything; known are/],
    [{ ...shares, nas_volume_prov_type: 'True' }, /old glusterfs_sparsed_volumes .* thin \(qcow2/],
    [{ ...shares, saggar_volume_format: 'raw', saggar_preallocation: 'metadata' }, /only for qcow2/],
    [{ driver: 'directory' }, /saggar_directories/],
  ];
  for (const [raw, message] of wrong) {
    it(`refuse ${JSON.stringify(raw)}`, () => assert.throws(() => parseBackendOptions('b', raw), message));
  }
});
