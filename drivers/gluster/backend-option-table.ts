// Every option that a backend may be given, under Cinder's names, with the reader that checks its value and, where it has no effect here,
// the reason. What is not in the table is refused: a misspelt option that is silently ignored costs somebody a disk.
// Sources: Cinder 9.0 (the last with the GlusterFS driver), glusterfs.py, remotefs.py and driver.py; 2015.1 for the two old booleans.
// Options of other drivers stay unknown on purpose: a section that has them was written for something else.
import { type Account, readAccount } from '../process/accounts.js';

type Reader<T> = (value: unknown, name: string) => T;

const refuse = (name: string, wish: string): Error => new Error(`backend option ${name} must be ${wish}`);

const text: Reader<string> = (value, name) => {
  if (typeof value !== 'string' || value === '') throw refuse(name, 'text');
  return value;
};
const anyText: Reader<string> = (value, name) => {
  if (typeof value !== 'string' && typeof value !== 'number') throw refuse(name, 'text');
  return String(value);
};
const absolutePath: Reader<string> = (value, name) => {
  const path = text(value, name);
  if (!path.startsWith('/')) throw refuse(name, 'an absolute path');
  return path;
};
const number =
  (low: number, high: number): Reader<number> =>
  (value, name) => {
    const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof parsed !== 'number' || !(parsed >= low && parsed <= high)) {
      throw refuse(name, `a number from ${low} to ${high}`);
    }
    return parsed;
  };
const whole =
  (low: number, high: number): Reader<number> =>
  (value, name) => {
    const parsed = number(low, high)(value, name);
    if (!Number.isInteger(parsed)) throw refuse(name, `a whole number from ${low} to ${high}`);
    return parsed;
  };
const oneOf =
  <T extends string>(...words: readonly T[]): Reader<T> =>
  (value, name) => {
    const word = words.find((candidate) => candidate === String(value).toLowerCase());
    if (word === undefined) throw refuse(name, `one of ${words.join(', ')}`);
    return word;
  };
/** oslo.config's words for booleans, in any case. */
const boolean: Reader<boolean> = (value, name) => {
  const word = oneOf('true', 'false', 'yes', 'no', 'on', 'off', '1', '0')(value, name);
  return ['true', 'yes', 'on', '1'].includes(word);
};
const list: Reader<readonly string[]> = (value, name) => {
  if (!Array.isArray(value)) throw refuse(name, 'a list');
  return value.map((item) => absolutePath(item, name));
};
/** Bytes, or dd's notation: `1M`, `512K`. */
const blockSize: Reader<string> = (value, name) => {
  const words = anyText(value, name);
  if (!/^[1-9]\d*[BKMGT]?$/.test(words)) throw refuse(name, 'a size such as 1M');
  return words;
};
const ratio: Reader<number | 'auto'> = (value, name) => (value === 'auto' ? 'auto' : number(1, 1_000_000)(value, name));
/** Since 7.0 this option stands for the two old booleans, and an upgraded file may still hold one of their values. */
const provisioning: Reader<'thin' | 'thick'> = (value, name) => {
  if (['true', 'false'].includes(String(value).toLowerCase())) {
    throw new Error(
      `backend option ${name} is ${String(value)}, a value of the old glusterfs_sparsed_volumes or glusterfs_qcow2_volumes; ` +
        'it must be one of thin (qcow2 files that grow) or thick (raw files with their room reserved)',
    );
  }
  return oneOf('thin', 'thick')(value, name);
};
/** `owner`: whom the root of each share belongs to. */
const storageUser: Reader<'owner' | Account> = (value, name) => {
  const words = anyText(value, name);
  if (words === 'owner') return 'owner';
  try {
    return readAccount(words);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(`backend option ${name} must be owner, a user, or user:group (names or numbers): ${why}`);
  }
};
const driverName: Reader<string> = (value, name) => {
  const words = text(value, name);
  if (!/(^|\.)GlusterfsDriver$/.test(words)) throw refuse(name, "GlusterFS's (…GlusterfsDriver), or be left out");
  return words;
};
/** Files are named by it, and the guard of base names knows no other. */
const volumeTemplate: Reader<string> = (value, name) => {
  if (value !== 'volume-%s') throw refuse(name, 'volume-%s: files of volumes have no other names here');
  return 'volume-%s';
};

