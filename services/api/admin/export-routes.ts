// Exports of volumes and snapshots into plain files on their share.
import type { components } from '../../../api-spec/generated/admin.js';
import { exportVolume } from '../../core/db/admin/exports.js';
import { requesterOf } from '../block-storage/block-storage-api.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { AdminApi } from './admin-api.js';

export function exportRoutes({ database }: AdminApi): Route[] {
  return [
    defineRoute<components['schemas']['ExportWish']>({
      method: 'POST',
      path: '/v1/volume-exports',
      operationId: 'adminExportVolume',
      policy: 'export:create',
      success: 202,
      async handler(context, { body }) {
        const wish = {
          volumeId: body.volume_id,
          snapshotId: body.snapshot_id ?? null,
          directory: body.directory,
          format: body.format ?? null,
          checksum: body.checksum ?? true,
          decrypt: body.decrypt ?? false,
        };
        const { operationId, directory, file, format, isCopy } = await exportVolume(
          database,
          wish,
          requesterOf(context),
        );
        const shown = { operation_id: operationId, directory, file, format, copied: isCopy };
        return { body: { volume_export: shown } };
      },
    }),
  ];
}
