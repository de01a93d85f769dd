// Attachments (3.27): list, create, show, update, complete, delete.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  completeAttachment,
  createAttachment,
  deleteAttachment,
  updateAttachment,
} from '../../core/db/block-storage/attachment-change.js';
import { attachmentCollection, listAttachments, loadAttachment } from '../../core/db/block-storage/attachment-rows.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route, type RouteResponse } from '../shell/route.js';
import { viewAttachment, viewAttachmentSummary } from './attachment-view.js';
import { type BlockStorageApi, requesterOf, visibleProject } from './block-storage-api.js';
import { type ListRules, parseListQuery } from './list-query.js';
import { respondWithList } from './list-response.js';
import { gates, passes } from './microversions.js';
import { readId } from './request-fields.js';
import { resourceFilters } from './resource-filters.js';

type Schemas = components['schemas'];
const since = gates.attachments;

const listRules: ListRules = {
  columns: attachmentCollection.columns,
  aliases: { tenant_id: 'project_id' },
  userFilters: resourceFilters.attachment,
};

function listRoute({ database }: BlockStorageApi, detail: boolean): Route {
  return defineRoute({
    method: 'GET',
    path: detail ? '/v3/attachments/detail' : '/v3/attachments',
    operationId: detail ? 'listAttachmentsDetail' : 'listAttachments',
    since,
    policy: 'attachment:list',
    success: 200,
    handler: (context, { query }) =>
      respondWithList(context, query, parseListQuery(context, query, listRules), {
        key: 'attachments',
        linksKey: 'attachments_links',
        list: (page) => listAttachments(database, page),
        view: (one) => (detail ? viewAttachment(one, context) : viewAttachmentSummary(one)),
      }),
  });
}

async function respondWithOne(
  { database }: BlockStorageApi,
  context: RequestContext,
  id: string,
): Promise<RouteResponse> {
  return { body: { attachment: viewAttachment(await loadAttachment(database, id, visibleProject(context)), context) } };
}

function writeRoutes(api: BlockStorageApi): Route[] {
  const { database } = api;
  const path = '/v3/attachments/{attachment_id}';
  return [
    defineRoute<Schemas['AttachmentCreate']>({
      method: 'POST',
      path: '/v3/attachments',
      operationId: 'createAttachment',
      since,
      policy: 'attachment:create',
      success: 200,
      async handler(context, { body: { attachment } }) {
        if (attachment.mode !== undefined && !passes(context, 'attachment-mode')) {
          throw new ServiceError('bad_request', "Additional properties are not allowed ('mode' was unexpected)");
        }
        const connector = attachment.connector ?? {};
        // Before 3.54 a connector alone said how; from there on the default is to write.
        const defaultMode = passes(context, 'attachment-mode') ? 'rw' : null;
        const wish = {
          volumeId: readId(attachment.volume_uuid) ?? '',
          instanceId: readId(attachment.instance_uuid),
          connector: Object.keys(connector).length === 0 ? null : connector,
          mode: attachment.mode ?? defaultMode,
        };
        return respondWithOne(api, context, await createAttachment(database, wish, requesterOf(context)));
      },
    }),
    defineRoute<Schemas['AttachmentUpdate']>({
      method: 'PUT',
      path,
      operationId: 'updateAttachment',
      since,
      policy: 'attachment:update',
      success: 200,
      async handler(context, { param, body }) {
        const id = param('attachment_id');
        await updateAttachment(database, id, body.attachment.connector, requesterOf(context));
        return respondWithOne(api, context, id);
      },
    }),
    defineRoute({
      method: 'DELETE',
      path,
      operationId: 'deleteAttachment',
      since,
      policy: 'attachment:delete',
      success: 200,
      async handler(context, { param }) {
        const left = await deleteAttachment(database, param('attachment_id'), requesterOf(context));
        return { body: { attachments: left.map(viewAttachmentSummary) } };
      },
    }),
  ];
}

export function attachmentRoutes(api: BlockStorageApi): Route[] {
  return [
    listRoute(api, false),
    listRoute(api, true),
    ...writeRoutes(api),
    defineRoute({
      method: 'GET',
      path: '/v3/attachments/{attachment_id}',
      operationId: 'showAttachment',
      since,
      policy: 'attachment:show',
      success: 200,
      handler: (context, { param }) => respondWithOne(api, context, param('attachment_id')),
    }),
    defineRoute({
      method: 'POST',
      path: '/v3/attachments/{attachment_id}/action',
      action: 'os-complete',
      operationId: 'completeAttachment',
      since: gates['attachment-complete'],
      policy: 'attachment:complete',
      success: 204,
      async handler(context, { param }) {
        await completeAttachment(api.database, param('attachment_id'), requesterOf(context));
        return {};
      },
    }),
  ];
}
