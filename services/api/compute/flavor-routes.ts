// Flavors: everyone may look at the public ones, administrators make and delete them.
import { randomUUID } from 'node:crypto';
import type { components } from '../../../api-spec/generated/compute.js';
import {
  deleteFlavor,
  type FlavorQuery,
  findFlavor,
  insertFlavor,
  listFlavors,
} from '../../core/db/compute/flavors.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { tryBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { ComputeApi } from './compute-api.js';
import { viewFlavor, viewFlavorSummary } from './flavor-view.js';
import { limitOf, markerOf, nextLinks, numberOf } from './list-query.js';
import { refuseNewerFields } from './microversions.js';

type Schemas = components['schemas'];

/** Users see public flavors only, whatever they ask for; administrators may ask for private ones, or both (None). */
function publicOnly(query: URLSearchParams, isAdmin: boolean): boolean | null {
  const text = query.get('is_public');
  if (!isAdmin || text === null) return true;
  if (text.toLowerCase() === 'none') return null;
  const wish = tryBoolean(text);
  if (wish === null) throw new ServiceError('bad_request', `Invalid is_public filter [${text.slice(0, 64)}]`);
  return wish;
}

function readFlavorQuery(query: URLSearchParams, context: RequestContext): FlavorQuery {
  const [minRamMib, minDiskGib, marker] = [numberOf(query, 'minRam'), numberOf(query, 'minDisk'), markerOf(query)];
  return {
    isPublic: publicOnly(query, context.isAdmin),
    limit: limitOf(query),
    descending: query.get('sort_dir') === 'desc',
    ...(minRamMib === undefined ? {} : { minRamMib }),
    ...(minDiskGib === undefined ? {} : { minDiskGib }),
    ...(marker === undefined ? {} : { marker }),
  };
}

function listRoute(api: ComputeApi, detail: boolean): Route {
  const path = detail ? '/v2.1/flavors/detail' : '/v2.1/flavors';
  return defineRoute({
    method: 'GET',
    path,
    operationId: detail ? 'computeListFlavorsDetail' : 'computeListFlavors',
    policy: 'flavor:list',
    success: 200,
    handler: async (context, { query }) => {
      const wish = readFlavorQuery(query, context);
      const flavors = await listFlavors(api.database, wish);
      const view = detail ? viewFlavor : viewFlavorSummary;
      const links = nextLinks(`${context.apiUrl}${path}`, query, wish.limit, flavors);
      const shown = flavors.map((flavor) => view(flavor, context.apiUrl, context.microversion));
      return { body: { flavors: shown, ...(links === null ? {} : { flavors_links: links }) } };
    },
  });
}

async function demandFlavor(api: ComputeApi, context: RequestContext, id: string) {
  const flavor = await findFlavor(api.database, id);
  if (flavor === null || (!flavor.isPublic && !context.isAdmin)) {
    throw new ServiceError('not_found', `Flavor ${id} could not be found.`);
  }
  return flavor;
}

function singleRoutes(api: ComputeApi): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v2.1/flavors/{flavor_id}',
      operationId: 'computeShowFlavor',
      policy: 'flavor:show',
      success: 200,
      handler: async (context, { param }) => ({
        body: {
          flavor: viewFlavor(
            await demandFlavor(api, context, param('flavor_id')),
            context.apiUrl,
            context.microversion,
          ),
        },
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v2.1/flavors/{flavor_id}/os-extra_specs',
      operationId: 'computeListFlavorExtraSpecs',
      policy: 'flavor:show',
      success: 200,
      handler: async (context, { param }) => {
        await demandFlavor(api, context, param('flavor_id'));
        return { body: { extra_specs: {} } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v2.1/flavors/{flavor_id}',
      operationId: 'computeDeleteFlavor',
      policy: 'flavor:delete',
      success: 202,
      handler: async (_context, { param }) => {
        await deleteFlavor(api.database, param('flavor_id'));
        return {};
      },
    }),
  ];
}

function flavorIdOf(wish: string | number | null | undefined): string {
  // `auto` is how clients ask for an id of the server's choice.
  if (wish === null || wish === undefined || wish === 'auto') return randomUUID();
  return String(wish).trim();
}

/** The largest integer of the database's columns. */
const MAX_INTEGER = 2_147_483_647;

/** Digits are numbers as well, but the schema bounds numbers only. Throws `bad_request`. */
function sizeOf(field: string, wish: string | number | undefined): number {
  const size = Number(wish ?? 0);
  if (size <= MAX_INTEGER) return size;
  const sent = String(wish).slice(0, 64);
  throw new ServiceError(
    'bad_request',
    `Invalid input for field/attribute ${field}. Value: ${sent}. ${sent} is greater than the maximum of ${MAX_INTEGER}`,
  );
}

function createRoute(api: ComputeApi): Route {
  return defineRoute<Schemas['FlavorCreate']>({
    method: 'POST',
    path: '/v2.1/flavors',
    operationId: 'computeCreateFlavor',
    policy: 'flavor:create',
    success: 200,
    handler: async (context, { body: { flavor: wish } }) => {
      refuseNewerFields(context, wish, { description: 'flavor-description' });
      const [ramMib, vcpus, diskGib] = [
        sizeOf('ram', wish.ram),
        sizeOf('vcpus', wish.vcpus),
        sizeOf('disk', wish.disk),
      ];
      const ephemeral = 'OS-FLV-EXT-DATA:ephemeral';
      if (sizeOf('swap', wish.swap) + sizeOf(ephemeral, wish[ephemeral]) > 0)
        throw new ServiceError('bad_request', 'Swap and ephemeral disks are not offered here.');
      const flavor = await insertFlavor(api.database, {
        id: flavorIdOf(wish.id),
        name: wish.name.trim(),
        ramMib,
        vcpus,
        diskGib,
        isPublic: tryBoolean(wish['os-flavor-access:is_public'] ?? true) ?? true,
        description: wish.description ?? null,
      });
      return { body: { flavor: viewFlavor(flavor, context.apiUrl, context.microversion) } };
    },
  });
}

export function flavorRoutes(api: ComputeApi): readonly Route[] {
  return [listRoute(api, false), listRoute(api, true), ...singleRoutes(api), createRoute(api)];
}
