// Groups are records: making one, renaming it, and changing who is in it are done in one transaction, without an operation or a worker.
import { ServiceError } from '../../domain/errors.js';
import { consistencyGroupType, groupAllowedFrom, promisesTooMuch } from '../../domain/group.js';
import { newId, tryCanonicalUuid } from '../../domain/ids.js';
import type { Database, Transaction } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { leaveMessage } from '../leave-message.js';
import { type GroupWithVolumes, lockGroup } from './group-lock.js';
import { joiningVolumes, leavingVolumes } from './group-membership.js';
import { loadGroup } from './group-rows.js';
import { pinGroupType } from './group-type-rows.js';
import { writeGroup } from './group-write.js';
import { listZoneNames, zoneExists } from './placement.js';
import { query } from './prepared.js';
import { demandGroupQuota } from './quota-demand.js';
import type { Requester } from './requester.js';
import { typeNotFound } from './volume-types.js';

export interface GroupWish {
  readonly name: string | null;
  readonly description: string | null;
  /** Id or name. */
  readonly groupType: string;
  /** Ids or names. */
  readonly volumeTypes: readonly string[];
  readonly zone: string | null;
}

/** The ids of the types, which stay until the transaction ends. Throws `not_found`, also for a private type without access. */
async function pinVolumeTypes(
  tx: Transaction,
  references: readonly string[],
  isAdmin: boolean,
  who: Requester,
): Promise<string[]> {
  const ids = references.flatMap((one) => tryCanonicalUuid(one) ?? []);
  const rows = await query<{ id: string; name: string }>(
    tx,
    `select v.id, v.name from volume_types v
     where (v.id = any(?::uuid[]) or v.name = any(?::text[]))
       and (v.is_public or ?::boolean
         or exists (select 1 from volume_type_access a where a.volume_type_id = v.id and a.project_id = ?::text))
     order by v.id for share of v`,
    [ids, references, isAdmin, who.projectId],
  );
  const byId = new Set(rows.map((row) => row.id));
  const byName = new Map(rows.map((row) => [row.name, row.id]));
  const found = references.map((reference) => {
    const id = tryCanonicalUuid(reference);
    const hit = id !== null && byId.has(id) ? id : byName.get(reference);
    if (hit === undefined) throw typeNotFound(reference);
    return hit;
  });
  return [...new Set(found)];
}

/** Without a wish: Cinder's default zone, or the first that there is. Throws `bad_request` for one that is not there. */
async function chooseZone(tx: Transaction, wanted: string | null): Promise<string> {
  if (wanted === null) {
    const names = await listZoneNames(tx);
    return names.includes('nova') ? 'nova' : (names[0] ?? 'nova');
  }
  if (await zoneExists(tx, wanted)) return wanted;
  throw new ServiceError('bad_request', `Invalid input received: Availability zone '${wanted}' is invalid.`);
}

export async function insertGroupTypes(tx: Transaction, groupId: string, typeIds: readonly string[]): Promise<void> {
  if (typeIds.length === 0) return;
  await tx('group_volume_types')
    .insert(typeIds.map((id) => ({ group_id: groupId, volume_type_id: id })))
    .onConflict(['group_id', 'volume_type_id'])
    .ignore();
}

/**
 * Returns the id of the new group. Throws `not_found` (types), `bad_request` (zone), `over_quota`. A group of a type that promises what no
 * backend here keeps is in `error`, with a message for the user, as after Cinder's scheduler.
 */
