// The closed list of texts that a user may read about a failed operation (Cinder's "messages" API). Errno texts, host names and
// paths never get here: an error code chooses the text.
//
// An event id is VOLUME_<resource type>_<action>_<detail>, a text "<action>:<detail>", as Cinder forms both. Where Cinder has a
// number for an action or a detail it is Cinder's (cinder/message/message_field.py); ours, which Cinder lacks, begin at 101.
import type { ErrorCode } from './errors.js';

/** Why no pool was chosen for a volume; `no_valid_backend` when there is no single reason. */
export const placementReasons = [
  'no_valid_backend',
  'no_valid_backend_capacity',
  'no_valid_backend_type',
  'no_valid_backend_zone',
  'no_valid_backend_hint',
  'no_valid_backend_offline',
  'no_valid_backend_maintenance',
] as const;
export type PlacementReason = (typeof placementReasons)[number];

/** What a compute service says about a snapshot that it works on. */
type ReportedFailure = 'reported_create_error' | 'reported_delete_error';

/** What was done, though not as well as it could have been. */
type Reservation = 'not_frozen_no_agent' | 'not_frozen_refused' | 'not_frozen_too_slow' | 'not_frozen_unknown';

type MessageCode = ErrorCode | PlacementReason | ReportedFailure | Reservation | 'member_failed';

interface Numbered {
  readonly number: string;
  readonly text: string;
}

const noBackend = 'Could not find any available weighted backend.';

const details: Partial<Record<MessageCode, Numbered>> = {
  no_valid_backend: { number: '003', text: noBackend },
  over_quota: { number: '006', text: 'Not enough quota resource for operation.' },
  no_space: { number: '101', text: 'The storage backend ran out of space while it served the request.' },
  backend_offline: { number: '102', text: 'The storage backend did not answer in time.' },
  hypervisor_offline: { number: '103', text: 'The compute host of the server did not answer in time.' },
  guest_not_running: { number: '104', text: 'The server is not running.' },
  hostile_image: {
    number: '105',
    text: 'The image is unacceptable: it refers to other files or uses a feature that is not allowed.',
  },
  chain_mismatch: {
    number: '106',
    text: 'The image files of the volume are not as they should be; an operator has to look at them.',
  },
  not_found: { number: '107', text: 'The source of the data was not found.' },
  image_too_large: { number: '007', text: 'Image used for creating volume exceeds available space.' },
  deadline_exceeded: { number: '108', text: 'The request took too long.' },
  bad_request: { number: '109', text: 'The storage backend refused the request.' },
  cancelled: { number: '110', text: 'It was cancelled, or an earlier part of the same request failed.' },
  no_valid_backend_capacity: {
    number: '111',
    text: `${noBackend} No backend has enough room for the volume; try a smaller size, or ask for more capacity.`,
  },
  no_valid_backend_type: {
    number: '112',
    text: `${noBackend} No backend offers what the volume type asks for; try another volume type.`,
  },
  no_valid_backend_zone: {
    number: '113',
    text: `${noBackend} No backend is in the availability zone that was asked for; try another zone.`,
  },
  no_valid_backend_hint: {
    number: '114',
    text: `${noBackend} No backend satisfies the scheduler hints; try other hints, or none.`,
  },
  no_valid_backend_offline: {
    number: '115',
    text: `${noBackend} Every backend that would fit is down or disabled; try again later.`,
  },
  no_valid_backend_maintenance: {
    number: '120',
    text: `${noBackend} Every backend that would fit is in maintenance; try again later.`,
  },
  transfer_interrupted: {
    number: '134',
    text: 'The data did not come to its end: it was interrupted, or nobody sent it.',
  },
  not_implemented: { number: '116', text: 'The storage backend does not offer what the request asks for.' },
  reported_create_error: { number: '013', text: 'Snapshot failed to create.' },
  reported_delete_error: { number: '016', text: 'Snapshot failed to delete.' },
  volume_busy: { number: '119', text: 'The volume was busy, or had changed, when the request came to its turn.' },
  volume_state: { number: '027', text: 'Volume status is invalid.' },
  snapshot_state: { number: '117', text: 'Snapshot status is invalid.' },
  server_state: { number: '121', text: 'The server did not do its part, or its state did not allow it.' },
  member_failed: { number: '118', text: 'One of its volumes failed; the message of that volume or snapshot says why.' },
  not_frozen_no_agent: {
    number: '130',
    text: 'It was taken without freezing the file systems of the server: no agent answered there.',
  },
  not_frozen_refused: {
    number: '131',
    text: 'It was taken without freezing the file systems of the server: the agent there refused.',
  },
  not_frozen_too_slow: {
    number: '132',
    text: 'It was taken without freezing the file systems of the server: they could not be held still long enough.',
  },
  not_frozen_unknown: {
    number: '133',
    text: 'It was taken, and whether the file systems of the server were frozen is not known.',
  },
};
const unknown: Numbered = { number: '001', text: 'An unknown error occurred.' };

