// Backups: list, create, show, update, delete, restore, records, actions. Source: cinder/api/contrib/backups.py, cinder/api/v3/backups.py.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { deleteBackup, resetBackupStatus, updateBackup } from '../../core/db/block-storage/backup-change.js';
import { createBackup } from '../../core/db/block-storage/backup-create.js';
import { exportBackupRecord, importBackupRecord } from '../../core/db/block-storage/backup-record.js';
import { restoreBackup } from '../../core/db/block-storage/backup-restore.js';
import { backupCollection, countBackups, listBackups, loadBackup } from '../../core/db/block-storage/backup-rows.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import { backupRecordRoutes } from './backup-record-routes.js';
import { viewBackup, viewBackupSummary } from './backup-view.js';
import { type BlockStorageApi, requesterOf, visibleProject } from './block-storage-api.js';
import { type ListQuery, type ListRules, parseListQuery } from './list-query.js';
import { respondWithList } from './list-response.js';
import { gates, passes } from './microversions.js';
import { readId, readNames, refuseUnknownKeys } from './request-fields.js';
import { resourceFilters } from './resource-filters.js';

type Schemas = components['schemas'];

const listRules: ListRules = {
  columns: backupCollection.columns,
  aliases: { tenant_id: 'project_id' },
  userFilters: resourceFilters.backup,
};

function parseBackupList(context: RequestContext, query: URLSearchParams): ListQuery {
  const wanted = parseListQuery(context, query, listRules);
  if (!passes(context, 'backup-sort-name') && wanted.page.sorts.some((sort) => sort.column === 'name')) {
    throw new ServiceError('bad_request', 'Invalid input received: Invalid sort key');
  }
  return wanted;
}

function listRoute({ database }: BlockStorageApi, detail: boolean): Route {
  return defineRoute({
    method: 'GET',
    path: detail ? '/v3/backups/detail' : '/v3/backups',
    operationId: detail ? 'listBackupsDetail' : 'listBackups',
    policy: 'backup:list',
    success: 200,
    handler: (context, { query }) =>
      respondWithList(context, query, parseBackupList(context, query), {
        key: 'backups',
        linksKey: 'backups_links',
        list: (page) => listBackups(database, page),
        count: (page) => countBackups(database, page),
        view: (backup) => (detail ? viewBackup(backup, context) : viewBackupSummary(backup, context)),
      }),
  });
}

function readFlag(name: string, value: unknown): boolean {
  return value === undefined ? false : parseBoolean(name, value);
}

const creatableKeys = ['volume_id', 'container', 'description', 'incremental', 'force', 'name', 'snapshot_id'];

function createRoute({ database }: BlockStorageApi): Route {
  return defineRoute<Schemas['BackupCreate']>({
    method: 'POST',
    path: '/v3/backups',
    operationId: 'createBackup',
    policy: 'backup:create',
    success: 202,
    async handler(context, { body: { backup } }) {
      const withMetadata = passes(context, 'backup-metadata') ? ['metadata'] : [];
      const withZone = passes(context, 'backup-zone') ? ['availability_zone'] : [];
      refuseUnknownKeys('backup', backup, [...creatableKeys, ...withMetadata, ...withZone]);
      const { name = null, description = null } = readNames(backup);
      const wish = {
        volumeId: readId(backup.volume_id) ?? '',
        snapshotId: readId(backup.snapshot_id),
        name,
        description,
        container: backup.container ?? null,
        incremental: readFlag('incremental', backup.incremental),
        force: readFlag('force', backup.force),
        metadata: backup.metadata ?? {},
        zone: backup.availability_zone ?? null,
      };
      const id = await createBackup(database, wish, requesterOf(context));
      return { body: { backup: viewBackupSummary({ id, name }, context) } };
    },
  });
}

function updateRoute({ database }: BlockStorageApi): Route {
  return defineRoute<Schemas['BackupUpdate']>({
    method: 'PUT',
    path: '/v3/backups/{backup_id}',
    operationId: 'updateBackup',
    since: gates['backup-update'],
    policy: 'backup:update',
    success: 200,
    async handler(context, { param, body: { backup } }) {
      const withMetadata = passes(context, 'backup-metadata') ? ['metadata'] : [];
      refuseUnknownKeys('backup', backup, ['name', 'description', ...withMetadata]);
      const id = param('backup_id');
      const metadata = backup.metadata ?? undefined;
      const fields = { ...readNames(backup), ...(metadata === undefined ? {} : { metadata }) };
      await updateBackup(database, id, visibleProject(context), fields);
      const changed = await loadBackup(database, id, visibleProject(context));
      return { body: { backup: viewBackupSummary(changed, context) } };
    },
  });
}

function restoreRoute({ database }: BlockStorageApi): Route {
  return defineRoute<Schemas['BackupRestore']>({
    method: 'POST',
    path: '/v3/backups/{backup_id}/restore',
    operationId: 'restoreBackup',
    policy: 'backup:restore',
    success: 202,
    async handler(context, { param, body: { restore } }) {
      const backupId = param('backup_id');
      const wish = { backupId, volumeId: readId(restore?.volume_id), name: restore?.name ?? null };
      const { volumeId, volumeName } = await restoreBackup(database, wish, context.isAdmin, requesterOf(context));
      return { body: { restore: { backup_id: backupId, volume_id: volumeId, volume_name: volumeName } } };
    },
  });
}

function actionRoutes({ database }: BlockStorageApi): Route[] {
  const action = { method: 'POST', path: '/v3/backups/{backup_id}/action', success: 202 } as const;
  return [
    defineRoute<Schemas['BackupResetStatus']>({
      ...action,
      action: 'os-reset_status',
      operationId: 'resetBackupStatus',
      policy: 'backup:reset-status',
      async handler(_context, { param, body }) {
        const status = body['os-reset_status'].status.toLowerCase();
        if (!['available', 'error'].includes(status)) {
          const text = `Backup status: ${status.slice(0, 64)} is invalid, valid statuses are: ['available', 'error'].`;
          throw new ServiceError('bad_request', text);
        }
        await resetBackupStatus(database, param('backup_id'), status);
        return {};
      },
    }),
    defineRoute({
      ...action,
      action: 'os-force_delete',
      operationId: 'forceDeleteBackup',
      policy: 'backup:force-delete',
      async handler(context, { param }) {
        await deleteBackup(database, param('backup_id'), true, requesterOf(context));
        return {};
      },
    }),
  ];
}

export function backupRoutes(api: BlockStorageApi): Route[] {
  const { database } = api;
  return [
    listRoute(api, false),
    listRoute(api, true),
    createRoute(api),
    ...backupRecordRoutes({
      exportRecord: (id, context) => exportBackupRecord(database, id, visibleProject(context)),
      importRecord: async (record, context) => {
        const id = await importBackupRecord(database, record, requesterOf(context));
        return loadBackup(database, id, null);
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/backups/{backup_id}',
      operationId: 'showBackup',
      policy: 'backup:show',
      success: 200,
      async handler(context, { param }) {
        const backup = await loadBackup(database, param('backup_id'), visibleProject(context));
        return { body: { backup: viewBackup(backup, context) } };
      },
    }),
    updateRoute(api),
    defineRoute({
      method: 'DELETE',
      path: '/v3/backups/{backup_id}',
      operationId: 'deleteBackup',
      policy: 'backup:delete',
      success: 202,
      async handler(context, { param }) {
        await deleteBackup(database, param('backup_id'), false, requesterOf(context));
        return {};
      },
    }),
    restoreRoute(api),
    ...actionRoutes(api),
  ];
}