export async function createGroup(
  database: Database,
  wish: GroupWish,
  isAdmin: boolean,
  who: Requester,
): Promise<string> {
  const id = newId<string>();
  await inTransaction(database, async (tx) => {
    const volumeTypes = await pinVolumeTypes(tx, wish.volumeTypes, isAdmin, who);
    const type = await pinGroupType(tx, wish.groupType, isAdmin);
    const zone = await chooseZone(tx, wish.zone);
    await demandGroupQuota(tx, who.projectId);
    const isKept = !promisesTooMuch(type.group_specs);
    await tx('volume_groups').insert({
      id,
      project_id: who.projectId,
      user_id: who.userId,
      name: wish.name,
      description: wish.description,
      group_type_id: type.id,
      status: isKept ? 'available' : 'error',
      availability_zone: zone,
    });
    await insertGroupTypes(tx, id, volumeTypes);
    if (isKept) return;
    const { projectId, requestId } = who;
    const about = { resourceType: 'GROUP', resourceId: id, action: 'group-create', code: 'not_implemented' } as const;
    await leaveMessage(tx, { projectId, requestId, ...about });
  });
  return id;
}

/** A group of the type that every Cinder has for it. Errors as createGroup. */
export function createConsistencyGroup(
  database: Database,
  wish: Omit<GroupWish, 'groupType'>,
  isAdmin: boolean,
  who: Requester,
): Promise<string> {
  return createGroup(database, { ...wish, groupType: consistencyGroupType }, isAdmin, who).catch((thrown: unknown) => {
    if (
      !(thrown instanceof ServiceError && thrown.message.startsWith(`Group type with name ${consistencyGroupType}`))
    ) {
      throw thrown;
    }
    // An administrator has removed it. Text: cinder/api/contrib/consistencygroups.py.
    throw new ServiceError(
      'bad_request',
      `Group type ${consistencyGroupType} not found. Rerun migration script to create the default cgsnapshot type.`,
    );
  });
}

export interface GroupUpdate {
  readonly name?: string;
  readonly description?: string;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

function demandDisjoint({ add, remove }: GroupUpdate): void {
  const both = add.filter((id) => remove.includes(id));
  if (both.length === 0) return;
  const listed = both.map((id) => `'${id.slice(0, 64)}'`).join(', ');
  throw new ServiceError('volume_state', `Invalid volume: UUIDs [${listed}] are in both add and remove volume list.`);
}

async function changeMembers(
  tx: Transaction,
  { group }: GroupWithVolumes,
  joining: readonly string[],
  leaving: readonly string[],
): Promise<void> {
  const allowed: readonly string[] = groupAllowedFrom.change;
  if (!allowed.includes(group.status)) {
    throw new ServiceError('bad_request', 'Invalid Group: Group status must be available.');
  }
  for (const [ids, groupId] of [
    [joining, group.id],
    [leaving, null],
  ] as const) {
    await tx('volumes')
      .whereIn('id', [...ids])
      .update({ group_id: groupId, updated_at: tx.raw('utc_now()') });
  }
}

/** Throws `not_found`, `volume_state` (volumes that cannot join or leave), `bad_request` (nothing to change, status). */
export async function updateGroup(database: Database, id: string, wanted: GroupUpdate, who: Requester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const locked = await lockGroup(tx, id, who.visibleProjectId, wanted.add);
    demandDisjoint(wanted);
    const { volume_types: typeIds } = await loadGroup(tx, id, null);
    const joining = joiningVolumes(locked, typeIds, wanted.add);
    const leaving = leavingVolumes(locked, wanted.remove);
    const { group } = locked;
    const fields = {
      ...(wanted.name === undefined || wanted.name === group.name ? {} : { name: wanted.name }),
      ...(wanted.description === undefined || wanted.description === group.description
        ? {}
        : { description: wanted.description }),
    };
    const hasMembers = joining.length > 0 || leaving.length > 0;
    if (!hasMembers && Object.keys(fields).length === 0) {
      throw new ServiceError(
        'bad_request',
        `Invalid Group: Cannot update group ${id} because no valid name, description, add_volumes, or remove_volumes were provided.`,
      );
    }
    if (hasMembers) await changeMembers(tx, locked, joining, leaving);
    await writeGroup(tx, id, fields);
  });
}

/** An administrator's word over the record; what is under way goes on. Throws `not_found`. */
export async function resetGroupStatus(database: Database, id: string, status: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    await loadGroup(tx, id, null);
    await writeGroup(tx, id, { status });
  });
}
