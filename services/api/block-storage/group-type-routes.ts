// Group types and their specs. There is no default group type, so `default` is not found, as in a Cinder without the setting.
// Source: cinder/api/v3/group_types.py, group_specs.py.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  changeGroupSpecs,
  deleteGroupType,
  insertGroupType,
  updateGroupType,
} from '../../core/db/block-storage/group-type-change.js';
import {
  type GroupTypeRecord,
  groupTypeCollection,
  listGroupTypes,
  loadGroupType,
} from '../../core/db/block-storage/group-type-rows.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { GroupSpecs } from '../../core/domain/group.js';
import { newId } from '../../core/domain/ids.js';
import type { RequestContext } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';
import { viewGroupType } from './group-view.js';
import { type ListRules, parseListQuery } from './list-query.js';
import { respondWithList } from './list-response.js';
import { gates } from './microversions.js';
import { readVisibility } from './request-fields.js';

type Schemas = components['schemas'];

const since = gates['group-types'];
const path = '/v3/group_types/{group_type_id}';
const specsPath = `${path}/group_specs`;
const keyPath = `${specsPath}/{key}`;

const listRules: ListRules = { columns: groupTypeCollection.columns, userFilters: {} };

/** Only pages and order are asked for; every other parameter is dropped. */
function withoutFilters(query: URLSearchParams): URLSearchParams {
  const known = ['limit', 'marker', 'offset', 'sort', 'sort_key', 'sort_dir'];
  return new URLSearchParams([...query].filter(([name]) => known.includes(name)));
}

/** Users see public types; administrators may ask for private types alone and for all (null). */
function askedVisibility(context: RequestContext, query: URLSearchParams): boolean | null {
  const asked = context.isAdmin ? query.get('is_public') : null;
  if (asked === null) return true;
  return asked.trim().toLowerCase() === 'none' ? null : readVisibility(asked);
}

function typeRoutes({ database }: BlockStorageApi): Route[] {
  const respond = async (context: RequestContext, id: string): Promise<{ body: object }> => ({
    body: { group_type: viewGroupType(await loadGroupType(database, id, context.isAdmin), context) },
  });
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/group_types',
      operationId: 'listGroupTypes',
      since,
      policy: 'group-type:list',
      success: 200,
      handler(context, { query }) {
        const { page } = parseListQuery(context, withoutFilters(query), listRules);
        const isPublic = askedVisibility(context, query);
        const wanted = { page, withCount: false };
        return respondWithList(context, query, wanted, {
          key: 'group_types',
          linksKey: 'group_type_links',
          list: (one) => listGroupTypes(database, one, isPublic),
          view: (type: GroupTypeRecord) => viewGroupType(type, context),
        });
      },
    }),
    defineRoute<Schemas['GroupTypeCreate']>({
      method: 'POST',
      path: '/v3/group_types',
      operationId: 'createGroupType',
      since,
      policy: 'group-type:create',
      success: 202,
      async handler(context, { body: { group_type: wanted } }) {
        const id = newId<string>();
        await insertGroupType(database, id, {
          name: wanted.name.trim(),
          description: wanted.description ?? null,
          is_public: wanted.is_public === undefined || parseBoolean('is_public', wanted.is_public),
          group_specs: wanted.group_specs ?? {},
        });
        return respond(context, id);
      },
    }),
    defineRoute({
      method: 'GET',
      path,
      operationId: 'showGroupType',
      since,
      policy: 'group-type:show',
      success: 200,
      handler(context, { param }) {
        const id = param('group_type_id');
        if (id === 'default') throw new ServiceError('not_found', 'Default group type can not be found.');
        return respond(context, id);
      },
    }),
    defineRoute<Schemas['GroupTypeUpdate']>({
      method: 'PUT',
      path,
      operationId: 'updateGroupType',
      since,
      policy: 'group-type:update',
      success: 200,
      async handler(context, { param, body: { group_type: wanted } }) {
        const { name, description, is_public: isPublic } = wanted;
        if (name == null && description == null && isPublic === undefined) {
          throw new ServiceError('bad_request', 'Specify group type name, description or a combination thereof.');
        }
        if (name?.trim() === '') throw new ServiceError('bad_request', 'Group type name can not be empty.');
        const id = param('group_type_id');
        await updateGroupType(database, id, {
          ...(name == null ? {} : { name: name.trim() }),
          ...(description == null ? {} : { description }),
          ...(isPublic === undefined ? {} : { is_public: parseBoolean('is_public', isPublic) }),
        });
        return respond(context, id);
      },
    }),
    defineRoute({
      method: 'DELETE',
      path,
      operationId: 'deleteGroupType',
      since,
      policy: 'group-type:delete',
      success: 202,
      async handler(_context, { param }) {
        await deleteGroupType(database, param('group_type_id'));
        return {};
      },
    }),
  ];
}

function specsRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: specsPath,
      operationId: 'listGroupSpecs',
      since,
      policy: 'group-type:specs',
      success: 200,
      async handler(_context, { param }) {
        const { group_specs: specs } = await loadGroupType(database, param('group_type_id'), true);
        return { body: { group_specs: specs } };
      },
    }),
    defineRoute<Schemas['GroupSpecsBody']>({
      method: 'POST',
      path: specsPath,
      operationId: 'mergeGroupSpecs',
      since,
      policy: 'group-type:specs',
      success: 202,
      async handler(_context, { param, body }) {
        await changeGroupSpecs(database, param('group_type_id'), (present) => ({ ...present, ...body.group_specs }));
        return { body };
      },
    }),
    defineRoute({
      method: 'GET',
      path: keyPath,
      operationId: 'showGroupSpec',
      since,
      policy: 'group-type:specs',
      success: 200,
      async handler(_context, { param }) {
        const [id, key] = [param('group_type_id'), param('key')];
        const { group_specs: specs } = await loadGroupType(database, id, true);
        if (Object.hasOwn(specs, key)) return { body: { [key]: specs[key] } };
        throw new ServiceError('not_found', `Group Type ${id} has no extra spec with key ${key.slice(0, 255)}.`);
      },
    }),
    defineRoute<Schemas['ExtraSpecPair']>({
      method: 'PUT',
      path: keyPath,
      operationId: 'setGroupSpec',
      since,
      policy: 'group-type:specs',
      success: 200,
      async handler(_context, { param, body }) {
        const [id, key] = [param('group_type_id'), param('key')];
        await loadGroupType(database, id, true);
        const value = Object.hasOwn(body, key) ? body[key] : undefined;
        if (value === undefined) throw new ServiceError('bad_request', 'Request body and URI mismatch');
        await changeGroupSpecs(database, id, (present) => ({ ...present, [key]: value }));
        return { body: { [key]: value } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: keyPath,
      operationId: 'deleteGroupSpec',
      since,
      policy: 'group-type:specs',
      success: 202,
      async handler(_context, { param }) {
        const [id, key] = [param('group_type_id'), param('key')];
        await changeGroupSpecs(database, id, (present): GroupSpecs => {
          if (Object.hasOwn(present, key))
            return Object.fromEntries(Object.entries(present).filter(([one]) => one !== key));
          throw new ServiceError('not_found', `Group Type ${id} has no specs with key ${key.slice(0, 255)}.`);
        });
        return {};
      },
    }),
  ];
}

export function groupTypeRoutes(api: BlockStorageApi): Route[] {
  return [...typeRoutes(api), ...specsRoutes(api)];
}
