// The records of backups, to be carried to another installation. Administrators only.
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { ExportedRecord } from '../../core/db/block-storage/backup-record.js';
import type { BackupRecord } from '../../core/db/block-storage/backup-rows.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import { viewBackupSummary } from './backup-view.js';

type Schemas = components['schemas'];

export interface BackupRecords {
  readonly exportRecord: (id: string, context: RequestContext) => Promise<ExportedRecord>;
  readonly importRecord: (record: ExportedRecord, context: RequestContext) => Promise<BackupRecord>;
}

export function backupRecordRoutes({ exportRecord, importRecord }: BackupRecords): Route[] {
  return [
    defineRoute<Schemas['BackupRecordEnvelope']>({
      method: 'POST',
      path: '/v3/backups/import_record',
      operationId: 'importBackupRecord',
      policy: 'backup:import',
      success: 201,
      async handler(context, { body }) {
        return { body: { backup: viewBackupSummary(await importRecord(body['backup-record'], context), context) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/backups/{backup_id}/export_record',
      operationId: 'exportBackupRecord',
      policy: 'backup:export',
      success: 200,
      async handler(context, { param }) {
        return { body: { 'backup-record': await exportRecord(param('backup_id'), context) } };
      },
    }),
  ];
}
