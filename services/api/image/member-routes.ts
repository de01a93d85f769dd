// Tags of images, and the projects that they are shared with.
import { changeImage, fieldsOf } from '../../core/db/image/image-change.js';
import { addMember, answerShare, listMembers, loadMember, removeMember } from '../../core/db/image/image-members.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { MemberStatus } from '../../core/domain/image.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type ImageApi, viewerOf } from './image-api.js';
import { parseTag } from './image-fields.js';
import { viewMember } from './image-view.js';

export function tagRoutes({ database }: ImageApi): readonly Route[] {
  const path = '/v2/images/{image_id}/tags/{tag}';
  return [
    defineRoute({
      method: 'PUT',
      path,
      operationId: 'imageAddTag',
      policy: 'image:update',
      success: 204,
      handler: async (context, { param }) => {
        const tag = parseTag(param('tag'));
        await changeImage(database, param('image_id'), viewerOf(context), (image) => {
          const fields = fieldsOf(image);
          return { ...fields, tags: [...fields.tags, tag] };
        });
        return {};
      },
    }),
    defineRoute({
      method: 'DELETE',
      path,
      operationId: 'imageRemoveTag',
      policy: 'image:update',
      success: 204,
      handler: async (context, { param }) => {
        const tag = param('tag');
        await changeImage(database, param('image_id'), viewerOf(context), (image) => {
          const fields = fieldsOf(image);
          if (!fields.tags.includes(tag)) throw new ServiceError('not_found', 'The resource could not be found.');
          return { ...fields, tags: fields.tags.filter((one) => one !== tag) };
        });
        return {};
      },
    }),
  ];
}

export function memberRoutes({ database }: ImageApi): readonly Route[] {
  const members = '/v2/images/{image_id}/members';
  return [
    defineRoute({
      method: 'GET',
      path: members,
      operationId: 'imageListMembers',
      policy: 'image:list-members',
      success: 200,
      handler: async (context, { param }) => {
        const found = await listMembers(database, param('image_id'), viewerOf(context));
        return { body: { members: found.map(viewMember), schema: '/v2/schemas/members' } };
      },
    }),
    defineRoute<{ member: string }>({
      method: 'POST',
      path: members,
      operationId: 'imageAddMember',
      policy: 'image:share',
      success: 200,
      handler: async (context, { param, body }) => ({
        body: viewMember(await addMember(database, param('image_id'), body.member, viewerOf(context))),
      }),
    }),
    defineRoute({
      method: 'GET',
      path: `${members}/{member_id}`,
      operationId: 'imageShowMember',
      policy: 'image:list-members',
      success: 200,
      handler: async (context, { param }) => ({
        body: viewMember(await loadMember(database, param('image_id'), param('member_id'), viewerOf(context))),
      }),
    }),
    defineRoute<{ status: MemberStatus }>({
      method: 'PUT',
      path: `${members}/{member_id}`,
      operationId: 'imageUpdateMember',
      policy: 'image:accept',
      success: 200,
      handler: async (context, { param, body }) => {
        const viewer = viewerOf(context);
        const id = param('image_id');
        return { body: viewMember(await answerShare(database, id, param('member_id'), body.status, viewer)) };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: `${members}/{member_id}`,
      operationId: 'imageRemoveMember',
      policy: 'image:share',
      success: 204,
      handler: async (context, { param }) => {
        await removeMember(database, param('image_id'), param('member_id'), viewerOf(context));
        return {};
      },
    }),
  ];
}
