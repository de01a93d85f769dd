// Messages (3.3): what went wrong with a request after it was accepted.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  deleteMessage,
  listMessages,
  loadMessage,
  messageCollection,
  type UserMessageRecord,
} from '../../core/db/block-storage/user-messages.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type BlockStorageApi, resourceLinks, visibleProject } from './block-storage-api.js';
import { type ListQuery, type ListRules, parseListQuery } from './list-query.js';
import { respondWithList } from './list-response.js';
import { gates, passes } from './microversions.js';
import { naiveTime } from './naive-time.js';
import { resourceFilters } from './resource-filters.js';

type Schemas = components['schemas'];
const since = gates.messages;

const listRules: ListRules = {
  columns: messageCollection.columns,
  userFilters: resourceFilters.message,
};

function viewMessage(message: UserMessageRecord, context: RequestContext): Schemas['Message'] {
  return {
    id: message.id,
    event_id: message.event_id,
    user_message: message.user_message,
    message_level: message.message_level,
    created_at: naiveTime(message.created_at),
    guaranteed_until: naiveTime(message.guaranteed_until),
    request_id: message.request_id,
    links: resourceLinks(context, `messages/${message.id}`),
    ...(message.resource_type === null ? {} : { resource_type: message.resource_type }),
    ...(message.resource_uuid === null ? {} : { resource_uuid: message.resource_uuid }),
  };
}

/** Paging, sorting and filtering came with 3.5; before, all of it was ignored. */
function parseMessageList(context: RequestContext, query: URLSearchParams): ListQuery {
  const honoured = passes(context, 'messages-paging') ? query : new URLSearchParams();
  return parseListQuery(context, honoured, listRules);
}

export function messageRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/messages',
      operationId: 'listMessages',
      since,
      policy: 'message:list',
      success: 200,
      handler: (context, { query }) =>
        respondWithList(context, query, parseMessageList(context, query), {
          key: 'messages',
          linksKey: 'messages_links',
          list: (page) => listMessages(database, page),
          view: (message) => viewMessage(message, context),
        }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/messages/{message_id}',
      operationId: 'showMessage',
      since,
      policy: 'message:list',
      success: 200,
      async handler(context, { param }) {
        const message = await loadMessage(database, param('message_id'), visibleProject(context));
        return { body: { message: viewMessage(message, context) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v3/messages/{message_id}',
      operationId: 'deleteMessage',
      since,
      policy: 'message:delete',
      success: 204,
      async handler(context, { param }) {
        await deleteMessage(database, param('message_id'), visibleProject(context));
        return {};
      },
    }),
  ];
}
