// What a person knows of volumes on a share: a map written by hand, or dumps of Cinder's tables (volumes, snapshots, volume_types,
// volume_metadata) as JSON or CSV. Titles are Cinder's columns; what is deleted there is left out. Pure.
//
//   {"volumes": [{"id": .., "_name_id": .., "display_name": .., "project_id": .., "volume_type_id": .., ..}], "snapshots": [..], ..}
import type { components } from '../../../api-spec/generated/admin.js';
import { UsageError } from '../cli-error.js';
import { parseCsv } from './csv.js';

export type GivenVolume = components['schemas']['RecordingVolume'];
type GivenSnapshot = NonNullable<GivenVolume['snapshots']>[number];
type Row = Readonly<Record<string, unknown>>;

const tableNames = [
  'volumes',
  'snapshots',
  'volume_types',
  'volume_metadata',
  'snapshot_metadata',
  'volume_admin_metadata',
] as const;
type TableName = (typeof tableNames)[number];
type Tables = Record<TableName, Row[]>;

export interface MapFile {
  readonly name: string;
  readonly text: string;
}

/** By the id in the names of the files. Throws UsageError for a file that is neither JSON nor CSV, and for a volume without an id. */
export function readAdoptionMap(files: readonly MapFile[]): Map<string, GivenVolume> {
  const tables = Object.fromEntries(tableNames.map((name) => [name, []])) as unknown as Tables;
  for (const file of files) addFile(tables, file);
  const types = new Map(tables.volume_types.map((row) => [text(row['id']), text(row['name'])] as const));
  const known: Known = {
    types,
    volumeMetadata: pairsBy(tables.volume_metadata, 'volume_id'),
    adminMetadata: pairsBy(tables.volume_admin_metadata, 'volume_id'),
    snapshotMetadata: pairsBy(tables.snapshot_metadata, 'snapshot_id'),
    snapshots: groupBy(tables.snapshots.filter(isAlive), 'volume_id'),
  };
  const found = new Map<string, GivenVolume>();
  for (const row of tables.volumes.filter(isAlive)) {
    const volume = volumeOf(row, known);
    found.set(volume.file_id, volume);
  }
  return found;
}

interface Known {
  readonly types: ReadonlyMap<string | undefined, string | undefined>;
  readonly volumeMetadata: ReadonlyMap<string, Record<string, string>>;
  readonly adminMetadata: ReadonlyMap<string, Record<string, string>>;
  readonly snapshotMetadata: ReadonlyMap<string, Record<string, string>>;
  readonly snapshots: ReadonlyMap<string, readonly Row[]>;
}

