// An image whose bytes are on a share of a stage, as an upload leaves it, and what a project makes of it: for tests of what hostile bytes do once
// they have been kept.
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createVolume } from '../../services/core/db/block-storage/volume-create.js';
import type { DirectoryStage } from '../integration/engine/directory-stage.js';
import { projectId } from '../integration/engine/requests.js';

export const tenant = {
  visibleProjectId: projectId,
  projectId,
  userId: 'fedcba9876543210fedcba9876543210',
  requestId: 'req-1',
  isService: false,
};

export interface StoredImage {
  readonly id: string;
  /** The hidden volume, and its file. */
  readonly volumeId: string;
  readonly file: string;
}

/** The pool is `plain`. `fields`: of the image's row; the bytes are kept as format raw unless it is a bare qcow2. */
export async function storeImage(
  stage: DirectoryStage,
  diskFormat: string,
  bytes: Buffer,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredImage> {
  const [id, volumeId] = [randomUUID(), randomUUID()];
  const name = `volume-${volumeId}`;
  const file = path.join(stage.directory('plain'), name);
  const padded = Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
  writeFileSync(file, padded);
  await stage.db('volumes').insert({
    ...{ id: volumeId, project_id: projectId, user_id: tenant.userId, size_gib: 1, status: 'available' },
    ...{ purpose: 'image', host: stage.pool('plain'), provider_location: `dir:${stage.directory('plain')}` },
  });
  await stage.db('chain_layers').insert({
    ...{ volume_id: volumeId, position: 0, file: name, format: 'raw', virtual_size_bytes: padded.length },
  });
  await stage.db('images').insert({
    ...{ id, project_id: projectId, name: `image ${id}`, status: 'active', container_format: 'bare' },
    ...{ disk_format: diskFormat, size: bytes.length, volume_id: volumeId, ...fields },
  });
  return { id, volumeId, file };
}

/** Asked for and worked off; its id and status. */
export async function volumeOfImage(
  stage: DirectoryStage,
  reference: string,
  sizeGib = 1,
  who: typeof tenant = tenant,
): Promise<{ readonly id: string; readonly status: string }> {
  const wish = { name: null, description: null, sizeGib, type: null, zone: null, metadata: {} };
  const id = await createVolume(stage.db, { ...wish, source: { kind: 'image', id: reference } }, false, who);
  while ((await stage.step()) !== null);
  const row: { status: string } | undefined = await stage.db('volumes').where({ id }).first('status');
  return { id, status: row?.status ?? 'gone' };
}
