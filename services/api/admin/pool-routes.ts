// Shares as administrators see and keep them: what is wrong with each, its maintenance, and how far it has been emptied. In a path the
// name of a pool stands percent-encoded, as it holds `#` and `/`.
import type { components } from '../../../api-spec/generated/admin.js';
import { type EvacuationProgress, evacuatePool, loadEvacuation } from '../../core/db/block-storage/pool-evacuation.js';
import { listPoolHealth, loadPoolHealth, type PoolHealth } from '../../core/db/block-storage/pool-health.js';
import { endPoolMaintenance, setPoolMaintenance } from '../../core/db/block-storage/pool-maintenance.js';
import type { Database } from '../../core/db/connection.js';
import { inTransaction } from '../../core/db/in-transaction.js';
import { requesterOf } from '../block-storage/block-storage-api.js';
import { naiveTime, naiveTimeOrNull } from '../block-storage/naive-time.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { AdminApi } from './admin-api.js';

type Schemas = components['schemas'];

function viewPool(pool: PoolHealth): Schemas['Pool'] {
  return {
    name: pool.name,
    host: pool.backend_host,
    share: pool.share,
    availability_zone: pool.zone,
    state: pool.state,
    retired: pool.retired,
    alive: pool.fresh,
    servers: pool.access.servers.map(({ host, port }) => ({ host, port })),
    total_bytes: pool.total_bytes,
    free_bytes: pool.free_bytes,
    promised_gib: pool.provisioned_gib,
    volumes: pool.volumes,
    maintenance:
      pool.maintenance_since === null
        ? null
        : { since: naiveTime(pool.maintenance_since), reason: pool.maintenance_reason },
    findings: pool.findings.map(({ code, severity, text, cure }) => ({ code, severity, text, cure })),
    updated_at: naiveTimeOrNull(pool.updated_at),
  };
}

function viewEvacuation(progress: EvacuationProgress): Schemas['Evacuation'] {
  const { atOnce, since, total, moved, moving, waiting, volumes } = progress;
  return {
    at_once: atOnce,
    since: naiveTime(since.replace(' ', 'T')),
    total,
    gone: moved,
    moving,
    waiting,
    volumes: volumes.map(({ volumeId, outlook, reason }) => ({ volume_id: volumeId, outlook, reason })),
  };
}

async function poolDetail(database: Database, name: string): Promise<Schemas['PoolAnswer']> {
  const [pool, evacuation] = [await loadPoolHealth(database, name), await loadEvacuation(database, name)];
  return { pool: viewPool(pool), evacuation: evacuation === null ? null : viewEvacuation(evacuation) };
}

interface MaintenanceBody {
  readonly maintenance: Schemas['MaintenanceWish'];
}

export function poolRoutes({ database }: AdminApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/pools',
      operationId: 'adminListPools',
      policy: 'share:list',
      success: 200,
      handler: async () => ({ body: { pools: (await listPoolHealth(database)).map(viewPool) } }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/pools/{pool_name}',
      operationId: 'adminShowPool',
      policy: 'share:show',
      success: 200,
      handler: async (_context, { param }) => ({ body: await poolDetail(database, param('pool_name')) }),
    }),
    defineRoute<MaintenanceBody>({
      method: 'PUT',
      path: '/v1/pools/{pool_name}/maintenance',
      operationId: 'adminMaintainPool',
      policy: 'share:maintain',
      success: 200,
      async handler(context, { param, body }) {
        const { reason = null, force = false, evacuate_at_once: atOnce = null } = body.maintenance;
        const name = param('pool_name');
        const { userId, projectId, requestId } = requesterOf(context);
        // Both or neither: a share in maintenance that was to be emptied and is not would be waited for in vain.
        await inTransaction(database, async (tx) => {
          await setPoolMaintenance(tx, name, { reason, force });
          if (atOnce !== null) await evacuatePool(tx, name, { atOnce, requester: { userId, projectId, requestId } });
        });
        return { body: await poolDetail(database, name) };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/pools/{pool_name}/maintenance',
      operationId: 'adminResumePool',
      policy: 'share:maintain',
      success: 204,
      async handler(_context, { param }) {
        await endPoolMaintenance(database, param('pool_name'));
        return {};
      },
    }),
  ];
}
