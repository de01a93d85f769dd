// One backend's options, under Cinder's names, checked: an unknown name or a value out of range is refused at start, because a
// misspelt option that is silently ignored costs somebody a disk. Differences from Cinder, on purpose:
//   - `nas_secure_file_permissions: auto` means mode 0660 (Cinder's `auto` made files world-writable)
//   - without either format option, thin provisioning means qcow2 base files and thick means preallocated raw, as in Cinder 9
// Source of names and defaults: Cinder 9.0, glusterfs.py and remotefs.py; `saggar_` options are our own.
import type { LayerFormat } from '../../services/core/domain/chain.js';
import type { Preallocation } from '../volume-driver.js';

export interface BackendOptions {
  readonly driver: 'glusterfs' | 'directory';
  readonly volumeBackendName: string;
  readonly sharesConfig: string | null;
  /** One share given directly (`nas_host` + `nas_share_path`) instead of the file. */
  readonly nasShare: { readonly share: string; readonly mountOptions: string | null } | null;
  readonly mountPointBase: string;
  /** Only for driver `directory`: absolute directories that stand for shares. */
  readonly directories: readonly string[];
  readonly volumeFormat: LayerFormat;
  readonly preallocation: Preallocation;
  readonly thin: boolean;
  readonly fileMode: number;
  readonly reservedPercentage: number;
  /** `auto`: follows from what is promised and what is used, as in Cinder. */
  readonly maxOverSubscriptionRatio: number | 'auto';
  readonly trashGraceSeconds: number;
  readonly glusterdSocket: string | null;
  readonly setGlusterOptions: boolean;
  readonly ioDeadlineMs: number;
}

type Reader<T> = (value: unknown, name: string) => T;

const text: Reader<string> = (value, name) => {
  if (typeof value !== 'string' || value === '') throw new Error(`backend option ${name} must be text`);
  return value;
};
const absolutePath: Reader<string> = (value, name) => {
  const path = text(value, name);
  if (!path.startsWith('/')) throw new Error(`backend option ${name} must be an absolute path`);
  return path;
};
const number =
  (low: number, high: number): Reader<number> =>
  (value, name) => {
    const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof parsed !== 'number' || !(parsed >= low && parsed <= high)) {
      throw new Error(`backend option ${name} must be a number from ${low} to ${high}`);
    }
    return parsed;
  };
const oneOf =
  <T extends string>(...words: readonly T[]): Reader<T> =>
  (value, name) => {
    const word = words.find((candidate) => candidate === String(value).toLowerCase());
    if (word === undefined) throw new Error(`backend option ${name} must be one of ${words.join(', ')}`);
    return word;
  };
const list: Reader<readonly string[]> = (value, name) => {
  if (!Array.isArray(value)) throw new Error(`backend option ${name} must be a list`);
  return value.map((item) => absolutePath(item, name));
};
const ratio: Reader<number | 'auto'> = (value, name) => (value === 'auto' ? 'auto' : number(1, 1_000_000)(value, name));

const readers = {
  driver: oneOf('glusterfs', 'directory'),
  volume_backend_name: text,
  glusterfs_shares_config: absolutePath,
  glusterfs_mount_point_base: absolutePath,
  nas_host: text,
  nas_ip: text,
  nas_share_path: text,
  nas_mount_options: text,
  nas_volume_prov_type: oneOf('thin', 'thick'),
  nas_secure_file_permissions: oneOf('auto', 'true', 'false'),
  nas_secure_file_operations: oneOf('auto', 'true', 'false'),
  reserved_percentage: number(0, 100),
  max_over_subscription_ratio: ratio,
  saggar_volume_format: oneOf('raw', 'qcow2'),
  saggar_preallocation: oneOf('off', 'metadata', 'falloc', 'full'),
  saggar_trash_grace_seconds: number(0, 10 * 365 * 86_400),
  saggar_glusterd_socket: absolutePath,
  saggar_set_gluster_options: oneOf('true', 'false'),
  saggar_io_deadline_seconds: number(0.05, 600),
  saggar_directories: list,
} as const satisfies Record<string, Reader<unknown>>;

type OptionName = keyof typeof readers;
/** Accepted so that a Cinder configuration can be carried over; they never had an effect on GlusterFS. */
const withoutEffect = ['volume_driver', 'nas_login', 'nas_password', 'nas_private_key', 'nas_ssh_port'];

/** Checked options. Throws an Error that names the option and what it wants. */
export function parseBackendOptions(name: string, raw: Readonly<Record<string, unknown>>): BackendOptions {
  for (const key of Object.keys(raw)) {
    if (!(key in readers) && !withoutEffect.includes(key)) {
      throw new Error(`backend ${name} has the unknown option ${key}; known are ${Object.keys(readers).join(', ')}`);
    }
  }
  const read = <N extends OptionName, D>(key: N, fallback: D): ReturnType<(typeof readers)[N]> | D => {
    const value = raw[key];
    return value === undefined || value === null
      ? fallback
      : (readers[key](value, key) as ReturnType<(typeof readers)[N]>);
  };
  const thin = read('nas_volume_prov_type', 'thin') === 'thin';
  const volumeFormat = read('saggar_volume_format', thin ? 'qcow2' : 'raw');
  const preallocation = read('saggar_preallocation', thin ? 'off' : 'falloc');
  if (preallocation === 'metadata' && volumeFormat === 'raw') {
    throw new Error('backend option saggar_preallocation: metadata is only for qcow2');
  }
  const options: BackendOptions = {
    driver: read('driver', 'glusterfs'),
    volumeBackendName: read('volume_backend_name', name),
    sharesConfig: read('glusterfs_shares_config', null),
    nasShare: nasShareOf(
      read('nas_host', read('nas_ip', null)),
      read('nas_share_path', null),
      read('nas_mount_options', null),
    ),
    mountPointBase: read('glusterfs_mount_point_base', '/var/lib/saggar/mnt'),
    directories: read('saggar_directories', []),
    volumeFormat,
    preallocation,
    thin,
    fileMode: read('nas_secure_file_permissions', 'auto') === 'false' ? 0o666 : 0o660,
    reservedPercentage: read('reserved_percentage', 0),
    maxOverSubscriptionRatio: read('max_over_subscription_ratio', 20),
    trashGraceSeconds: read('saggar_trash_grace_seconds', 0),
    glusterdSocket: read('saggar_glusterd_socket', null),
    setGlusterOptions: read('saggar_set_gluster_options', 'false') === 'true',
    ioDeadlineMs: read('saggar_io_deadline_seconds', 15) * 1000,
  };
  if (options.driver === 'directory' && options.directories.length === 0) {
    throw new Error(`backend ${name}: driver directory needs saggar_directories`);
  }
  if (options.driver === 'glusterfs' && options.sharesConfig === null && options.nasShare === null) {
    throw new Error(`backend ${name}: glusterfs_shares_config is not set`);
  }
  return options;
}

function nasShareOf(host: string | null, path: string | null, mountOptions: string | null): BackendOptions['nasShare'] {
  if (host === null || path === null) return null;
  return { share: `${host}:${path.startsWith('/') ? path : `/${path}`}`, mountOptions };
}
