// Leaves a message for the users of a project: the one place that writes the texts of services/core/domain/user-messages.ts to rows.
import { type UserMessageAction, userMessage } from '../domain/user-messages.js';
import type { Transaction } from './connection.js';

export type MessageResource = 'VOLUME' | 'VOLUME_SNAPSHOT' | 'SERVER' | 'GROUP' | 'GROUP_SNAPSHOT' | 'VOLUME_BACKUP';

export interface MessageFacts {
  readonly projectId: string;
  readonly requestId: string;
  readonly resourceType: MessageResource;
  readonly resourceId: string;
  readonly action: UserMessageAction;
  /** An error code, or a reason of the closed list; what is in neither reads "unknown error". */
  readonly code: string;
  /** What happened all the same is a warning. Default `ERROR`. */
  readonly level?: 'ERROR' | 'WARNING';
}

/** Of one project, so many are kept, the latest: a request that fails costs nothing, and a disk is finite. */
export const KEPT_PER_PROJECT = 5000;

/** Messages are kept for thirty days (Cinder: message_ttl). Those that are older, or too many, go when the project gets a new one. */
async function forgetOld(tx: Transaction, projectId: string): Promise<void> {
  await tx.raw(
    `delete from user_messages where id in (select id from user_messages where project_id = ?
       order by created_at desc offset ? limit 100 for update skip locked)`,
    [projectId, KEPT_PER_PROJECT - 1],
  );
  await tx.raw(
    `delete from user_messages where id in (select id from user_messages where project_id = ? and guaranteed_until < utc_now()
       limit 100 for update skip locked)`,
    [projectId],
  );
}

export async function leaveMessage(tx: Transaction, facts: MessageFacts): Promise<void> {
  await forgetOld(tx, facts.projectId);
  const { eventId, text } = userMessage(facts.resourceType, facts.action, facts.code);
  await tx('user_messages').insert({
    project_id: facts.projectId,
    event_id: eventId,
    resource_type: facts.resourceType,
    resource_uuid: facts.resourceId,
    request_id: facts.requestId,
    message_level: facts.level ?? 'ERROR',
    user_message: text,
  });
}