function addFile(tables: Tables, { name, text: content }: MapFile): void {
  if (!/^\s*[[{]/.test(content)) {
    const rows = parseCsv(content);
    const table = tableOfColumns(new Set(Object.keys(rows[0] ?? {})), name);
    if (table === null)
      throw new UsageError(`${name}: its titles are those of none of the tables ${tableNames.join(', ')}.`);
    tables[table].push(...rows);
    return;
  }
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw new UsageError(`${name} is no JSON.`, '', { cause });
  }
  const parts = Array.isArray(value) ? { volumes: value as unknown[] } : (value as Record<string, unknown>);
  const names = Object.keys(parts);
  const unknown = names.find((one) => !(tableNames as readonly string[]).includes(one));
  if (unknown !== undefined || names.length === 0) {
    throw new UsageError(`${name}: ${unknown ?? 'nothing'} is none of ${tableNames.join(', ')}.`);
  }
  for (const table of tableNames) {
    const rows = parts[table] ?? [];
    if (!Array.isArray(rows) || rows.some((row) => typeof row !== 'object' || row === null)) {
      throw new UsageError(`${name}: ${table} must be a list of objects.`);
    }
    tables[table].push(...(rows as Row[]));
  }
}

function tableOfColumns(columns: ReadonlySet<string>, file: string): TableName | null {
  if (columns.has('key') && columns.has('value')) {
    if (columns.has('snapshot_id')) return 'snapshot_metadata';
    if (!columns.has('volume_id')) return null;
    return /admin/.test(file) ? 'volume_admin_metadata' : 'volume_metadata';
  }
  if (columns.has('volume_id') && columns.has('id')) return 'snapshots';
  if (columns.has('id') && (columns.has('project_id') || columns.has('size'))) return 'volumes';
  return columns.has('id') && columns.has('name') ? 'volume_types' : null;
}

function volumeOf(row: Row, known: Known): GivenVolume {
  const id = text(row['id']);
  if (id === undefined) throw new UsageError('A volume of the map has no id.');
  const fileId = text(row['file_id']) ?? text(row['_name_id']) ?? text(row['name_id']) ?? id;
  const given = Array.isArray(row['snapshots']) ? (row['snapshots'] as Row[]) : (known.snapshots.get(id) ?? []);
  const format = text(row['format']) ?? known.adminMetadata.get(id)?.['format'];
  const status = text(row['status']);
  return clean({
    file_id: fileId.toLowerCase(),
    id: id.toLowerCase() === fileId.toLowerCase() ? undefined : id.toLowerCase(),
    project_id: text(row['project_id']),
    user_id: text(row['user_id']),
    name: text(row['display_name']) ?? text(row['name']),
    description: text(row['display_description']) ?? text(row['description']),
    volume_type: text(row['volume_type']) ?? known.types.get(text(row['volume_type_id'])),
    availability_zone: text(row['availability_zone']),
    bootable: flag(row['bootable']),
    metadata: isPairs(row['metadata']) ? row['metadata'] : known.volumeMetadata.get(id),
    created_at: time(row['created_at']),
    format: format === 'raw' || format === 'qcow2' ? format : undefined,
    attached:
      text(row['attach_status']) === 'attached' || (status !== undefined && ['in-use', 'detaching'].includes(status))
        ? true
        : undefined,
    encrypted: text(row['encryption_key_id']) === undefined ? undefined : true,
    snapshots: given.length === 0 ? undefined : given.map((one) => snapshotOf(one, known)),
  });
}

function snapshotOf(row: Row, { snapshotMetadata }: Known): GivenSnapshot {
  const id = text(row['id']);
  if (id === undefined) throw new UsageError('A snapshot of the map has no id.');
  return clean({
    id: id.toLowerCase(),
    name: text(row['display_name']) ?? text(row['name']),
    description: text(row['display_description']) ?? text(row['description']),
    created_at: time(row['created_at']),
    metadata: isPairs(row['metadata']) ? row['metadata'] : snapshotMetadata.get(id),
  });
}

/** Cinder keeps rows of what is deleted; `deleted` is a boolean, 1 or `t` in dumps. */
function isAlive(row: Row): boolean {
  return flag(row['deleted']) !== true;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function flag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === null || value === undefined || value === '') return undefined;
  return ['1', 't', 'true'].includes(String(value).toLowerCase());
}

function time(value: unknown): string | undefined {
  const found = text(value)?.replace(/(\+00(:?00)?)$/, '');
  return found !== undefined && /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z?$/.test(found)
    ? found
    : undefined;
}

function isPairs(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string');
}

function pairsBy(rows: readonly Row[], owner: string): Map<string, Record<string, string>> {
  const found = new Map<string, Record<string, string>>();
  for (const row of rows.filter(isAlive)) {
    const [id, key, value] = [text(row[owner]), text(row['key']), row['value']];
    if (id === undefined || key === undefined) continue;
    const pairs = found.get(id) ?? {};
    pairs[key] = String(value ?? '');
    found.set(id, pairs);
  }
  return found;
}

function groupBy(rows: readonly Row[], owner: string): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const id = text(row[owner]);
    if (id === undefined) continue;
    const group = found.get(id);
    if (group === undefined) found.set(id, [row]);
    else group.push(row);
  }
  return found;
}

/** Without what is not known: the API tells `null` from nothing. */
function clean<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}
