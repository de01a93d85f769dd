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
import { GIB } from '../../core/domain/size.js';
import type { RequestContext } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route, type RouteInput } from '../shell/route.js';
import { type BlockStorageApi, requesterOf, visibleProject } from './block-storage-api.js';
import { gates, passes } from './microversions.js';
import { naiveTime } from './naive-time.js';
import { readNames } from './request-fields.js';
import { viewVolumeBase } from './volume-view.js';

type Schemas = components['schemas'];

function gib(bytes: number | null): number | 'unknown' {
  return bytes === null ? 'unknown' : Math.round((bytes / GIB) * 100) / 100;
}

function viewPool(pool: PoolRecord, detail: boolean): Schemas['Pool'] {
  if (!detail) return { name: pool.name };
  const words = capabilitiesInCinderWords(pool);
  const { capabilities } = pool;
  return {
    name: pool.name,
    capabilities: {
      ...words,
      volume_backend_name: capabilities.volumeBackendName,
      vendor_name: capabilities.vendorName,
      storage_protocol: capabilities.storageProtocol,
      total_capacity_gb: gib(pool.total_bytes),
      free_capacity_gb: gib(pool.free_bytes),
      allocated_capacity_gb: pool.provisioned_gib,
      provisioned_capacity_gb: pool.provisioned_gib,
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

async function specsOfType(api: BlockStorageApi, context: RequestContext, query: URLSearchParams): Promise<ExtraSpecs> {
  const type = passes(context, 'pool-filter-type') ? query.get('volume_type') : null;
  if (type === null) return {};
  return (await loadType(api.database, type, { isAdmin: true, byName: true })).extra_specs;
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
        const name = passes(context, 'pool-filters') ? query.get('name') : null;
        const specs = await specsOfType(api, context, query);
        const pools = (await listPools(api.database))
          .filter((pool) => name === null || pool.name === name)
          .filter((pool) => poolMatchesSpecs(pool, specs));
        return { body: { pools: pools.map((pool) => viewPool(pool, detail)) } };
      },
    }),
    ...manageRoutes(api),
  ];
}
