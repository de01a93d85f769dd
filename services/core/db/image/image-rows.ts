// Images as the API shows them, and who sees which. A page is one statement, whatever its length.
//
//   owner, administrator     every image of theirs (administrators: every image)
//   everybody                public ones; community ones by id, and in lists that ask for them
//   members                  shared ones by id; in lists those that they accepted (or as member_status says)
//
// An image that waits for its copies to be independent (pending_delete) is gone for everybody but administrators.
// Source: glance/db/sqlalchemy/api.py (is_image_visible, _select_images_query).
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { ImageStatus, ImageVisibility } from '../../domain/image.js';
import { type Collection, type Fragment, listPage, type PageQuery } from '../block-storage/listing.js';
import { queryPrepared } from '../block-storage/prepared.js';
import type { Executor } from '../connection.js';

export interface ImageRecord {
  readonly id: string;
  readonly project_id: string;
  readonly name: string | null;
  readonly status: ImageStatus;
  readonly visibility: ImageVisibility;
  readonly protected: boolean;
  readonly hidden: boolean;
  readonly container_format: string | null;
  readonly disk_format: string | null;
  /** GiB */
  readonly min_disk: number;
  /** MiB */
  readonly min_ram: number;
  /** Bytes; null until there is data. */
  readonly size: number | null;
  readonly virtual_size: number | null;
  readonly checksum: string | null;
  readonly os_hash_algo: string | null;
  readonly os_hash_value: string | null;
  readonly properties: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** The hidden volume that holds the data. */
  readonly volume_id: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** Who looks. */
export interface ImageViewer {
  readonly projectId: string;
  readonly isAdmin: boolean;
}

const fields = `v.id, v.project_id, v.name, v.status, v.visibility, v.protected, v.hidden, v.container_format, v.disk_format,
  v.min_disk, v.min_ram, v.size, v.virtual_size, v.checksum, v.os_hash_algo, v.os_hash_value, v.properties, v.tags, v.volume_id,
  v.created_at, v.updated_at`;

const memberSql = 'exists (select 1 from image_members m where m.image_id = v.id and m.member = ?::text';

export interface ListedImages {
  /** null: what is one's own, public, or shared and accepted. */
  readonly visibility: ImageVisibility | 'all' | null;
  /** Of what is shared with the viewer; null: whatever. */
  readonly memberStatus: string | null;
}

/** Which rows a list has, before its filters. */
function listedSql({ projectId, isAdmin }: ImageViewer, { visibility, memberStatus }: ListedImages): Fragment {
  const own: Fragment = { sql: 'v.project_id = ?::text', bindings: [projectId] };
  const shared: Fragment = {
    sql: `(v.visibility = 'shared' and ${memberSql} and (?::text is null or m.status = ?::text)))`,
    bindings: [projectId, memberStatus, memberStatus],
  };
  const parts: Fragment[] = isAdmin ? [{ sql: "v.visibility <> 'community'", bindings: [] }, own] : [own, shared];
  if (!isAdmin) parts.push({ sql: "v.visibility = 'public'", bindings: [] });
  if (visibility === 'all' || visibility === 'community')
    parts.push({ sql: "v.visibility = 'community'", bindings: [] });
  const seen = `(${parts.map(({ sql }) => sql).join(' or ')})`;
  const wanted = visibility === null || visibility === 'all' ? '' : ' and v.visibility = ?::text';
  const hidden = isAdmin ? '' : " and v.status <> 'pending_delete'";
  return {
    sql: `${seen}${wanted}${hidden}`,
    bindings: [...parts.flatMap(({ bindings }) => bindings), ...(wanted === '' ? [] : [visibility])],
  };
}

/** Custom properties are no columns: they are conditions of the kind `contains`. */
const columns: Collection['columns'] = {
  id: { sql: 'v.id', type: 'uuid' },
  name: { sql: 'v.name', type: 'text' },
  status: { sql: 'v.status', type: 'text' },
  owner: { sql: 'v.project_id', type: 'text' },
  container_format: { sql: 'v.container_format', type: 'text' },
  disk_format: { sql: 'v.disk_format', type: 'text' },
  min_disk: { sql: 'v.min_disk', type: 'integer' },
  min_ram: { sql: 'v.min_ram', type: 'integer' },
  size: { sql: 'v.size', type: 'integer' },
  checksum: { sql: 'v.checksum', type: 'text' },
  os_hash_algo: { sql: 'v.os_hash_algo', type: 'text' },
  os_hash_value: { sql: 'v.os_hash_value', type: 'text' },
  protected: { sql: 'v.protected', type: 'boolean' },
  os_hidden: { sql: 'v.hidden', type: 'boolean' },
  properties: { sql: 'v.properties', type: 'json' },
  tags: { sql: 'v.tags', type: 'text' },
  created_at: { sql: 'v.created_at', type: 'time' },
  updated_at: { sql: 'v.updated_at', type: 'time' },
};

/** Throws `bad_request` for a marker that the viewer does not see. */
export async function listImages(
  db: Executor,
  viewer: ImageViewer,
  listed: ListedImages,
  page: Omit<PageQuery, 'projectId' | 'offset'>,
): Promise<ImageRecord[]> {
  const collection: Collection = {
    from: 'from images v',
    always: 'true',
    visible: listedSql(viewer, listed),
    noun: 'Image',
    columns,
  };
  try {
    return await listPage<ImageRecord>(db, collection, fields, { ...page, projectId: null, offset: 0 });
  } catch (thrown) {
    if (!(thrown instanceof ServiceError) || thrown.code !== 'not_found') throw thrown;
    throw new ServiceError('bad_request', `No image found with ID ${(page.marker ?? '').slice(0, 64)}`);
  }
}

export function imageNotFound(id: string): ServiceError {
  return new ServiceError('not_found', `No image found with ID ${id.slice(0, 64)}`);
}

const visibleSql = `v.id = ?::uuid and (?::boolean or (v.status <> 'pending_delete' and
  (v.project_id = ?::text or v.visibility in ('public', 'community') or (v.visibility = 'shared' and ${memberSql})))))`;

/** Throws `not_found` for what does not exist, is no id, or is not to be seen. */
export async function loadImage(db: Executor, id: string, viewer: ImageViewer): Promise<ImageRecord> {
  const canonical = id.toLowerCase();
  if (!isUuid(canonical)) throw imageNotFound(id);
  const { projectId, isAdmin } = viewer;
  const rows = await queryPrepared<ImageRecord>(
    db,
    'image-show',
    `select ${fields} from images v where ${visibleSql}`,
    [canonical, isAdmin, projectId, projectId],
  );
  const row = rows[0];
  if (row === undefined) throw imageNotFound(id);
  return row;
}
