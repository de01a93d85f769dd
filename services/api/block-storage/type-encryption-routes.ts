// Encryption records of volume types. The last part of the path names a field when one is read; when the record is changed or deleted it
// names nothing (clients put the record's id or the word `provider` there), and it is not looked at, as in Cinder.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  createEncryption,
  deleteEncryption,
  type EncryptionFields,
  type EncryptionRecord,
  encryptionNotFound,
  loadEncryption,
  updateEncryption,
} from '../../core/db/block-storage/type-encryption.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';
import { naiveTime, naiveTimeOrNull } from './naive-time.js';

type Schemas = components['schemas'];
const path = '/v3/types/{type_id}/encryption';
const policy = 'type:encryption';

/** Records that are shown are there, so the two fields about deletion never change. */
function viewEncryption(record: EncryptionRecord): Required<Schemas['TypeEncryption']> {
  return {
    volume_type_id: record.volume_type_id,
    encryption_id: record.encryption_id,
    provider: record.provider,
    control_location: record.control_location,
    cipher: record.cipher,
    key_size: record.key_size,
    created_at: naiveTime(record.created_at),
    updated_at: naiveTimeOrNull(record.updated_at),
    deleted: false,
    deleted_at: null,
  };
}

/** Some clients send the size of the key as digits; it is kept and answered as a number. */
function keySize(size: number | string | null | undefined): Pick<EncryptionFields, 'key_size'> {
  return size === undefined ? {} : { key_size: size === null ? null : Number(size) };
}

function writeRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute<Schemas['TypeEncryptionCreate']>({
      method: 'POST',
      path,
      operationId: 'createTypeEncryption',
      policy,
      success: 200,
      async handler(_context, { param, body }) {
        const typeId = param('type_id');
        const { key_size: size, ...fields } = body.encryption;
        const encryption = { ...fields, ...keySize(size) };
        const id = await createEncryption(database, typeId, encryption);
        return { body: { encryption: { ...encryption, volume_type_id: typeId, encryption_id: id } } };
      },
    }),
    defineRoute<Schemas['TypeEncryptionUpdate']>({
      method: 'PUT',
      path: `${path}/{key}`,
      operationId: 'updateTypeEncryption',
      policy,
      success: 200,
      async handler(_context, { param, body }) {
        const { key_size: size, ...fields } = body.encryption;
        const encryption = { ...fields, ...keySize(size) };
        await updateEncryption(database, param('type_id'), encryption);
        return { body: { encryption } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: `${path}/{key}`,
      operationId: 'deleteTypeEncryption',
      policy,
      success: 202,
      async handler(_context, { param }) {
        await deleteEncryption(database, param('type_id'));
        return {};
      },
    }),
  ];
}

export function typeEncryptionRoutes(api: BlockStorageApi): Route[] {
  const { database } = api;
  return [
    defineRoute({
      method: 'GET',
      path,
      operationId: 'showTypeEncryption',
      policy,
      success: 200,
      async handler(_context, { param }) {
        const record = await loadEncryption(database, param('type_id'));
        return { body: record === null ? {} : viewEncryption(record) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${path}/{key}`,
      operationId: 'showTypeEncryptionKey',
      policy,
      success: 200,
      async handler(_context, { param }) {
        const typeId = param('type_id');
        const record = await loadEncryption(database, typeId);
        const shown = record === null ? [] : Object.entries(viewEncryption(record));
        const pair = shown.find(([name]) => name === param('key'));
        if (pair === undefined) throw encryptionNotFound(typeId);
        return { body: Object.fromEntries([pair]) };
      },
    }),
    ...writeRoutes(api),
  ];
}
