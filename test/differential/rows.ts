// All requests of the comparison, in the order in which they are sent.
import type { Row } from './row.js';
import { attachmentRows } from './rows/attachments.js';
import { backupRows } from './rows/backups.js';
import { consistencyGroupRows } from './rows/consistency-groups.js';
import { discoveryRows } from './rows/discovery.js';
import { groupDifferenceRows } from './rows/groups.js';
import { operatorRows } from './rows/operators.js';
import { quotaRows } from './rows/quotas.js';
import { shellRows } from './rows/shell.js';
import { snapshotRows } from './rows/snapshots.js';
import { transferRows } from './rows/transfers.js';
import { typeRows } from './rows/types.js';
import { volumeActionRows } from './rows/volume-actions.js';
import { volumeCreateRows } from './rows/volume-create.js';
import { volumeListRows } from './rows/volume-list.js';
import { volumeMetadataRows } from './rows/volume-metadata.js';

export const rows: readonly Row[] = [
  ...discoveryRows,
  ...shellRows,
  ...quotaRows,
  ...volumeCreateRows,
  ...volumeListRows,
  ...volumeMetadataRows,
  ...volumeActionRows,
  ...snapshotRows,
  ...attachmentRows,
  ...typeRows,
  ...transferRows,
  ...operatorRows,
  ...groupDifferenceRows,
  ...consistencyGroupRows,
  ...backupRows,
];
