// Limits: what the project may have and has, in ten numbers. Source: cinder/api/v3/limits.py and contrib/used_limits.py.
import { loadQuotaUse } from '../../core/db/block-storage/quota-sets.js';
import { type RequestContext, requireScope } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';
import { passes } from './microversions.js';

/** Administrators may ask for another project's from 3.39 on. */
function limitsProject(context: RequestContext, query: URLSearchParams): string {
  const asked = query.get('project_id') ?? query.get('tenant_id');
  const own = requireScope(context).projectId;
  return asked !== null && context.isAdmin && passes(context, 'limits-project') ? asked : own;
}

export function limitsRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/limits',
      operationId: 'showLimits',
      policy: 'limits:show',
      success: 200,
      async handler(context, { query }) {
        const uses = await loadQuotaUse(database, limitsProject(context, query));
        const limit = (name: string): number => uses.get(name)?.limit ?? -1;
        const used = (name: string): number => uses.get(name)?.inUse ?? 0;
        const absolute = {
          maxTotalVolumes: limit('volumes'),
          maxTotalSnapshots: limit('snapshots'),
          maxTotalVolumeGigabytes: limit('gigabytes'),
          maxTotalBackups: limit('backups'),
          maxTotalBackupGigabytes: limit('backup_gigabytes'),
          totalVolumesUsed: used('volumes'),
          totalGigabytesUsed: used('gigabytes'),
          totalSnapshotsUsed: used('snapshots'),
          totalBackupsUsed: used('backups'),
          totalBackupGigabytesUsed: used('backup_gigabytes'),
        };
        return { body: { limits: { rate: [], absolute } } };
      },
    }),
  ];
}
