// Actions on volumes that change size, flags or status.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  resetVolumeStatus,
  type StatusReset,
  setBootable,
  setReadonlyFlag,
} from '../../core/db/block-storage/volume-change.js';
import { deleteVolume } from '../../core/db/block-storage/volume-delete.js';
import { extendVolume } from '../../core/db/block-storage/volume-extend.js';
import { ServiceError } from '../../core/domain/errors.js';
import { volumeStatuses } from '../../core/domain/volume.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type BlockStorageApi, requesterOf, visibleProject } from './block-storage-api.js';
import { passes } from './microversions.js';
import { readSize } from './request-fields.js';

type Schemas = components['schemas'];
const action = { method: 'POST', path: '/v3/volumes/{volume_id}/action' } as const;

/** Source: cinder/api/contrib/admin_actions.py. */
const attachStatuses = [
  'attached',
  'detached',
  'reserved',
  'attaching',
  'detaching',
  'error_attaching',
  'error_detaching',
  'deleted',
];
const migrationStatuses = ['migrating', 'error', 'success', 'completing', 'none', 'starting'];

function readWord(field: string, value: string, known: readonly string[]): string {
  const word = value.toLowerCase();
  if (known.includes(word)) return word;
  throw new ServiceError(
    'bad_request',
    `Invalid input for field/attribute ${field}. Value: ${value}. '${value}' is not one of the known statuses`,
  );
}

function readReset(body: Schemas['VolumeResetStatus']['os-reset_status']): StatusReset {
  const { status, attach_status: attach, migration_status: migration } = body;
  const reset = {
    ...(status == null ? {} : { status: readWord('status', status, volumeStatuses) }),
    ...(attach == null ? {} : { attach_status: readWord('attach_status', attach, attachStatuses) }),
    ...(migration === undefined ? {} : { migration_status: readMigration(migration) }),
  };
  if (Object.keys(reset).length === 0) {
    throw new ServiceError('bad_request', "Must specify 'status', 'attach_status' or 'migration_status' for update.");
  }
  return reset;
}

function readMigration(value: string | null): string | null {
  if (value === null) return null;
  const word = readWord('migration_status', value, migrationStatuses);
  return word === 'none' ? null : word;
}

export function volumeActionRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute<Schemas['VolumeExtend']>({
      ...action,
      action: 'os-extend',
      operationId: 'extendVolume',
      policy: 'volume:extend',
      success: 202,
      async handler(context, { param, body }) {
        const newSizeGib = readSize('new_size', body['os-extend'].new_size);
        const inUseAllowed = passes(context, 'extend-in-use');
        await extendVolume(database, param('volume_id'), { newSizeGib, inUseAllowed }, requesterOf(context));
        return {};
      },
    }),
    defineRoute<Schemas['VolumeResetStatus']>({
      ...action,
      action: 'os-reset_status',
      operationId: 'resetVolumeStatus',
      policy: 'volume:reset-status',
      success: 202,
      async handler(_context, { param, body }) {
        await resetVolumeStatus(database, param('volume_id'), readReset(body['os-reset_status']));
        return {};
      },
    }),
    defineRoute<Schemas['VolumeSetBootable']>({
      ...action,
      action: 'os-set_bootable',
      operationId: 'setVolumeBootable',
      policy: 'volume:set-bootable',
      success: 200,
      async handler(context, { param, body }) {
        const bootable = parseBoolean('bootable', body['os-set_bootable'].bootable);
        await setBootable(database, param('volume_id'), visibleProject(context), bootable);
        return {};
      },
    }),
    defineRoute<Schemas['VolumeReadonlyFlag']>({
      ...action,
      action: 'os-update_readonly_flag',
      operationId: 'setVolumeReadonly',
      policy: 'volume:readonly-flag',
      success: 202,
      async handler(context, { param, body }) {
        const readonly = parseBoolean('readonly', body['os-update_readonly_flag'].readonly);
        await setReadonlyFlag(database, param('volume_id'), visibleProject(context), readonly);
        return {};
      },
    }),
    defineRoute({
      ...action,
      action: 'os-force_delete',
      operationId: 'forceDeleteVolume',
      policy: 'volume:force-delete',
      success: 202,
      async handler(context, { param }) {
        await deleteVolume(database, param('volume_id'), { cascade: false, force: true }, requesterOf(context));
        return {};
      },
    }),
  ];
}
