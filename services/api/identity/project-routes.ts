// Projects: list, create, show, update, delete. A user sees the projects it has a role in; an answer about any other is the same
// whether it exists or not.

import type { components } from '../../../api-spec/generated/identity.js';
import {
  deleteProject,
  insertProject,
  listProjects,
  listProjectsOfUser,
  loadProject,
  updateProject,
} from '../../core/db/identity/projects.js';
import { ServiceError } from '../../core/domain/errors.js';
import { requirePrincipal } from '../auth/require-principal.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import { defaultDomainId } from './bootstrap.js';
import { readExtras } from './extras.js';
import { newHexId } from './hex-id.js';
import type { IdentityApi } from './identity-api.js';
import { defined, flagOf, textOf, wordsOf } from './query.js';
import { listLinks, viewProject } from './views.js';

type Schemas = components['schemas'];

const ownAttributes = ['name', 'domain_id', 'parent_id', 'description', 'enabled', 'tags'] as const;

async function demandVisible(api: IdentityApi, context: RequestContext, id: string): Promise<void> {
  if (context.isAdmin || id === context.projectId) return;
  const visible = await listProjectsOfUser(api.database, requirePrincipal(context).userId);
  if (visible.some((project) => project.id === id)) return;
  throw new ServiceError('forbidden', 'You are not authorized to perform the requested action: identity:get_project.');
}

function domainOf(project: Schemas['ProjectCreate']): string {
  if (project.is_domain === true)
    throw new ServiceError('bad_request', 'A project that acts as a domain is not offered here.');
  const domainId = project.domain_id ?? project.parent_id ?? defaultDomainId;
  if ((project.parent_id ?? domainId) !== domainId) {
    throw new ServiceError('bad_request', 'Projects form no tree here: parent_id must be the domain.');
  }
  return domainId;
}

function readingRoutes(api: IdentityApi): readonly Route[] {
  const { database, identityUrl } = api;
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/projects',
      operationId: 'identityListProjects',
      policy: 'project:list',
      success: 200,
      handler: async (_context, { query }) => {
        const domainId = textOf(query, 'domain_id');
        const filter = defined({
          ...{ name: textOf(query, 'name'), domainId, enabled: flagOf(query, 'enabled') },
          ...{ tags: wordsOf(query, 'tags'), tagsAny: wordsOf(query, 'tags-any') },
          ...{ notTags: wordsOf(query, 'not-tags'), notTagsAny: wordsOf(query, 'not-tags-any') },
        });
        const projects = (await listProjects(database, filter)).map((project) => viewProject(project, identityUrl));
        return { body: { projects, links: listLinks(identityUrl, 'projects') } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/projects/{project_id}',
      operationId: 'identityShowProject',
      policy: 'project:show',
      success: 200,
      handler: async (context, { param }) => {
        const id = param('project_id');
        await demandVisible(api, context, id);
        return { body: { project: viewProject(await loadProject(database, id), identityUrl) } };
      },
    }),
  ];
}

function changingRoutes({ database, identityUrl, validator }: IdentityApi): readonly Route[] {
  return [
    defineRoute<{ project: Schemas['ProjectCreate'] }>({
      method: 'POST',
      path: '/v3/projects',
      operationId: 'identityCreateProject',
      policy: 'project:change',
      success: 201,
      handler: async (_context, { body }) => {
        const wish = body.project;
        const { name, description, enabled = true, tags = [] } = wish;
        const extra = readExtras(wish, ownAttributes);
        const project = {
          id: newHexId(),
          domainId: domainOf(wish),
          name,
          description: description ?? '',
          enabled,
          tags,
          extra,
        };
        return { body: { project: viewProject(await insertProject(database, project), identityUrl) } };
      },
    }),
    defineRoute<{ project: Schemas['ProjectUpdate'] }>({
      method: 'PATCH',
      path: '/v3/projects/{project_id}',
      operationId: 'identityUpdateProject',
      policy: 'project:change',
      success: 200,
      handler: async (_context, { param, body }) => {
        const id = param('project_id');
        const wish = body.project;
        const { domainId } = await loadProject(database, id);
        if ((wish.domain_id ?? domainId) !== domainId)
          throw new ServiceError('bad_request', 'The domain cannot be changed.');
        const { name, enabled, tags } = wish;
        const description = wish.description === null ? '' : wish.description;
        const change = { ...defined({ name, description, enabled, tags }), extra: readExtras(wish, ownAttributes) };
        const project = await updateProject(database, id, change);
        validator.forgetAll();
        return { body: { project: viewProject(project, identityUrl) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v3/projects/{project_id}',
      operationId: 'identityDeleteProject',
      policy: 'project:change',
      success: 204,
      handler: async (_context, { param }) => {
        const id = param('project_id');
        await deleteProject(database, id);
        validator.forgetAll();
        return {};
      },
    }),
  ];
}

export function projectRoutes(api: IdentityApi): readonly Route[] {
  return [...readingRoutes(api), ...changingRoutes(api)];
}
