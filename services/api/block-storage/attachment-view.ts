// What clients see of an attachment. The connection tells where the image files lie. GlusterFS asks no password, so that knowledge opens
// every volume of the share to whoever can reach it: it is shown to requests with a valid service token alone, not even to
// administrators (decisions/0016). Pure.
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { AttachmentRecord } from '../../core/db/block-storage/attachment-rows.js';
import type { RequestContext } from '../request-context.js';
import { naiveTime } from './naive-time.js';

type Schemas = components['schemas'];

/** Only a service that proves itself with X-Service-Token; the role of the user it speaks for does not matter. */
export function mayReadConnections(context: Pick<RequestContext, 'isServiceToken'>): boolean {
  return context.isServiceToken;
}

export function viewAttachmentSummary(attachment: AttachmentRecord): Schemas['AttachmentSummary'] {
  return {
    id: attachment.id,
    status: attachment.status,
    instance: attachment.instance_uuid,
    volume_id: attachment.volume_id,
  };
}

function viewConnection(
  attachment: AttachmentRecord,
  context: RequestContext,
): Schemas['Attachment']['connection_info'] {
  const { connection_info: info } = attachment;
  if (!mayReadConnections(context) || !('export' in info)) return {};
  return { ...info, attachment_id: attachment.id };
}

export function viewAttachment(attachment: AttachmentRecord, context: RequestContext): Schemas['Attachment'] {
  return {
    ...viewAttachmentSummary(attachment),
    // Cinder shows missing times as empty texts and a missing mode as the word null.
    attached_at: attachment.attached_at === null ? '' : naiveTime(attachment.attached_at),
    detached_at: attachment.detached_at === null ? '' : naiveTime(attachment.detached_at),
    attach_mode: attachment.attach_mode ?? 'null',
    connection_info: viewConnection(attachment, context),
  };
}
