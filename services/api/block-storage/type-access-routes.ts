// Access to private volume types: which projects have it, giving and taking it.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { addTypeAccess, listTypeAccess, removeTypeAccess } from '../../core/db/block-storage/type-access.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';

type Schemas = components['schemas'];
const action = {
  method: 'POST',
  path: '/v3/types/{type_id}/action',
  policy: 'type:change-access',
  success: 202,
} as const;

export function typeAccessRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/types/{type_id}/os-volume-type-access',
      operationId: 'listTypeAccess',
      policy: 'type:list-access',
      success: 200,
      async handler(_context, { param }) {
        const id = param('type_id');
        const projects = await listTypeAccess(database, id);
        return {
          body: { volume_type_access: projects.map((projectId) => ({ volume_type_id: id, project_id: projectId })) },
        };
      },
    }),
    defineRoute<Schemas['TypeAccessAdd']>({
      ...action,
      action: 'addProjectAccess',
      operationId: 'addTypeAccess',
      async handler(_context, { param, body }) {
        await addTypeAccess(database, param('type_id'), body.addProjectAccess.project);
        return {};
      },
    }),
    defineRoute<Schemas['TypeAccessRemove']>({
      ...action,
      action: 'removeProjectAccess',
      operationId: 'removeTypeAccess',
      async handler(_context, { param, body }) {
        await removeTypeAccess(database, param('type_id'), body.removeProjectAccess.project);
        return {};
      },
    }),
  ];
}