const actions = {
  'volume-schedule': { number: '001', text: 'schedule allocate volume' },
  'attachment-create': { number: '002', text: 'attach volume' },
  'volume-unmanage': { number: '006', text: 'unmanage volume' },
  'volume-extend': { number: '007', text: 'extend volume' },
  'volume-create': { number: '008', text: 'create volume from backend storage' },
  'volume-clone': { number: '008', text: 'create volume from backend storage' },
  'snapshot-create': { number: '009', text: 'create snapshot' },
  'snapshot-delete': { number: '010', text: 'delete snapshot' },
  'volume-delete': { number: '101', text: 'delete volume' },
  'volume-to-image': { number: '003', text: 'copy volume to image' },
  'volume-reimage': { number: '016', text: 'reimage volume' },
  'image-cache-fill': { number: '160', text: 'prepare the image for volumes' },
  'volume-manage': { number: '102', text: 'manage volume' },
  'attachment-delete': { number: '103', text: 'detach volume' },
  'server-create': { number: '104', text: 'create server' },
  'server-start': { number: '105', text: 'start server' },
  'server-stop': { number: '106', text: 'stop server' },
  'server-delete': { number: '107', text: 'delete server' },
  'volume-retype': { number: '120', text: 'change the type of volume' },
  'volume-migrate': { number: '121', text: 'migrate volume' },
  'volume-flatten': { number: '123', text: 'make volume independent of its source' },
  'volume-revert': { number: '122', text: 'revert volume to snapshot' },
  'group-create': { number: '140', text: 'create group' },
  'group-delete': { number: '141', text: 'delete group' },
  'group-snapshot-create': { number: '142', text: 'create group snapshot' },
  'group-snapshot-delete': { number: '143', text: 'delete group snapshot' },
  'assisted-snapshot-create': { number: '108', text: 'create snapshot with the help of the server' },
  'assisted-snapshot-delete': { number: '109', text: 'delete snapshot with the help of the server' },
  'share-scan': { number: '151', text: 'look at what lies on a share' },
  'volume-settle': { number: '153', text: 'make the image files of volume fit for guests' },
  'custody-write': { number: '152', text: 'write the records of volumes beside their data' },
  'snapshot-manage': { number: '151', text: 'manage snapshot' },
  'snapshot-unmanage': { number: '152', text: 'unmanage snapshot' },
  'volume-export': { number: '154', text: 'export volume' },
  'volume-receive': { number: '155', text: 'create volume from the data of a client' },
  'volume-send': { number: '156', text: 'send the data of volume to a client' },
  'orphan-remove': { number: '153', text: 'remove files that belong to nothing' },
  'backup-create': { number: '013', text: 'create backup' },
  'backup-delete': { number: '014', text: 'delete backup' },
  'backup-restore': { number: '015', text: 'restore backup' },
  'backup-verify': { number: '170', text: 'verify backup' },
  'chain-check': { number: '150', text: 'check the image files of volume' },
  'image-upload': { number: '160', text: 'upload image' },
  'image-download': { number: '161', text: 'download image' },
  'image-delete': { number: '162', text: 'delete image' },
} as const satisfies Record<string, Numbered>;
export type UserMessageAction = keyof typeof actions;

export interface UserMessage {
  readonly eventId: string;
  readonly text: string;
}

/** The text for a failed action on a resource (`VOLUME`, `VOLUME_SNAPSHOT`, `SERVER`); an unlisted code says "unknown error". */
export function userMessage(resourceType: string, action: UserMessageAction, code: string): UserMessage {
  const detail = (Object.hasOwn(details, code) ? details[code as MessageCode] : undefined) ?? unknown;
  const { number, text } = actions[action];
  return { eventId: `VOLUME_${resourceType}_${number}_${detail.number}`, text: `${text}:${detail.text}` };
}
