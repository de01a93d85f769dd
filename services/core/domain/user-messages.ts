// The closed list of texts that a user may read about a failed operation (Cinder's "messages" API). Errno texts, host names and
// paths never get here: an error code chooses the text.
import type { ErrorCode } from './errors.js';

interface UserMessageRule {
  /** Stable, like Cinder's event ids: VOLUME_<RESOURCE>_<action>_<detail>. */
  readonly detail: string;
  readonly text: string;
}

const byCode: Partial<Record<ErrorCode, UserMessageRule>> = {
  no_valid_backend: {
    detail: '002',
    text: 'No storage could be allocated for this volume request. You may be able to try another size or volume type.',
  },
  no_space: { detail: '003', text: 'The storage backend ran out of space while it served the request.' },
  backend_offline: { detail: '004', text: 'The storage backend did not answer in time.' },
  hypervisor_offline: { detail: '005', text: 'The compute host of the server did not answer in time.' },
  guest_not_running: { detail: '006', text: 'The server is not running.' },
  hostile_image: {
    detail: '007',
    text: 'The image is unacceptable: it refers to other files or uses a feature that is not allowed.',
  },
  chain_mismatch: {
    detail: '008',
    text: 'The image files of the volume are not as they should be; an operator has to look at them.',
  },
  not_found: { detail: '009', text: 'The source of the data was not found.' },
  deadline_exceeded: { detail: '010', text: 'The request took too long.' },
  bad_request: { detail: '011', text: 'The storage backend refused the request.' },
};
const unknown: UserMessageRule = { detail: '001', text: 'An unknown error occurred.' };

export interface UserMessage {
  readonly eventId: string;
  readonly text: string;
}

const actions = {
  'volume-create': '001',
  'volume-delete': '002',
  'volume-extend': '003',
  'volume-manage': '004',
  'snapshot-create': '005',
  'snapshot-delete': '006',
  'attachment-create': '007',
  'attachment-delete': '008',
  'server-create': '009',
  'server-start': '010',
  'server-stop': '011',
  'server-delete': '012',
  'assisted-snapshot-create': '013',
  'assisted-snapshot-delete': '014',
  'volume-schedule': '015',
} as const satisfies Record<string, string>;
export type UserMessageAction = keyof typeof actions;

/** The text for a failed action on a resource (`VOLUME`, `VOLUME_SNAPSHOT`, `SERVER`). */
export function userMessage(resourceType: string, action: UserMessageAction, code: string): UserMessage {
  const rule = byCode[code as ErrorCode] ?? unknown;
  return { eventId: `${resourceType}_${actions[action]}_${rule.detail}`, text: rule.text };
}
