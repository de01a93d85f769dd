// Default volume types of projects (3.62).
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  deleteDefaultType,
  listDefaultTypes,
  loadDefaultType,
  storeDefaultType,
} from '../../core/db/block-storage/default-types.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';
import { gates } from './microversions.js';

type Schemas = components['schemas'];
const since = gates['default-types'];
const path = '/v3/default-types/{target_project_id}';

export function defaultTypeRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/default-types',
      operationId: 'listDefaultTypes',
      since,
      policy: 'default-type:show',
      success: 200,
      async handler() {
        return { body: { default_types: await listDefaultTypes(database) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path,
      operationId: 'showDefaultType',
      since,
      policy: 'default-type:show',
      success: 200,
      async handler(_context, { param }) {
        return { body: { default_type: await loadDefaultType(database, param('target_project_id')) } };
      },
    }),
    defineRoute<Schemas['DefaultTypeSet']>({
      method: 'PUT',
      path,
      operationId: 'setDefaultType',
      since,
      policy: 'default-type:change',
      success: 200,
      async handler(_context, { param, body }) {
        const type = body.default_type.volume_type.trim();
        return { body: { default_type: await storeDefaultType(database, param('target_project_id'), type) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path,
      operationId: 'deleteDefaultType',
      since,
      policy: 'default-type:change',
      success: 204,
      async handler(_context, { param }) {
        await deleteDefaultType(database, param('target_project_id'));
        return {};
      },
    }),
  ];
}
