// Files that no row explains: listed after a scan, and moved to the trash when they are named.
import type { components } from '../../../api-spec/generated/admin.js';
import { loadOrphans, removeOrphans } from '../../core/db/admin/orphans.js';
import type { Orphan } from '../../core/domain/orphans.js';
import { requesterOf } from '../block-storage/block-storage-api.js';
import { parsePaging } from '../shell/paging.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { AdminApi } from './admin-api.js';

type Schemas = components['schemas'];

function viewOrphan(orphan: Orphan): Schemas['Orphan'] {
  return {
    file: orphan.file,
    size_bytes: orphan.sizeBytes,
    allocated_bytes: orphan.allocatedBytes,
    modified_at: new Date(orphan.modifiedMs).toISOString().slice(0, -1),
    format: orphan.format,
    volume_id: orphan.volumeId,
    removable: orphan.kept === null,
    kept_because: orphan.kept,
  };
}

export function orphanRoutes({ database }: AdminApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/share-scans/{scan_id}/orphans',
      operationId: 'adminListOrphans',
      policy: 'orphan:list',
      success: 200,
      async handler(_context, { param, query }) {
        const { offset, limit } = parsePaging(query);
        const orphans = await loadOrphans(database, param('scan_id'));
        return { body: { orphans: orphans.slice(offset, offset + limit).map(viewOrphan), total: orphans.length } };
      },
    }),
    defineRoute<Schemas['OrphanRemoval']>({
      method: 'POST',
      path: '/v1/share-scans/{scan_id}/orphan-removals',
      operationId: 'adminRemoveOrphans',
      policy: 'orphan:remove',
      success: 202,
      async handler(context, { param, body }) {
        const removals = await removeOrphans(database, param('scan_id'), body.files, requesterOf(context));
        const shown = removals.map(({ operationId, files }) => ({ operation_id: operationId, files: [...files] }));
        return { body: { orphan_removals: shown } };
      },
    }),
  ];
}
