// Pools, one for each share, and taking existing files on them as volumes.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { listPools } from '../../core/db/block-storage/placement.js';
import {
  capabilitiesInCinderWords,
  type ExtraSpecs,
  type PoolRecord,
  poolMatchesSpecs,
} from '../../core/db/block-storage/pool-match.js';
import { type ManageWish, manageVolume } from '../../core/db/block-storage/volume-manage.js';
import { loadVolume } from '../../core/db/block-storage/volume-rows.js';
import { loadType } from '../../core/db/block-storage/volume-types.js';
import { type LayerFormat, layerFormats } from '../../core/domain/chain.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route, type RouteInput } from '../shell/route.js';
import { type BlockStorageApi, requesterOf, visibleProject } from './block-storage-api.js';
import { invalidFilters } from './list-query.js';
import { gates, passes } from './microversions.js';
import { naiveTime } from './naive-time.js';
import { readNames } from './request-fields.js';
import { resourceFilters, type UserFilters } from './resource-filters.js';
import { viewVolumeBase } from './volume-view.js';

type Schemas = components['schemas'];

function viewPool(pool: PoolRecord, detail: boolean): Schemas['Pool'] {
  if (!detail) return { name: pool.name };
  const words = capabilitiesInCinderWords(pool);
  const { capabilities } = pool;
  return {
    name: pool.name,
    capabilities: {
      ...words,
      // Cinder shows it as text.
      max_over_subscription_ratio: String(capabilities.maxOverSubscriptionRatio),
      location_info: `saggar:${pool.backend_host}:${pool.share}`,
      filter_function: null,
      goodness_function: null,
      backend_state: pool.state,
      timestamp: naiveTime(pool.updated_at),
    },
  };
}

interface PoolFilters {
  readonly name: string | null;
  readonly specs: ExtraSpecs;
}

/** Below 3.28 filters are ignored. Of this list alone, unknown ones are refused to administrators too (cinder/api/common.py). */
async function readFilters(
  api: BlockStorageApi,
  context: RequestContext,
  query: URLSearchParams,
): Promise<PoolFilters> {
  const asked = [...query].filter(([key]) => key !== 'detail');
  if (!passes(context, 'pool-filters')) return { name: null, specs: {} };
  const known: UserFilters = resourceFilters.pool;
  const isKnown = (key: string): boolean => {
    const gate = Object.hasOwn(known, key) ? known[key] : undefined;
    return gate !== undefined && (gate === null || passes(context, gate));
  };
  const unknown = asked.filter(([key]) => !isKnown(key)).map(([key]) => key);
  if (unknown.length > 0 && passes(context, 'unknown-filter-refused')) throw invalidFilters(unknown);
  const type = isKnown('volume_type') ? query.get('volume_type') : null;
  const specs = type === null ? {} : (await loadType(api.database, type, { isAdmin: true, byName: true })).extra_specs;
  return { name: query.get('name'), specs };
}

interface FileReference {
  readonly share: string | null;
  readonly file: string;
  readonly format: LayerFormat | null;
}

/** Formats are declared, never found by looking: a guest may have written any header into a raw file. */
function readFormat(ref: unknown): LayerFormat | null {
  const format: unknown = typeof ref === 'string' ? undefined : (ref as Record<string, unknown>)['format'];
  if (format === undefined) return null;
  const known = layerFormats.find((one) => one === format);
  if (known !== undefined) return known;
  throw new ServiceError('bad_request', `Invalid input received: format must be one of ${layerFormats.join(', ')}.`);
}

/** The file's base name and, when the reference names it, its share. Accepts `file` and `server:/share/file`. */
function readReference(ref: Schemas['VolumeManage']['volume']['ref']): FileReference {
  const name = typeof ref === 'string' ? ref : (ref as Record<string, unknown>)['source-name'];
  if (typeof name !== 'string') {
    throw new ServiceError(
      'bad_request',
      "Invalid input received: The element 'ref' must name the file as source-name.",
    );
  }
  const slash = name.lastIndexOf('/');
  const file = name.slice(slash + 1);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/.test(file)) {
    throw new ServiceError(
      'bad_request',
      'Invalid input received: source-name must be the name of a file on the share.',
    );
  }
  return { share: slash < 0 ? null : name.slice(0, slash), file, format: readFormat(ref) };
}

function readManageWish(volume: Schemas['VolumeManage']['volume']): ManageWish {
  const { share, file, format } = readReference(volume.ref);
  const { host } = volume;
  if (host === undefined)
    throw new ServiceError('bad_request', "Invalid input received: 'host' must be given: clusters are not served.");
  const isPool = host.includes('#');
  if (share !== null && isPool && !host.endsWith(`#${share}`)) {
    throw new ServiceError('bad_request', 'Invalid input received: source-name names another share than host.');
  }
  const { name = null, description = null } = readNames(volume);
  return {
    host: share === null || isPool ? host : `${host}#${share}`,
    sourceFile: file,
    format,
    name,
    description,
    type: volume.volume_type || null,
    zone: volume.availability_zone ?? null,
    bootable: volume.bootable !== undefined && parseBoolean('bootable', volume.bootable),
    metadata: volume.metadata ?? {},
  };
}

function manageRoutes({ database }: BlockStorageApi): Route[] {
  const handler = async (
    context: RequestContext,
    { body }: RouteInput<Schemas['VolumeManage']>,
  ): Promise<{ body: object }> => {
    const id = await manageVolume(database, readManageWish(body.volume), requesterOf(context));
    return { body: { volume: viewVolumeBase(await loadVolume(database, id, visibleProject(context)), context) } };
  };
  const same = { method: 'POST', policy: 'volume:manage', success: 202, handler } as const;
  return [
    defineRoute<Schemas['VolumeManage']>({ ...same, path: '/v3/os-volume-manage', operationId: 'manageVolume' }),
    defineRoute<Schemas['VolumeManage']>({
      ...same,
      path: '/v3/manageable_volumes',
      operationId: 'manageVolumeNewPath',
      since: gates['manageable-resources'],
    }),
  ];
}

export function poolRoutes(api: BlockStorageApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/scheduler-stats/get_pools',
      operationId: 'listPools',
      policy: 'pool:list',
      success: 200,
      async handler(context, { query }) {
        const asked = query.get('detail');
        const detail = asked !== null && parseBoolean('detail', asked);
        const { name, specs } = await readFilters(api, context, query);
        const pools = (await listPools(api.database))
          .filter((pool) => name === null || pool.name === name)
          .filter((pool) => poolMatchesSpecs(pool, specs));
        return { body: { pools: pools.map((pool) => viewPool(pool, detail)) } };
      },
    }),
    ...manageRoutes(api),
  ];
}
