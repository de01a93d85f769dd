// Every operation by its type. A new operation is a new file beside this one, one line here, its outcomes in
// services/core/db/outcomes, and nothing else: the engine, the fault lane and the documentation read this table.
import { assistedSnapshotCreate, assistedSnapshotDelete } from './assisted-snapshot.js';
import { attachmentCreate, attachmentDelete } from './attachment.js';
import { backupCreate, backupDelete, backupRestore, backupVerify } from './backup.js';
import { chainCheck } from './chain-check.js';
import { custodyWrite } from './custody-write.js';
import type { OperationDefinition } from './definition.js';
import { groupSnapshotCreate } from './group-snapshot.js';
import { imageCacheFill } from './image-cache-fill.js';
import { imageDelete } from './image-delete.js';
import { imageDownload } from './image-download.js';
import { imageUpload } from './image-upload.js';
import { orphanRemove } from './orphan-remove.js';
import type { OperationParams, OperationType } from './params.js';
import { serverCreate, serverDelete, serverStart, serverStop } from './server.js';
import { shareScan } from './share-scan.js';
import { snapshotCreate } from './snapshot-create.js';
import { snapshotDelete } from './snapshot-delete.js';
import { snapshotManage } from './snapshot-manage.js';
import { snapshotUnmanage } from './snapshot-unmanage.js';
import { volumeClone } from './volume-clone.js';
import { volumeCreate } from './volume-create.js';
import { volumeDelete } from './volume-delete.js';
import { volumeExport } from './volume-export.js';
import { volumeExtend } from './volume-extend.js';
import { volumeFlatten } from './volume-flatten.js';
import { volumeManage } from './volume-manage.js';
import { volumeMigrate } from './volume-migrate.js';
import { volumeReceive } from './volume-receive.js';
import { volumeReimage } from './volume-reimage.js';
import { volumeRevert } from './volume-revert.js';
import { volumeSend } from './volume-send.js';
import { volumeSettle } from './volume-settle.js';
import { volumeToImage } from './volume-to-image.js';
import { volumeUnmanage } from './volume-unmanage.js';

export const operationRegistry: { readonly [T in OperationType]: OperationDefinition<T> } = {
  'volume-create': volumeCreate,
  'image-cache-fill': imageCacheFill,
  'volume-to-image': volumeToImage,
  'volume-reimage': volumeReimage,
  'volume-clone': volumeClone,
  'volume-manage': volumeManage,
  'volume-delete': volumeDelete,
  'volume-extend': volumeExtend,
  'volume-flatten': volumeFlatten,
  'volume-migrate': volumeMigrate,
  'volume-revert': volumeRevert,
  'volume-unmanage': volumeUnmanage,
  'snapshot-create': snapshotCreate,
  'group-snapshot-create': groupSnapshotCreate,
  'snapshot-delete': snapshotDelete,
  'attachment-create': attachmentCreate,
  'attachment-delete': attachmentDelete,
  'server-create': serverCreate,
  'server-start': serverStart,
  'server-stop': serverStop,
  'server-delete': serverDelete,
  'assisted-snapshot-create': assistedSnapshotCreate,
  'assisted-snapshot-delete': assistedSnapshotDelete,
  'volume-export': volumeExport,
  'volume-receive': volumeReceive,
  'volume-send': volumeSend,
  'backup-create': backupCreate,
  'backup-restore': backupRestore,
  'backup-delete': backupDelete,
  'backup-verify': backupVerify,
  'orphan-remove': orphanRemove,
  'snapshot-manage': snapshotManage,
  'snapshot-unmanage': snapshotUnmanage,
  'chain-check': chainCheck,
  'share-scan': shareScan,
  'custody-write': custodyWrite,
  'volume-settle': volumeSettle,
  'image-upload': imageUpload,
  'image-download': imageDownload,
  'image-delete': imageDelete,
};

/** The definition of a stored operation, its parameters erased: callers pass back what was stored with it. */
export function definitionOf(type: string): OperationDefinition {
  if (!Object.hasOwn(operationRegistry, type)) throw new Error(`unknown operation type ${type}`);
  return operationRegistry[type as OperationType] as unknown as OperationDefinition;
}

/** The same with the steps that these parameters ask for. */
export function definitionFor(row: {
  readonly type: string;
  readonly params: OperationParams[OperationType];
}): OperationDefinition {
  const definition = definitionOf(row.type);
  const { stepsFor } = definition;
  return stepsFor === undefined ? definition : { ...definition, steps: stepsFor(row.params) };
}
