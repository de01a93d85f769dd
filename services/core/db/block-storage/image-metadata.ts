// What a volume remembers of the boot image that its data came from (`volume_image_metadata`): set, shown and unset as one map of texts.
// The values follow the volume into its clones; nothing here looks at what they mean.
import { ServiceError } from '../../domain/errors.js';
import { demandBoundedMetadata } from '../../domain/metadata-size.js';
import type { Database } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { lockVolume, writeVolume } from './volume-change.js';
import { loadVolume } from './volume-rows.js';

type Texts = Readonly<Record<string, string>>;

/** Throws `not_found`. */
export async function loadImageMetadata(database: Database, id: string, projectId: string | null): Promise<Texts> {
  return (await loadVolume(database, id, projectId)).image_metadata;
}

async function change(
  database: Database,
  id: string,
  projectId: string | null,
  next: (present: Texts) => Texts,
): Promise<Texts> {
  return inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, id, projectId);
    // Source: cinder/volume/api.py, update_volume_metadata refuses in these two, whatever the kind of metadata.
    if (['maintenance', 'uploading'].includes(volume.status)) {
      throw new ServiceError(
        'volume_state',
        `Invalid volume: Updating volume metadata is not allowed for volumes in ${volume.status} status.`,
      );
    }
    const values = next(volume.image_metadata);
    demandBoundedMetadata('image metadata', volume.image_metadata, values);
    await writeVolume(tx, id, { image_metadata: JSON.stringify(values) });
    return values;
  });
}

/** Adds or replaces the given keys; returns all. Throws `not_found`, `volume_state`, `bad_request` (too much). */
export function setImageMetadata(
  database: Database,
  id: string,
  projectId: string | null,
  values: Texts,
): Promise<Texts> {
  return change(database, id, projectId, (present) => ({ ...present, ...values }));
}

/** Throws `not_found` for the volume and for the key, `volume_state`. */
export async function unsetImageMetadata(
  database: Database,
  id: string,
  projectId: string | null,
  key: string,
): Promise<void> {
  await change(database, id, projectId, (present) => {
    if (!Object.hasOwn(present, key)) {
      throw new ServiceError('not_found', `Glance metadata for volume/snapshot ${id} cannot be found.`);
    }
    return Object.fromEntries(Object.entries(present).filter(([name]) => name !== key));
  });
}
