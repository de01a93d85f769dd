// One backend's options, under Cinder's names, checked (backend-option-table.ts has each) and brought to the terms of the driver.
//   - `nas_secure_file_permissions: auto` means mode 0660 (Cinder's `auto` made files world-writable)
//   - without any option on formats, thin provisioning means qcow2 base files and thick means preallocated raw, as in Cinder 9
//   - the two old booleans mean what they meant: qcow2 wins over sparse, a raw file that is not sparse is written full
//   - newer options win over older ones that say something else, and that is noted
// Source of names and defaults: Cinder 9.0 and 2015.1, glusterfs.py and remotefs.py; `saggar_` options are our own.
import type { LayerFormat } from '../../services/core/domain/chain.js';
import { nearestWord } from '../../services/core/domain/did-you-mean.js';
import type { Account } from '../process/accounts.js';
import type { Preallocation } from '../volume-driver.js';
import { idleOptions, knownOptions, type OptionName, type OptionValue, optionReaders } from './backend-option-table.js';
import { tryParseShareText } from './share-text.js';

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
  /** Who the files of the shares are handled as, by a worker that is root; `owner`: whom the root of each share belongs to. */
  readonly storageUser: 'owner' | Account;
  /** How many copies and the like may run at once on one share. */
  readonly heavyPlaces: number;
  /** Bytes per second of one copy; null: as fast as it goes. */
  readonly copyBytesPerSecond: number | null;
  /** Options that were accepted and do nothing, or less than somebody may expect. */
  readonly notes: readonly OptionNote[];
}

export interface OptionNote {
  readonly option: string;
  readonly reason: string;
}

type Raw = Readonly<Record<string, unknown>>;
type Read = <N extends OptionName, D>(key: N, fallback: D) => OptionValue<N> | D;

/** Checked options. Throws an Error that names the option and what it wants. */
export function parseBackendOptions(name: string, raw: Raw): BackendOptions {
  for (const key of Object.keys(raw)) demandKnown(name, key);
  const read: Read = (key, fallback) => {
    const value = raw[key];
    return isGiven(value) ? (optionReaders[key](value, key) as OptionValue<typeof key>) : fallback;
  };
  const notes = noteIdle(raw);
  const made = readProvisioning(read, notes);
  read('volume_driver', null);
  read('volume_name_template', null);
  const options: BackendOptions = {
    driver: read('driver', 'glusterfs'),
    volumeBackendName: read('volume_backend_name', name),
    sharesConfig: read('glusterfs_shares_config', null),
    nasShare: readNasShare(read, notes),
    mountPointBase: read('glusterfs_mount_point_base', '/var/lib/saggar/mnt'),
    directories: read('saggar_directories', []),
    ...made,
    fileMode: read('nas_secure_file_permissions', 'auto') === 'false' ? 0o666 : 0o660,
    reservedPercentage: read('reserved_percentage', 0),
    maxOverSubscriptionRatio: read('max_over_subscription_ratio', 20),
    trashGraceSeconds: read('saggar_trash_grace_seconds', 0),
    glusterdSocket: read('saggar_glusterd_socket', null),
    setGlusterOptions: read('saggar_set_gluster_options', 'false') === 'true',
    ioDeadlineMs: read('saggar_io_deadline_seconds', 15) * 1000,
    storageUser: read('saggar_storage_user', 'owner'),
    heavyPlaces: read('saggar_heavy_places', 2),
    copyBytesPerSecond: read('volume_copy_bps_limit', 0) || null,
    notes,
  };
  if (options.driver === 'directory' && options.directories.length === 0) {
    throw new Error(`backend ${name}: driver directory needs saggar_directories`);
  }
  if (options.driver === 'glusterfs' && options.sharesConfig === null && options.nasShare === null) {
    throw new Error(`backend ${name}: glusterfs_shares_config is not set`);
  }
  return options;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function demandKnown(name: string, key: string): void {
  if (knownOptions.includes(key)) return;
  const guess = nearestWord(key, knownOptions);
  const advice = guess === null ? `known are ${knownOptions.join(', ')}` : `did you mean ${guess}?`;
  throw new Error(`backend ${name} has the unknown option ${key}; ${advice}`);
}

function noteIdle(raw: Raw): OptionNote[] {
  const notes: OptionNote[] = [];
  for (const [option, { read, why, matters = () => true }] of Object.entries(idleOptions)) {
    if (isGiven(raw[option]) && matters(read(raw[option], option))) notes.push({ option, reason: why });
  }
  return notes;
}

type Provisioning = Pick<BackendOptions, 'thin' | 'volumeFormat' | 'preallocation'>;

function readProvisioning(read: Read, notes: OptionNote[]): Provisioning {
  const old = readOldBooleans(read);
  const type = read('nas_volume_prov_type', null);
  const usual: Provisioning =
    type === 'thick'
      ? { thin: false, volumeFormat: 'raw', preallocation: 'falloc' }
      : { thin: true, volumeFormat: 'qcow2', preallocation: 'off' };
  const chosen = type === null && old !== null ? old : usual;
  if (type !== null && old !== null && (old.thin !== usual.thin || old.volumeFormat !== usual.volumeFormat)) {
    const reason = `nas_volume_prov_type is its newer name, and says ${type}`;
    for (const option of ['glusterfs_sparsed_volumes', 'glusterfs_qcow2_volumes'] as const) {
      if (read(option, null) !== null) notes.push({ option, reason });
    }
  }
  const volumeFormat = read('saggar_volume_format', chosen.volumeFormat);
  const preallocation = read('saggar_preallocation', chosen.preallocation);
  if (preallocation === 'metadata' && volumeFormat === 'raw') {
    throw new Error('backend option saggar_preallocation: metadata is only for qcow2');
  }
  return { thin: chosen.thin, volumeFormat, preallocation };
}

/** null when neither is given. */
function readOldBooleans(read: Read): Provisioning | null {
  const sparse = read('glusterfs_sparsed_volumes', null);
  const qcow2 = read('glusterfs_qcow2_volumes', null);
  if (sparse === null && qcow2 === null) return null;
  if (qcow2 === true) return { thin: true, volumeFormat: 'qcow2', preallocation: 'off' };
  return sparse === false
    ? { thin: false, volumeFormat: 'raw', preallocation: 'full' }
    : { thin: true, volumeFormat: 'raw', preallocation: 'off' };
}

function readNasShare(read: Read, notes: OptionNote[]): BackendOptions['nasShare'] {
  const host = read('nas_host', read('nas_ip', null));
  const path = read('nas_share_path', null);
  const mountOptions = read('nas_mount_options', null);
  if (host !== null && path !== null) {
    const share = `${host}:${path.startsWith('/') ? path : `/${path}`}`;
    if (tryParseShareText(share) === null) {
      throw new Error(`backend options nas_host and nas_share_path make no share: ${JSON.stringify(share)}`);
    }
    return { share, mountOptions };
  }
  const reason = 'only nas_host and nas_share_path together name a share; without one of them the shares file counts';
  const given = { nas_host: host, nas_share_path: path, nas_mount_options: mountOptions };
  for (const [option, value] of Object.entries(given)) if (value !== null) notes.push({ option, reason });
  return null;
}
