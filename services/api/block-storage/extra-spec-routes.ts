// Extra specs of a volume type: what its volumes demand of a pool.
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { ExtraSpecs } from '../../core/db/block-storage/pool-match.js';
import { changeExtraSpecs } from '../../core/db/block-storage/type-change.js';
import { loadType } from '../../core/db/block-storage/volume-types.js';
import { ServiceError } from '../../core/domain/errors.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';
import { typeReader, viewType } from './type-routes.js';

type Schemas = components['schemas'];
const path = '/v3/types/{type_id}/extra_specs';
const keyPath = `${path}/{key}`;

function missing(id: string, key: string): ServiceError {
  return new ServiceError('not_found', `Volume Type ${id} has no extra specs with key ${key.slice(0, 255)}.`);
}

function keyRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: keyPath,
      operationId: 'showExtraSpec',
      policy: 'type:list-extra-specs',
      success: 200,
      async handler(context, { param }) {
        const type = await loadType(database, param('type_id'), typeReader(context));
        const specs = viewType(type, context, 'read').extra_specs ?? {};
        const key = param('key');
        if (!Object.hasOwn(specs, key)) throw missing(type.id, key);
        return { body: { [key]: specs[key] } };
      },
    }),
    defineRoute<Schemas['ExtraSpecPair']>({
      method: 'PUT',
      path: keyPath,
      operationId: 'setExtraSpec',
      policy: 'type:update-extra-specs',
      success: 200,
      async handler(_context, { param, body }) {
        const key = param('key');
        const value = Object.hasOwn(body, key) ? body[key] : undefined;
        if (value === undefined) throw new ServiceError('bad_request', 'Request body and URI mismatch');
        await changeExtraSpecs(database, param('type_id'), (present) => ({ ...present, [key]: value }));
        return { body: { [key]: value } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: keyPath,
      operationId: 'deleteExtraSpec',
      policy: 'type:update-extra-specs',
      success: 202,
      async handler(_context, { param }) {
        const [id, key] = [param('type_id'), param('key')];
        await changeExtraSpecs(database, id, (present): ExtraSpecs => {
          if (!Object.hasOwn(present, key)) throw missing(id, key);
          return Object.fromEntries(Object.entries(present).filter(([name]) => name !== key));
        });
        return {};
      },
    }),
  ];
}

export function extraSpecRoutes(api: BlockStorageApi): Route[] {
  const { database } = api;
  return [
    defineRoute({
      method: 'GET',
      path,
      operationId: 'listExtraSpecs',
      policy: 'type:list-extra-specs',
      success: 200,
      async handler(context, { param }) {
        const type = await loadType(database, param('type_id'), typeReader(context));
        return { body: { extra_specs: viewType(type, context, 'read').extra_specs } };
      },
    }),
    defineRoute<Schemas['ExtraSpecsBody']>({
      method: 'POST',
      path,
      operationId: 'mergeExtraSpecs',
      policy: 'type:update-extra-specs',
      success: 200,
      async handler(_context, { param, body: { extra_specs: added } }) {
        await changeExtraSpecs(database, param('type_id'), (present) => ({ ...present, ...added }));
        return { body: { extra_specs: added } };
      },
    }),
    ...keyRoutes(api),
  ];
}
