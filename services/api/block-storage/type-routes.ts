// Volume types: list, show (with the default one), create, update, delete.
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { Condition } from '../../core/db/block-storage/listing.js';
import { deleteType, insertType, updateType } from '../../core/db/block-storage/type-change.js';
import { zonesSpec } from '../../core/db/block-storage/type-demands.js';
import {
  defaultTypeId,
  listTypes,
  loadType,
  type TypeReader,
  type TypeVisibility,
  typeCollection,
  type VolumeTypeRecord,
} from '../../core/db/block-storage/volume-types.js';
import { ServiceError } from '../../core/domain/errors.js';
import { newId, type VolumeTypeId } from '../../core/domain/ids.js';
import { type RequestContext, requireScope } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';
import { type ListRules, parseListQuery } from './list-query.js';
import { respondWithList } from './list-response.js';
import { readVisibility } from './request-fields.js';
import { resourceFilters } from './resource-filters.js';

type Schemas = components['schemas'];

const listRules: ListRules = {
  columns: typeCollection.columns,
  userFilters: resourceFilters.volume_type,
  // The list took configured filters with 3.52 only; before, it dropped unknown ones (cinder/api/v3/types.py).
  unknownRefusedSince: 'type-filter-extra-specs',
  ignored: ['is_public'],
};

/** What users may know of extra specs. Source: cinder/api/v3/views/types.py. */
const publicSpecs = [zonesSpec, 'multiattach', 'replication_enabled'];

/** Whoever may change types may read every one. */
const anyType: TypeReader = { isAdmin: true, byName: false };

type Shown = 'read' | 'default' | 'create' | 'update';

/** Each call shows other fields: clients with strict schemas know exactly which. */
export function viewType(type: VolumeTypeRecord, context: RequestContext, shown: Shown): Schemas['VolumeType'] {
  const specs = Object.entries(type.extra_specs).filter(([key]) => context.isAdmin || publicSpecs.includes(key));
  return {
    id: type.id,
    name: type.name,
    is_public: type.is_public,
    description: type.description,
    extra_specs: Object.fromEntries(specs),
    ...(context.isAdmin && shown !== 'create' && shown !== 'update' ? { qos_specs_id: type.qos_specs_id } : {}),
    ...(shown === 'read' || shown === 'create' ? { 'os-volume-type-access:is_public': type.is_public } : {}),
  };
}

/** By id: what this request may see. */
export function typeReader(context: RequestContext): TypeReader {
  return { isAdmin: context.isAdmin, byName: false, projectId: context.projectId };
}

/** What the project may use; administrators may ask for private types alone (`false`) and for all (`none`). */
function visibilityOf(context: RequestContext, query: URLSearchParams): TypeVisibility {
  const asked = context.isAdmin ? query.get('is_public') : null;
  if (asked?.trim().toLowerCase() === 'none') return { isPublic: null };
  if (asked !== null && !readVisibility(asked)) return { isPublic: false };
  return { usableBy: requireScope(context).projectId };
}

function asksHiddenSpecs(condition: Condition): boolean {
  if (condition.kind === 'contains') return !Object.keys(condition.pairs).every((key) => publicSpecs.includes(key));
  // A part of their text: it would find hidden ones as well.
  return 'column' in condition && condition.column === 'extra_specs';
}

/** A filter must not tell users about specs that they are not shown. */
function withoutHiddenSpecs(context: RequestContext, conditions: readonly Condition[]): Condition[] {
  if (context.isAdmin) return [...conditions];
  return conditions.map((one): Condition => (asksHiddenSpecs(one) ? { kind: 'never' } : one));
}

function createRoute({ database }: BlockStorageApi): Route {
  return defineRoute<Schemas['TypeCreate']>({
    method: 'POST',
    path: '/v3/types',
    operationId: 'createType',
    policy: 'type:create',
    success: 200,
    async handler(context, { body: { volume_type: wanted } }) {
      const id = newId<VolumeTypeId>();
      const access = wanted['os-volume-type-access:is_public'];
      await insertType(database, id, {
        name: wanted.name.trim(),
        description: wanted.description ?? null,
        is_public: access === undefined || parseBoolean('is_public', access),
        extra_specs: wanted.extra_specs ?? {},
      });
      const type = await loadType(database, id, anyType);
      return { body: { volume_type: viewType(type, context, 'create') } };
    },
  });
}

function updateRoute({ database }: BlockStorageApi): Route {
  return defineRoute<Schemas['TypeUpdate']>({
    method: 'PUT',
    path: '/v3/types/{type_id}',
    operationId: 'updateType',
    policy: 'type:update',
    success: 200,
    async handler(context, { param, body: { volume_type: wanted } }) {
      const { name, description, is_public: isPublic } = wanted;
      if (name == null && description == null && isPublic === undefined) {
        throw new ServiceError(
          'bad_request',
          'Specify volume type name, description, is_public or a combination thereof.',
        );
      }
      if (name?.trim() === '') throw new ServiceError('bad_request', 'Volume type name can not be empty.');
      const id = param('type_id');
      await updateType(database, id, {
        ...(name == null ? {} : { name: name.trim() }),
        ...(description == null ? {} : { description }),
        ...(isPublic === undefined ? {} : { is_public: parseBoolean('is_public', isPublic) }),
      });
      const type = await loadType(database, id, anyType);
      return { body: { volume_type: viewType(type, context, 'update') } };
    },
  });
}

export function typeRoutes(api: BlockStorageApi): Route[] {
  const { database } = api;
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/types',
      operationId: 'listTypes',
      policy: 'type:list',
      success: 200,
      handler(context, { query }) {
        const wanted = parseListQuery(context, query, listRules);
        const page = { ...wanted.page, conditions: withoutHiddenSpecs(context, wanted.page.conditions) };
        const visibility = visibilityOf(context, query);
        return respondWithList(
          context,
          query,
          { page, withCount: false },
          {
            key: 'volume_types',
            linksKey: 'volume_type_links',
            list: (one) => listTypes(database, one, visibility),
            view: (type: VolumeTypeRecord) => viewType(type, context, 'read'),
          },
        );
      },
    }),
    createRoute(api),
    updateRoute(api),
    defineRoute({
      method: 'GET',
      path: '/v3/types/{type_id}',
      operationId: 'showType',
      policy: 'type:show',
      success: 200,
      async handler(context, { param }) {
        const id = param('type_id');
        const isDefault = id === 'default';
        const type = isDefault
          ? await loadType(database, await defaultTypeId(database, requireScope(context).projectId), anyType)
          : await loadType(database, id, typeReader(context));
        return { body: { volume_type: viewType(type, context, isDefault ? 'default' : 'read') } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v3/types/{type_id}',
      operationId: 'deleteType',
      policy: 'type:delete',
      success: 202,
      async handler(_context, { param }) {
        await deleteType(database, param('type_id'));
        return {};
      },
    }),
  ];
}
