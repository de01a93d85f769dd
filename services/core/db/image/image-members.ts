// The projects that an image is shared with. The owner says who; each of them says whether it wants to have the image in its lists.
// Texts: glance/api/v2/image_members.py.
import { ServiceError } from '../../domain/errors.js';
import { imageLimits, type MemberStatus } from '../../domain/image.js';
import type { Database, Executor, Transaction } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { type ImageRecord, type ImageViewer, loadImage } from './image-rows.js';

export interface MemberRecord {
  readonly image_id: string;
  readonly member: string;
  readonly status: MemberStatus;
  readonly created_at: string;
  readonly updated_at: string;
}

const columns = ['image_id', 'member', 'status', 'created_at', 'updated_at'];

async function sharedImage(db: Executor, id: string, viewer: ImageViewer, what: string): Promise<ImageRecord> {
  const image = await loadImage(db, id, viewer).catch((thrown: unknown) => {
    if (thrown instanceof ServiceError && thrown.code === 'not_found') {
      throw new ServiceError('not_found', `Image ${id.slice(0, 64)} not found.`);
    }
    throw thrown;
  });
  if (image.visibility !== 'shared') {
    throw new ServiceError(
      'forbidden',
      what === 'list'
        ? `Not allowed to list members for image ${image.id}: Only shared images have members.`
        : `Not allowed to ${what} members for image ${image.id}.`,
    );
  }
  return image;
}

function isOwner(image: ImageRecord, viewer: ImageViewer): boolean {
  return viewer.isAdmin || image.project_id === viewer.projectId;
}

function memberNotFound(imageId: string, member: string): ServiceError {
  return new ServiceError('not_found', `${member.slice(0, 255)} not found in the member list of the image ${imageId}.`);
}

async function lockImage(tx: Transaction, id: string): Promise<void> {
  await tx('images').where({ id }).forUpdate().first('id');
}

/** The owner sees all members, a member itself alone. Throws `not_found`, `forbidden` (not shared). */
export async function listMembers(db: Executor, id: string, viewer: ImageViewer): Promise<MemberRecord[]> {
  const image = await sharedImage(db, id, viewer, 'list');
  const query = db('image_members').where({ image_id: image.id }).orderBy(['created_at', 'member']);
  if (!isOwner(image, viewer)) void query.andWhere({ member: viewer.projectId });
  return query.select<MemberRecord[]>(columns);
}

/** Throws `not_found`, also where the image has no members, and for another member. */
export async function loadMember(db: Executor, id: string, member: string, viewer: ImageViewer): Promise<MemberRecord> {
  const image = await loadImage(db, id, viewer);
  if (image.visibility !== 'shared') throw new ServiceError('not_found', 'Only shared images have members.');
  const isSeen = isOwner(image, viewer) || member === viewer.projectId;
  const row: MemberRecord | undefined = isSeen
    ? await db('image_members').where({ image_id: image.id, member }).first<MemberRecord | undefined>(columns)
    : undefined;
  if (row === undefined) throw memberNotFound(image.id, member);
  return row;
}

/** Throws `not_found`, `forbidden` (not shared, not the owner), `conflict` (is one already), `over_quota`. */
export async function addMember(
  database: Database,
  id: string,
  member: string,
  viewer: ImageViewer,
): Promise<MemberRecord> {
  return inTransaction(database, async (tx) => {
    const image = await sharedImage(tx, id, viewer, 'create');
    if (!isOwner(image, viewer)) {
      throw new ServiceError('forbidden', `Not allowed to create members for image ${image.id}.`);
    }
    await lockImage(tx, image.id);
    const [{ count } = { count: 0 }] = (await tx('image_members')
      .where({ image_id: image.id })
      .count('* as count')) as {
      count: number;
    }[];
    if (Number(count) >= imageLimits.members) {
      const said = `The limit has been exceeded on the number of allowed image members for this image. Attempted: ${Number(count) + 1}, Maximum: ${imageLimits.members}`;
      throw new ServiceError('over_quota', `Image member limit exceeded for image ${image.id}: ${said}:`);
    }
    const rows: MemberRecord[] = await tx('image_members')
      .insert({ image_id: image.id, member })
      .onConflict(['image_id', 'member'])
      .ignore()
      .returning(columns);
    const [made] = rows;
    if (made === undefined) throw new ServiceError('conflict', `Member ${member} is duplicated for image ${image.id}`);
    return made;
  });
}

/** The member's own word. Throws `not_found`, `forbidden` for the owner (administrators may speak for anybody). */
export async function answerShare(
  database: Database,
  id: string,
  member: string,
  status: MemberStatus,
  viewer: ImageViewer,
): Promise<MemberRecord> {
  return inTransaction(database, async (tx) => {
    const image = await sharedImage(tx, id, viewer, 'update');
    if (!viewer.isAdmin && image.project_id === viewer.projectId) {
      throw new ServiceError('forbidden', `Not allowed to update members for image ${image.id}.`);
    }
    if (!viewer.isAdmin && member !== viewer.projectId) throw memberNotFound(image.id, member);
    const rows: MemberRecord[] = await tx('image_members')
      .where({ image_id: image.id, member })
      .update({ status, updated_at: tx.raw('utc_now()') })
      .returning(columns);
    const [row] = rows;
    if (row === undefined) throw memberNotFound(image.id, member);
    return row;
  });
}

/** Throws `not_found`, `forbidden` (not shared, not the owner). */
export async function removeMember(database: Database, id: string, member: string, viewer: ImageViewer): Promise<void> {
  await inTransaction(database, async (tx) => {
    const image = await sharedImage(tx, id, viewer, 'delete');
    if (!isOwner(image, viewer)) {
      throw new ServiceError('forbidden', `Not allowed to delete members for image ${image.id}.`);
    }
    const gone = await tx('image_members').where({ image_id: image.id, member }).delete();
    if (gone === 0) throw memberNotFound(image.id, member);
  });
}