/** Options that do something here. */
export const optionReaders = {
  driver: oneOf('glusterfs', 'directory'),
  volume_driver: driverName,
  volume_backend_name: text,
  glusterfs_shares_config: absolutePath,
  glusterfs_mount_point_base: absolutePath,
  glusterfs_sparsed_volumes: boolean,
  glusterfs_qcow2_volumes: boolean,
  nas_host: text,
  nas_ip: text,
  nas_share_path: text,
  nas_mount_options: text,
  nas_volume_prov_type: provisioning,
  nas_secure_file_permissions: oneOf('auto', 'true', 'false'),
  reserved_percentage: whole(0, 100),
  max_over_subscription_ratio: ratio,
  volume_copy_bps_limit: whole(0, Number.MAX_SAFE_INTEGER),
  volume_name_template: volumeTemplate,
  saggar_volume_format: oneOf('raw', 'qcow2'),
  saggar_preallocation: oneOf('off', 'metadata', 'falloc', 'full'),
  saggar_trash_grace_seconds: number(0, 10 * 365 * 86_400),
  saggar_glusterd_socket: absolutePath,
  saggar_set_gluster_options: oneOf('true', 'false'),
  saggar_io_deadline_seconds: number(0.05, 600),
  saggar_heavy_places: whole(1, 64),
  saggar_storage_user: storageUser,
  saggar_directories: list,
} as const satisfies Record<string, Reader<unknown>>;

export interface IdleOption {
  readonly read: Reader<unknown>;
  /** Why it does nothing here. */
  readonly why: string;
  /** Whether this value is one of which somebody could expect an effect; without it, every value is. */
  readonly matters?: (value: unknown) => boolean;
}

const isNot = (usual: unknown) => (value: unknown) => value !== usual;
const unusedByGluster = 'it never had an effect on GlusterFS';

/** Options that are checked and do nothing here, so that a Cinder configuration can be carried over. */
export const idleOptions: Readonly<Record<string, IdleOption>> = {
  glusterfs_disk_util: {
    read: oneOf('df', 'du'),
    why: 'room is measured by df alone; du reads every file, and what volumes may grow to is counted from their records',
    matters: isNot('df'),
  },
  nas_login: { read: anyText, why: unusedByGluster },
  nas_password: { read: anyText, why: unusedByGluster },
  nas_private_key: { read: anyText, why: unusedByGluster },
  nas_ssh_port: { read: whole(0, 65_535), why: unusedByGluster },
  nas_secure_file_operations: {
    read: oneOf('auto', 'true', 'false'),
    why: 'files are handled as the storage user (saggar_storage_user), whatever it says',
    matters: isNot('auto'),
  },
  volume_dd_blocksize: { read: blockSize, why: 'nothing is copied by dd', matters: isNot('1M') },
  num_shell_tries: {
    read: whole(1, 1_000),
    why: 'a step that failed is tried again by the conductor, a mount by the next report',
    matters: isNot(3),
  },
  snapshot_name_template: { read: anyText, why: 'overlays are named volume-<id>.<snapshot id>, as Cinder names them' },
  image_conversion_dir: { read: absolutePath, why: 'no image is converted on a local disk' },
  volume_clear: {
    read: oneOf('none', 'zero', 'shred'),
    why: "a volume is a file: its blocks return to the bricks' file systems, which show zeros to the next owner",
    matters: isNot('none'),
  },
  volume_clear_size: { read: whole(0, Number.MAX_SAFE_INTEGER), why: 'see volume_clear', matters: isNot(0) },
  volume_clear_ionice: { read: anyText, why: 'see volume_clear' },
  volume_copy_blkio_cgroup_name: { read: anyText, why: 'copies are slowed by the tool itself, not by a control group' },
  filter_function: { read: anyText, why: 'pools are chosen by what the filters of placement ask, and by room' },
  goodness_function: { read: anyText, why: 'pools are chosen by what the filters of placement ask, and by room' },
  use_multipath_for_image_xfer: { read: boolean, why: 'a share has no paths of block devices', matters: isNot(false) },
  enforce_multipath_for_image_xfer: {
    read: boolean,
    why: 'a share has no paths of block devices',
    matters: isNot(false),
  },
  image_volume_cache_enabled: { read: boolean, why: 'there is no cache of image volumes', matters: isNot(false) },
  image_volume_cache_max_size_gb: {
    read: whole(0, Number.MAX_SAFE_INTEGER),
    why: 'there is no cache of image volumes',
  },
  image_volume_cache_max_count: { read: whole(0, Number.MAX_SAFE_INTEGER), why: 'there is no cache of image volumes' },
  report_discard_supported: {
    read: boolean,
    why: 'what a guest discards is passed on whatever it says',
    matters: isNot(true),
  },
};

export type OptionName = keyof typeof optionReaders;
export type OptionValue<N extends OptionName> = ReturnType<(typeof optionReaders)[N]>;

export const knownOptions: readonly string[] = [...Object.keys(optionReaders), ...Object.keys(idleOptions)];
