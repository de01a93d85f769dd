// Domains: list, create, show, update, delete. Everyone sees the own one, administrators all.

import type { components } from '../../../api-spec/generated/identity.js';
import { deleteDomain, insertDomain, listDomains, loadDomain, updateDomain } from '../../core/db/identity/domains.js';
import { ServiceError } from '../../core/domain/errors.js';
import { requirePrincipal } from '../auth/require-principal.js';
import { defineRoute, type Route } from '../shell/route.js';
import { newHexId } from './hex-id.js';
import type { IdentityApi } from './identity-api.js';
import { defined, flagOf, textOf } from './query.js';
import { listLinks, viewDomain } from './views.js';

type Schemas = components['schemas'];

function readingRoutes({ database, identityUrl }: IdentityApi): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/domains',
      operationId: 'identityListDomains',
      policy: 'domain:list',
      success: 200,
      handler: async (_context, { query }) => {
        const filter = defined({ name: textOf(query, 'name'), enabled: flagOf(query, 'enabled') });
        const domains = (await listDomains(database, filter)).map((domain) => viewDomain(domain, identityUrl));
        return { body: { domains, links: listLinks(identityUrl, 'domains') } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/domains/{domain_id}',
      operationId: 'identityShowDomain',
      policy: 'domain:show',
      success: 200,
      handler: async (context, { param }) => {
        const id = param('domain_id');
        if (!context.isAdmin && id !== requirePrincipal(context).token.user.domain.id) {
          throw new ServiceError(
            'forbidden',
            'You are not authorized to perform the requested action: identity:get_domain.',
          );
        }
        return { body: { domain: viewDomain(await loadDomain(database, id), identityUrl) } };
      },
    }),
  ];
}

function changingRoutes({ database, identityUrl, validator }: IdentityApi): readonly Route[] {
  return [
    defineRoute<{ domain: Schemas['DomainCreate'] }>({
      method: 'POST',
      path: '/v3/domains',
      operationId: 'identityCreateDomain',
      policy: 'domain:change',
      success: 201,
      handler: async (_context, { body }) => {
        const { name, description, enabled } = body.domain;
        const wanted = { id: newHexId(), name, description: description ?? '', enabled: enabled ?? true };
        return { body: { domain: viewDomain(await insertDomain(database, wanted), identityUrl) } };
      },
    }),
    defineRoute<{ domain: Schemas['DomainUpdate'] }>({
      method: 'PATCH',
      path: '/v3/domains/{domain_id}',
      operationId: 'identityUpdateDomain',
      policy: 'domain:change',
      success: 200,
      handler: async (_context, { param, body }) => {
        const id = param('domain_id');
        const { name, description, enabled } = body.domain;
        const change = defined({ name, description: description === null ? '' : description, enabled });
        await loadDomain(database, id);
        const domain = await updateDomain(database, id, change);
        validator.forgetAll();
        return { body: { domain: viewDomain(domain, identityUrl) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v3/domains/{domain_id}',
      operationId: 'identityDeleteDomain',
      policy: 'domain:change',
      success: 204,
      handler: async (_context, { param }) => {
        const id = param('domain_id');
        if (id === 'default') throw new ServiceError('forbidden', 'The default domain cannot be deleted.');
        await database.transaction((tx) => deleteDomain(tx, id));
        validator.forgetAll();
        return {};
      },
    }),
  ];
}

export function domainRoutes(api: IdentityApi): readonly Route[] {
  return [...readingRoutes(api), ...changingRoutes(api)];
}
