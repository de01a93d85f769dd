// Who may be in a group: volumes that are made in it, that join it and that leave it. The texts are Cinder's (cinder/group/api.py,
// cinder/volume/api.py). Unlike a driver that freezes a whole group on its array, ours let the hypervisor switch
// a guest's disks together, so they may be on different backends.
import { ServiceError } from '../../domain/errors.js';
import { groupAllowedFrom, membershipAllowedFrom } from '../../domain/group.js';
import type { Transaction } from '../connection.js';
import type { GroupWithVolumes } from './group-lock.js';
import { groupNotFound, loadGroup } from './group-rows.js';
import type { Requester } from './requester.js';
import type { LockedVolume } from './volume-change.js';

/** The group that a volume is made in, its row held until the transaction ends. */
export interface GroupPlace {
  readonly id: string;
  /** Where its volumes are put, whatever the wish says; null: where the wish says. */
  readonly zone: string | null;
  /** The volume types that it takes; null: any. */
  readonly typeIds: readonly string[] | null;
}

/** For a new volume; the group stays as it is until the transaction ends. Throws `not_found`, `bad_request`. */
export async function pinGroupFor(
  tx: Transaction,
  id: string,
  volumeType: string | null,
  who: Requester,
): Promise<GroupPlace> {
  const seen = await loadGroup(tx, id, who.visibleProjectId);
  const group: { status: string; availability_zone: string | null } | undefined = await tx('volume_groups')
    .where({ id })
    .forShare()
    .first('status', 'availability_zone');
  if (group === undefined) throw groupNotFound(id);
  if (volumeType === null) {
    throw new ServiceError(
      'bad_request',
      'Invalid input received: volume_type must be provided when creating a volume in a group.',
    );
  }
  if (seen.project_id !== who.projectId) {
    throw new ServiceError('bad_request', `Invalid Group: Group ${id} belongs to a different project than the volume.`);
  }
  const allowed: readonly string[] = groupAllowedFrom.change;
  if (!allowed.includes(group.status)) {
    throw new ServiceError(
      'bad_request',
      `Invalid Group: Originating group status must be one of '${allowed.join(', ')}' values`,
    );
  }
  return { id, zone: group.availability_zone, typeIds: seen.volume_types };
}

function refuse(text: string): ServiceError {
  return new ServiceError('volume_state', `Invalid volume: ${text}`);
}

/** `['available', 'in-use']` as Python writes a tuple. */
function tuple(words: readonly string[]): string {
  return `(${words.map((word) => `'${word}'`).join(', ')})`;
}

function demandMayJoin(
  { group }: GroupWithVolumes,
  typeIds: readonly string[],
  id: string,
  volume: LockedVolume | undefined,
): LockedVolume {
  const cannot = `Cannot add volume ${id.slice(0, 64)} to group ${group.id}`;
  if (volume === undefined) throw refuse(`${cannot} because volume cannot be found.`);
  if (volume.group_id !== null) throw refuse(`${cannot} because it is already in group ${volume.group_id}.`);
  if (volume.project_id !== group.project_id) throw refuse(`${cannot} as they belong to different projects.`);
  if (volume.volume_type_id === null) throw refuse(`${cannot} because it has no volume type.`);
  if (!typeIds.includes(volume.volume_type_id)) {
    throw refuse(`${cannot} because volume type ${volume.volume_type_id} is not supported by the group.`);
  }
  const allowed: readonly string[] = membershipAllowedFrom.join;
  if (!allowed.includes(volume.status)) {
    throw refuse(
      `${cannot} because volume is in an invalid state: ${volume.status}. Valid states are: ${tuple(allowed)}.`,
    );
  }
  return volume;
}

/** Ids of the volumes that are to join; those that are in the group already are none. Throws `volume_state`. */
export function joiningVolumes(
  locked: GroupWithVolumes,
  typeIds: readonly string[],
  wanted: readonly string[],
): string[] {
  const present = new Set(locked.volumes.map((volume) => volume.id));
  const others = new Map(locked.others.map((volume) => [volume.id, volume]));
  return [...new Set(wanted)]
    .filter((id) => !present.has(id))
    .map((id) => demandMayJoin(locked, typeIds, id, others.get(id)).id);
}

/** Ids of the volumes that are to leave. Throws `volume_state`. */
export function leavingVolumes({ group, volumes }: GroupWithVolumes, wanted: readonly string[]): string[] {
  const allowed: readonly string[] = membershipAllowedFrom.leave;
  const present = new Map(volumes.map((volume) => [volume.id, volume]));
  return [...new Set(wanted)].map((id) => {
    const cannot = `Cannot remove volume ${id.slice(0, 64)} from group ${group.id} because`;
    const volume = present.get(id);
    if (volume === undefined) throw refuse(`${cannot} it is not in the group.`);
    if (!allowed.includes(volume.status)) {
      throw refuse(`${cannot} volume is in an invalid state: ${volume.status}. Valid states are: ${tuple(allowed)}.`);
    }
    return id;
  });
}
