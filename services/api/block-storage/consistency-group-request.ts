// Reads the bodies of consistency groups and their snapshots after their schemas. Clients send fields that they cannot choose (status,
// project_id, user_id); they are ignored, as in Cinder. Texts: cinder/api/contrib/consistencygroups.py, cgsnapshots.py.
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { GroupUpdate, GroupWish } from '../../core/db/block-storage/group-change.js';
import type { GroupCopyWish } from '../../core/db/block-storage/group-from-source.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { tryBoolean } from '../shell/boolean-text.js';
import { pythonText } from '../shell/python-repr.js';
import { passes } from './microversions.js';
import { readId } from './request-fields.js';

type Schemas = components['schemas'];

function refuse(text: string): ServiceError {
  return new ServiceError('bad_request', text);
}

const trimmed = (text: string | null | undefined): string | null => text?.trim() ?? null;
/** How Python writes a name into a text. */
const shown = (name: string | null | undefined): string => name ?? 'None';

function readIds(text: string | null | undefined): string[] {
  const bare = (text ?? '').replace(/^,+|,+$/g, '');
  return bare === '' ? [] : bare.split(',');
}

export function readConsistencyWish({
  consistencygroup: asked,
}: Schemas['ConsistencyGroupCreate']): Omit<GroupWish, 'groupType'> {
  const volumeTypes = [...new Set(readIds(asked.volume_types))];
  if (volumeTypes.length === 0) {
    throw refuse(`volume_types must be provided to create consistency group ${shown(asked.name)}.`);
  }
  const [name, description] = [trimmed(asked.name), trimmed(asked.description)];
  return { name, description, volumeTypes, zone: asked.availability_zone || null };
}

/** Throws `bad_request` unless exactly one source is named. */
export function readConsistencyCopyWish(body: Schemas['ConsistencyGroupFromSource']): GroupCopyWish {
  const asked = body['consistencygroup-from-src'];
  const snapshotId = readId(asked.cgsnapshot_id);
  const groupId = readId(asked.source_cgid);
  if (snapshotId === null && groupId === null) {
    throw refuse(
      `Either 'cgsnapshot_id' or 'source_cgid' must be provided to create consistency group ${shown(asked.name)} from source.`,
    );
  }
  if (snapshotId !== null && groupId !== null) {
    throw refuse(
      `Cannot provide both 'cgsnapshot_id' and 'source_cgid' to create consistency group ${shown(asked.name)} from source.`,
    );
  }
  const source =
    groupId === null
      ? { kind: 'group-snapshot' as const, id: snapshotId ?? '' }
      : { kind: 'group' as const, id: groupId };
  return { name: trimmed(asked.name), description: trimmed(asked.description), source };
}

/** Since 3.6 an empty name is a name. Throws `bad_request` when nothing is asked for. */
export function readConsistencyUpdate(
  { consistencygroup: asked }: Schemas['ConsistencyGroupUpdate'],
  context: RequestContext,
): GroupUpdate {
  const [add, remove] = [readIds(asked.add_volumes), readIds(asked.remove_volumes)];
  const mayBeBlank = passes(context, 'consistencygroup-blank-name');
  const word = (text: string | null | undefined): string | null =>
    text === undefined || text === null || (text === '' && !mayBeBlank) ? null : text.trim();
  const [name, description] = [word(asked.name), word(asked.description)];
  if (name === null && description === null && add.length === 0 && remove.length === 0) {
    throw refuse(
      mayBeBlank
        ? 'Must specify one or more of the following keys to update: name, description, add_volumes, remove_volumes.'
        : 'Name, description, add_volumes, and remove_volumes can not be all empty in the request body.',
    );
  }
  return { ...(name === null ? {} : { name }), ...(description === null ? {} : { description }), add, remove };
}

/** Whether the volumes of the group are deleted, too. Throws `bad_request`. */
export function readForce(body: Schemas['ConsistencyGroupDelete']): boolean {
  const asked = body.consistencygroup.force ?? false;
  const force = tryBoolean(String(asked));
  if (force === null) throw refuse(`Invalid value '${pythonText(asked)}' for force.`);
  return force;
}

export function readCgsnapshotWish({ cgsnapshot: asked }: Schemas['CgsnapshotCreate']): {
  groupId: string;
  name: string | null;
  description: string | null;
} {
  if (asked.consistencygroup_id === undefined) throw refuse("'consistencygroup_id' must be specified");
  return {
    groupId: readId(asked.consistencygroup_id) ?? '',
    name: trimmed(asked.name),
    description: trimmed(asked.description),
  };
}
