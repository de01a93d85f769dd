// What users may read about requests that failed after they were accepted.
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { Executor } from '../connection.js';
import { type Collection, listPage, type PageQuery } from './listing.js';

export interface UserMessageRecord {
  readonly id: string;
  readonly event_id: string;
  readonly resource_type: string | null;
  readonly resource_uuid: string | null;
  readonly request_id: string | null;
  readonly message_level: string;
  readonly user_message: string;
  readonly created_at: string;
  readonly guaranteed_until: string;
}

const fields = `v.id, v.event_id, v.resource_type, v.resource_uuid, v.request_id, v.message_level, v.user_message, v.created_at,
  v.guaranteed_until`;

export const messageCollection: Collection = {
  from: 'from user_messages v',
  always: 'true',
  noun: 'Message',
  columns: {
    id: { sql: 'v.id', type: 'uuid' },
    event_id: { sql: 'v.event_id', type: 'text' },
    resource_type: { sql: 'v.resource_type', type: 'text' },
    resource_uuid: { sql: 'v.resource_uuid', type: 'uuid' },
    request_id: { sql: 'v.request_id', type: 'text' },
    message_level: { sql: 'v.message_level', type: 'text' },
    guaranteed_until: { sql: 'v.guaranteed_until', type: 'time' },
    project_id: { sql: 'v.project_id', type: 'text' },
    created_at: { sql: 'v.created_at', type: 'time' },
  },
};

export function listMessages(db: Executor, page: PageQuery): Promise<UserMessageRecord[]> {
  return listPage<UserMessageRecord>(db, messageCollection, fields, page);
}

function messageNotFound(id: string): ServiceError {
  return new ServiceError('not_found', `Message ${id.slice(0, 64)} could not be found.`);
}

/** Throws `not_found`, also for another project's (null: any project). */
export async function loadMessage(db: Executor, id: string, projectId: string | null): Promise<UserMessageRecord> {
  if (!isUuid(id)) throw messageNotFound(id);
  const query = db('user_messages').where({ id });
  if (projectId !== null) void query.andWhere({ project_id: projectId });
  const row: UserMessageRecord | undefined = await query.first('*');
  if (row === undefined) throw messageNotFound(id);
  return row;
}

/** Throws `not_found`. */
export async function deleteMessage(db: Executor, id: string, projectId: string | null): Promise<void> {
  await loadMessage(db, id, projectId);
  await db('user_messages').where({ id }).delete();
}
