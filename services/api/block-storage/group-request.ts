// Reads the bodies of groups and group snapshots after their schemas: trimmed names, lists of ids, statuses, sources.
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { GroupUpdate, GroupWish } from '../../core/db/block-storage/group-change.js';
import type { GroupCopyWish } from '../../core/db/block-storage/group-from-source.js';
import { ServiceError } from '../../core/domain/errors.js';
import { groupStatuses } from '../../core/domain/group.js';
import { pythonText } from '../shell/python-repr.js';
import { readId } from './request-fields.js';

type Schemas = components['schemas'];

function refuse(text: string): ServiceError {
  return new ServiceError('bad_request', text);
}

const trimmed = (text: string | null | undefined): string | null => text?.trim() ?? null;

export function readGroupWish({ group }: Schemas['GroupCreate']): GroupWish {
  return {
    name: trimmed(group.name),
    description: trimmed(group.description),
    groupType: group.group_type.trim(),
    volumeTypes: group.volume_types,
    zone: group.availability_zone ?? null,
  };
}

/** Throws `bad_request` unless exactly one source is named. */
export function readGroupCopyWish(body: Schemas['GroupFromSource']): GroupCopyWish {
  const asked = body['create-from-src'];
  const snapshotId = readId(asked.group_snapshot_id);
  const groupId = readId(asked.source_group_id);
  if ((snapshotId === null) === (groupId === null)) {
    const why =
      snapshotId === null
        ? 'not valid under any of the given schemas'
        : "valid under each of {'required': ['source_group_id']}, {'required': ['group_snapshot_id']}";
    const sent = pythonText(asked);
    throw refuse(`Invalid input for field/attribute create-from-src. Value: ${sent}. ${sent} is ${why}`);
  }
  return {
    name: trimmed(asked.name),
    description: trimmed(asked.description),
    source: snapshotId === null ? { kind: 'group', id: groupId ?? '' } : { kind: 'group-snapshot', id: snapshotId },
  };
}

/** Ids with commas between; Cinder takes them as they are written. */
function readIds(text: string | null | undefined): string[] {
  const bare = (text ?? '').replace(/^,+|,+$/g, '');
  return bare === '' ? [] : bare.split(',');
}

export function readGroupUpdate({ group }: Schemas['GroupUpdate']): GroupUpdate {
  const name = trimmed(group.name);
  const description = trimmed(group.description);
  return {
    ...(name === null ? {} : { name }),
    ...(description === null ? {} : { description }),
    add: readIds(group.add_volumes),
    remove: readIds(group.remove_volumes),
  };
}

/** Texts: cinder/api/validation/validators.py. Throws `bad_request`. */
export function readGroupStatus(
  { reset_status: reset }: Schemas['GroupResetStatus'],
  noun: 'Group' | 'GroupSnapshot',
): string {
  const status = reset.status.toLowerCase();
  if ((groupStatuses as readonly string[]).includes(status)) return status;
  if (status.trim() === '') throw refuse(`Invalid ${noun} Status: The 'status' can not be empty.`);
  const valid = groupStatuses.map((one) => `'${one}'`).join(', ');
  const what = noun === 'Group' ? 'Group status' : 'Group snapshot status';
  throw refuse(`Invalid ${noun} Status: ${what}: ${reset.status} is invalid, valid statuses are: (${valid}).`);
}
