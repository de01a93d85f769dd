// Attachment statuses (Cinder's words) and how a volume's own status follows from what is left of its attachments.
// Source: cinder/db/api.py, volume_detached.
import type { VolumeStatus } from './volume.js';

export const attachmentStatuses = [
  'reserved',
  'attaching',
  'attached',
  'detaching',
  'detached',
  'error_attaching',
  'error_detaching',
  'deleted',
] as const;
export type AttachmentStatus = (typeof attachmentStatuses)[number];

export interface DerivedStatus {
  readonly status: VolumeStatus;
  readonly attachStatus: 'attached' | 'attaching' | 'detaching' | 'reserved' | 'detached';
}

/** The volume's status once one attachment has ended: the strongest of those that are left. */
export function statusFromAttachments(remaining: readonly AttachmentStatus[]): DerivedStatus {
  for (const word of ['attached', 'attaching', 'detaching', 'reserved'] as const) {
    if (remaining.includes(word)) return { status: word === 'attached' ? 'in-use' : word, attachStatus: word };
  }
  return { status: 'available', attachStatus: 'detached' };
}
