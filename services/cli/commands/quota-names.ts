// What quotas are called: the keys of the APIs, the options and titles of python-openstackclient. Pure.
import type { CommandInput } from '../command-input.js';

export type QuotaValues = Readonly<
  Record<string, string | number | { limit: number; in_use: number; reserved: number } | undefined>
>;

interface QuotaTable {
  /** Keys of the API in the order of the list. */
  readonly keys: readonly string[];
  /** Their titles in lists. */
  readonly columns: readonly string[];
  /** Option and the key that it sets. */
  readonly options: readonly (readonly [option: string, key: string])[];
}

/** Counted per volume type too (Cinder: `volumes_TYPE`, `gigabytes_TYPE`, `snapshots_TYPE`). */
const perType = new Set(['volumes', 'gigabytes', 'snapshots']);

export const quotaTables = {
  volume: {
    keys: ['backups', 'backup_gigabytes', 'gigabytes', 'per_volume_gigabytes', 'snapshots', 'volumes'],
    columns: ['Backups', 'Backup Gigabytes', 'Gigabytes', 'Per Volume Gigabytes', 'Snapshots', 'Volumes'],
    options: [
      ['volumes', 'volumes'],
      ['snapshots', 'snapshots'],
      ['gigabytes', 'gigabytes'],
      ['per-volume-gigabytes', 'per_volume_gigabytes'],
      ['backups', 'backups'],
      ['backup-gigabytes', 'backup_gigabytes'],
    ],
  },
  compute: {
    keys: ['cores', 'instances', 'ram'],
    columns: ['Cores', 'Instances', 'Ram'],
    options: [
      ['instances', 'instances'],
      ['cores', 'cores'],
      ['ram', 'ram'],
    ],
  },
} as const satisfies Record<string, QuotaTable>;

/** Keys that python-openstackclient shows under the names of its options. */
const renamed: Readonly<Record<string, string>> = {
  backup_gigabytes: 'backup-gigabytes',
  per_volume_gigabytes: 'per-volume-gigabytes',
  injected_file_content_bytes: 'injected-file-size',
  injected_file_path_bytes: 'injected-path-size',
  injected_files: 'injected-files',
  key_pairs: 'key-pairs',
  metadata_items: 'properties',
  server_groups: 'server-groups',
  server_group_members: 'server-group-members',
  fixed_ips: 'fixed-ips',
  floating_ips: 'floating-ips',
  security_groups: 'secgroups',
  security_group_rules: 'secgroup-rules',
};

/** The fields of `quota show`, in the order of their names. */
export function shownQuotas(values: QuotaValues): Record<string, unknown> {
  const entries = Object.entries(values).flatMap(([key, value]): [string, unknown][] =>
    key === 'id' ? [] : [[renamed[key] ?? key, value]],
  );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The values that options gave, by key of the API; those that are counted per type get the type's name. */
export function pickQuotas(kind: 'volume' | 'compute', input: CommandInput, type?: string): Record<string, number> {
  const picked: Record<string, number> = {};
  for (const [option, key] of quotaTables[kind].options) {
    const value = input.integer(option);
    if (value !== undefined) picked[type !== undefined && perType.has(key) ? `${key}_${type}` : key] = value;
  }
  return picked;
}
