// Changes of images' rows: making one, changing fields and tags, taking it out of use and back. No operation, no worker.
//
// Whoever sees an image that is not theirs is told that they may not change it; whoever does not see it is told that there is none.
// Texts: glance/common/exception.py, glance/domain/__init__.py, glance/api/v2.
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import { type ImageVisibility, imageAllowedFrom, imageLimits } from '../../domain/image.js';
import type { Database, Transaction } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { type ImageRecord, type ImageViewer, imageNotFound, loadImage } from './image-rows.js';

/** What a client chooses; custom properties are texts by name. */
export interface ImageFields {
  readonly name: string | null;
  readonly project_id: string;
  readonly visibility: ImageVisibility;
  readonly protected: boolean;
  readonly hidden: boolean;
  readonly container_format: string | null;
  readonly disk_format: string | null;
  readonly min_disk: number;
  readonly min_ram: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
}

function rowOf({ properties, tags, ...plain }: ImageFields): Record<string, unknown> {
  return { ...plain, properties: JSON.stringify(properties), tags: [...new Set(tags)] };
}

/** Throws `body_too_large` as Glance does for more than it keeps. */
function demandBounded(id: string, { properties, tags }: Pick<ImageFields, 'properties' | 'tags'>): void {
  const count = Object.keys(properties).length;
  if (count > imageLimits.properties) {
    throw new ServiceError(
      'over_quota',
      `The limit has been exceeded on the number of allowed image properties. Attempted: ${count}, Maximum: ${imageLimits.properties}`,
    );
  }
  const tagged = new Set(tags).size;
  if (tagged > imageLimits.tags) {
    throw new ServiceError(
      'over_quota',
      `Image tag limit exceeded for image ${id}: The limit has been exceeded on the number of allowed image tags. Attempted: ${tagged}, Maximum: ${imageLimits.tags}:`,
    );
  }
}

/** Throws `conflict` for an id that is taken, `over_quota`. */
export async function createImage(database: Database, id: string, fields: ImageFields): Promise<ImageRecord> {
  demandBounded(id, fields);
  return inTransaction(database, async (tx) => {
    const made: unknown[] = await tx('images')
      .insert({ id, status: 'queued', ...rowOf(fields) })
      .onConflict('id')
      .ignore()
      .returning('id');
    if (made.length === 0) throw new ServiceError('conflict', `Image ID ${id} already exists!`);
    return loadImage(tx, id, { projectId: fields.project_id, isAdmin: true });
  });
}

/** The row, locked until the transaction ends, with what the viewer may see of it. Throws `not_found`, `forbidden` (seen, and another's). */
export async function lockOwnImage(
  tx: Transaction,
  id: string,
  viewer: ImageViewer,
  deed: string,
): Promise<ImageRecord> {
  const canonical = id.toLowerCase();
  if (!isUuid(canonical)) throw imageNotFound(id);
  const found: unknown = await tx('images').where({ id: canonical }).forUpdate().first('id');
  if (found === undefined) throw imageNotFound(id);
  const image = await loadImage(tx, canonical, viewer);
  if (viewer.isAdmin || image.project_id === viewer.projectId) return image;
  throw new ServiceError('forbidden', `You are not authorized to complete ${deed} action.`);
}

/** Stores what `change` makes of the image. Throws what it throws, `not_found`, `forbidden`, `over_quota`. */
export async function changeImage(
  database: Database,
  id: string,
  viewer: ImageViewer,
  change: (image: ImageRecord) => ImageFields,
): Promise<ImageRecord> {
  return inTransaction(database, async (tx) => {
    const image = await lockOwnImage(tx, id, viewer, 'modify_image');
    const fields = change(image);
    demandBounded(image.id, fields);
    await tx('images')
      .where({ id: image.id })
      .update({ ...rowOf(fields), updated_at: tx.raw('utc_now()') });
    return loadImage(tx, image.id, { ...viewer, isAdmin: true });
  });
}

/** Of a row, as a change begins from it. */
export function fieldsOf(image: ImageRecord): ImageFields {
  const { name, project_id, visibility, hidden, container_format, disk_format, min_disk, min_ram, properties, tags } =
    image;
  return {
    ...{ name, project_id, visibility, hidden, container_format, disk_format, min_disk, min_ram, properties, tags },
    protected: image.protected,
  };
}

/** Doing it twice is no error. Throws `not_found`, `forbidden`, `bad_request` for any other status. */
export async function setActive(database: Database, id: string, viewer: ImageViewer, active: boolean): Promise<void> {
  const deed = active ? 'reactivate' : 'deactivate';
  await inTransaction(database, async (tx) => {
    const image = await lockOwnImage(tx, id, viewer, `${deed}_image`);
    const wanted = active ? 'active' : 'deactivated';
    if (image.status === wanted) return;
    const allowed: readonly string[] = imageAllowedFrom[deed];
    if (!allowed.includes(image.status)) {
      throw new ServiceError('bad_request', `Not allowed to ${deed} image in status '${image.status}'`);
    }
    await tx('images')
      .where({ id: image.id })
      .update({ status: wanted, updated_at: tx.raw('utc_now()') });
  });
}
