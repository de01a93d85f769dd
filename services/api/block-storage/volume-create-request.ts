// Reads the body of POST /volumes after its schema: rules between fields, by version, and what this service has not got. Everything that
// cannot be done is refused by name instead of being dropped silently.
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { VolumeWish } from '../../core/db/block-storage/volume-create.js';
import type { SourceWish } from '../../core/db/block-storage/volume-source.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { passes } from './microversions.js';
import { readId, readNames, readSize, refuseUnknownKeys } from './request-fields.js';

type Body = components['schemas']['VolumeCreate']['volume'];

const knownKeys = [
  'name',
  'description',
  'display_name',
  'display_description',
  'volume_type',
  'metadata',
  'snapshot_id',
  'source_volid',
  'consistencygroup_id',
  'group_id',
  'backup_id',
  'size',
  'availability_zone',
  'multiattach',
  'image_id',
  'imageRef',
];

function refuse(text: string): ServiceError {
  return new ServiceError('bad_request', text);
}

/** Consistency groups are not served here, so no id of one can be found. */
function refuseWhatIsNotHere(body: Body): void {
  if (body.multiattach !== undefined && body.multiattach !== null && parseBoolean('multiattach', body.multiattach)) {
    throw refuse(
      'multiattach parameter has been removed. The default behavior is to use multiattach enabled volume types. Contact your administrator to create a multiattach enabled volume type and use it to create multiattach volumes.',
    );
  }
}

function readSource(body: Body): SourceWish | null {
  const snapshotId = readId(body.snapshot_id);
  const volumeId = readId(body.source_volid);
  // Source: cinder/api/v3/volumes.py reads imageRef, or else image_id, and drops empty ones.
  const image = body.imageRef || body.image_id || null;
  if ([snapshotId, volumeId, image].filter((one) => one !== null).length > 1)
    throw refuse('May specify only one of snapshot_id, imageRef or source volume');
  if (image !== null) return { kind: 'image', id: image };
  if (snapshotId !== null) return { kind: 'snapshot', id: snapshotId };
  return volumeId === null ? null : { kind: 'volume', id: volumeId };
}

/** Throws `bad_request`, `not_found`. */
export function readVolumeWish(body: Body, context: RequestContext): VolumeWish {
  if (passes(context, 'volume-strict-body')) refuseUnknownKeys('volume', body, knownKeys);
  refuseWhatIsNotHere(body);
  const { name = null, description = null } = readNames(body);
  return {
    name,
    description,
    sizeGib: body.size === null || body.size === undefined ? null : readSize('size', body.size),
    type: body.volume_type || null,
    zone: body.availability_zone ?? null,
    metadata: body.metadata ?? {},
    source: readSource(body),
    // Source: cinder/api/v3/volumes.py: the older word outweighs the newer one where both are said.
    groupId: (passes(context, 'groups') ? readId(body.group_id) : null) ?? readId(body.consistencygroup_id),
  };
}

/** The backup that the volume is to hold; null: none. Throws `bad_request` when it is to hold something else as well. */
export function readBackupSource(body: Body): string | null {
  // Source: cinder/api/v3/volumes.py looks it up in every version, although only 3.47 and newer say so.
  const id = readId(body.backup_id || null);
  if (id !== null && (body.snapshot_id || body.source_volid || body.imageRef || body.image_id)) {
    throw refuse('May specify only one of snapshot_id, imageRef, backup_id or source volume');
  }
  return id;
}
