// The outcomes of every operation, by its type; the compiler refuses a type that is missing.
import type { OperationType } from '../../operations/params.js';
import { attachmentCreateOutcomes, attachmentDeleteOutcomes } from './attachment.js';
import { backupCreateOutcomes, backupDeleteOutcomes, backupRestoreOutcomes, backupVerifyOutcomes } from './backup.js';
import { custodyWriteOutcomes, shareScanOutcomes, volumeSettleOutcomes } from './custody.js';
import { groupSnapshotCreateOutcomes } from './group-snapshot.js';
import { imageDeleteOutcomes, imageUploadOutcomes } from './image.js';
import { imageCacheFillOutcomes } from './image-cache.js';
import { looksOnly } from './looks.js';
import type { Outcomes } from './outcomes.js';
import { serverCreateOutcomes, serverDeleteOutcomes, serverStartOutcomes, serverStopOutcomes } from './server.js';
import {
  assistedSnapshotCreateOutcomes,
  assistedSnapshotDeleteOutcomes,
  snapshotCreateOutcomes,
  snapshotDeleteOutcomes,
} from './snapshot.js';
import { snapshotManageOutcomes, snapshotUnmanageOutcomes } from './snapshot-custody.js';
import { volumeCreateOutcomes, volumeDeleteOutcomes, volumeExtendOutcomes, volumeManageOutcomes } from './volume.js';
import { volumeCloneOutcomes } from './volume-clone.js';
import { volumeFlattenOutcomes } from './volume-flatten.js';
import { volumeReimageOutcomes, volumeToImageOutcomes } from './volume-image.js';
import { volumeMigrateOutcomes } from './volume-migrate.js';
import { volumeRevertOutcomes, volumeUnmanageOutcomes } from './volume-rest.js';
import { volumeReceiveOutcomes, volumeSendOutcomes } from './volume-transfer.js';

const registry: { readonly [T in OperationType]: Outcomes<T> } = {
  'volume-create': volumeCreateOutcomes,
  'image-cache-fill': imageCacheFillOutcomes,
  'volume-to-image': volumeToImageOutcomes,
  'volume-reimage': volumeReimageOutcomes,
  'volume-clone': volumeCloneOutcomes,
  'volume-manage': volumeManageOutcomes,
  'volume-delete': volumeDeleteOutcomes,
  'volume-extend': volumeExtendOutcomes,
  'volume-flatten': volumeFlattenOutcomes,
  'volume-migrate': volumeMigrateOutcomes,
  'volume-revert': volumeRevertOutcomes,
  'volume-unmanage': volumeUnmanageOutcomes,
  'snapshot-create': snapshotCreateOutcomes,
  'group-snapshot-create': groupSnapshotCreateOutcomes,
  'snapshot-delete': snapshotDeleteOutcomes,
  'attachment-create': attachmentCreateOutcomes,
  'attachment-delete': attachmentDeleteOutcomes,
  'server-create': serverCreateOutcomes,
  'server-start': serverStartOutcomes,
  'server-stop': serverStopOutcomes,
  'server-delete': serverDeleteOutcomes,
  'assisted-snapshot-create': assistedSnapshotCreateOutcomes,
  'assisted-snapshot-delete': assistedSnapshotDeleteOutcomes,
  'snapshot-manage': snapshotManageOutcomes,
  'snapshot-unmanage': snapshotUnmanageOutcomes,
  'chain-check': looksOnly(),
  'backup-create': backupCreateOutcomes,
  'backup-restore': backupRestoreOutcomes,
  'backup-delete': backupDeleteOutcomes,
  'backup-verify': backupVerifyOutcomes,
  'orphan-remove': looksOnly(),
  'volume-export': looksOnly(),
  'volume-receive': volumeReceiveOutcomes,
  'volume-send': volumeSendOutcomes,
  'share-scan': shareScanOutcomes,
  'custody-write': custodyWriteOutcomes,
  'volume-settle': volumeSettleOutcomes,
  'image-upload': imageUploadOutcomes,
  'image-download': looksOnly(),
  'image-delete': imageDeleteOutcomes,
};

export function outcomesOf(type: OperationType): Outcomes {
  return registry[type] as unknown as Outcomes;
}
