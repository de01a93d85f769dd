// How volumes and snapshots are shown: which fields, under which titles. Links are for programs that walk the API and are left out.
import type { CommandRow, ManyResult, OneResult } from '../command.js';
import { Worded } from '../output/value-text.js';
import type { Snapshot, Volume } from '../resources/lookups.js';

const shownAs: Readonly<Record<string, string>> = { metadata: 'properties', volume_type: 'type' };

/** The resource as fields in the order of their names, spelled as python-openstackclient spells them. */
export function resourceFields(resource: object): OneResult {
  const fields = Object.entries(resource)
    .filter(([name]) => name !== 'links')
    .map(([name, value]): [string, unknown] => [shownAs[name] ?? name, value]);
  return { kind: 'one', fields: Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function attachedTo(volume: Volume): string {
  return volume.attachments
    .map(({ server_id, device }) => `Attached to ${server_id ?? 'a host'} on ${device ?? 'an unknown device'}`)
    .join(', ');
}

export function volumeList(volumes: readonly Volume[], long: boolean): ManyResult {
  const columns = ['ID', 'Name', 'Status', 'Size', ...(long ? ['Type', 'Bootable'] : []), 'Attached to'];
  return {
    kind: 'many',
    columns: long ? [...columns, 'Properties'] : columns,
    rows: volumes.map((volume) => [
      volume.id,
      volume.name ?? '',
      volume.status,
      volume.size,
      ...(long ? [volume.volume_type, volume.bootable] : []),
      new Worded(volume.attachments, attachedTo(volume)),
      ...(long ? [volume.metadata] : []),
    ]),
  };
}

export function snapshotList(snapshots: readonly Snapshot[], long: boolean): ManyResult {
  return {
    kind: 'many',
    columns: ['ID', 'Name', 'Description', 'Status', 'Size', ...(long ? ['Created At', 'Volume', 'Properties'] : [])],
    rows: snapshots.map((snapshot) => [
      snapshot.id,
      snapshot.name ?? '',
      snapshot.description,
      snapshot.status,
      snapshot.size,
      ...(long ? [snapshot.created_at, snapshot.volume_id, snapshot.metadata] : []),
    ]),
  };
}

export const volumeArgument = { name: 'volume', about: 'volume (name or ID)' } as const;
export const listPageOptions: NonNullable<CommandRow['options']> = [
  { flags: '--limit <count>', about: 'at most so many', integer: { min: 0, max: 1_000_000 } },
  { flags: '--marker <id>', about: 'begin after this ID' },
];
