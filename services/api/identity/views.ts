// What clients see of domains, projects, users and roles: Keystone's shapes. Pure.
import type { components } from '../../../api-spec/generated/identity.js';
import type { ApplicationCredentialRecord } from '../../core/db/identity/application-credentials.js';
import type { AssignmentRecord } from '../../core/db/identity/assignments.js';
import type { DomainRecord } from '../../core/db/identity/domains.js';
import type { ProjectRecord } from '../../core/db/identity/projects.js';
import type { RoleRecord } from '../../core/db/identity/roles.js';
import type { UserRecord } from '../../core/db/identity/users.js';
import { naiveMicroseconds } from './times.js';

type Schemas = components['schemas'];

/** `identityUrl` is the public base without a version, e.g. http://10.0.0.1:8776/identity */
export function selfLink(identityUrl: string, path: string): { self: string } {
  return { self: `${identityUrl}/v3/${path}` };
}

/** Lists are never cut into pages here, as in Keystone without a list limit. */
export function listLinks(identityUrl: string, path: string): Schemas['ListLinks'] {
  return { ...selfLink(identityUrl, path), previous: null, next: null };
}

export function viewDomain(domain: DomainRecord, identityUrl: string): Schemas['Domain'] {
  const { id, name, description, enabled } = domain;
  return { id, name, description, enabled, tags: [], options: {}, links: selfLink(identityUrl, `domains/${id}`) };
}

export function viewProject(project: ProjectRecord, identityUrl: string): Schemas['Project'] {
  const { id, name, domainId, description, enabled, tags, extra } = project;
  return {
    ...extra,
    id,
    name,
    domain_id: domainId,
    description,
    enabled,
    parent_id: domainId,
    is_domain: false,
    tags: [...tags],
    options: {},
    links: selfLink(identityUrl, `projects/${id}`),
  };
}

export function viewUser(user: UserRecord, identityUrl: string): Schemas['User'] {
  const { id, name, domainId, enabled, defaultProjectId, description, extra } = user;
  return {
    ...extra,
    id,
    name,
    domain_id: domainId,
    enabled,
    ...(defaultProjectId === null ? {} : { default_project_id: defaultProjectId }),
    ...(description === null ? {} : { description }),
    password_expires_at: null,
    options: {},
    links: selfLink(identityUrl, `users/${id}`),
  };
}

/** The roles that policy speaks of; Keystone's bootstrap marks its own so as well. */
export function isImmutableRole(role: RoleRecord): boolean {
  return ['admin', 'manager', 'member', 'reader', 'service'].includes(role.name);
}

function viewRoleAlone(role: RoleRecord) {
  const { id, name, description } = role;
  return { id, name, domain_id: null, description, options: isImmutableRole(role) ? { immutable: true } : {} };
}

export function viewRole(role: RoleRecord, identityUrl: string): Schemas['Role'] {
  return { ...viewRoleAlone(role), links: selfLink(identityUrl, `roles/${role.id}`) };
}

/** Without the secret, which only the answer to the creation has. */
export function viewApplicationCredential(
  credential: ApplicationCredentialRecord,
  identityUrl: string,
): Schemas['ApplicationCredential'] {
  const { id, name, description, projectId, userId, unrestricted, expiresAt, roles } = credential;
  return {
    ...{ id, name, description, user_id: userId, project_id: projectId, unrestricted },
    expires_at: expiresAt === null ? null : naiveMicroseconds(expiresAt),
    roles: roles.map(viewRoleAlone),
    system: null,
    links: selfLink(identityUrl, `users/${userId}/application_credentials/${id}`),
  };
}

function party(id: string, name: string | null, domain: Schemas['IdName'] | null): Schemas['AssignmentParty'] {
  return { id, ...(name === null ? {} : { name }), ...(domain === null ? {} : { domain }) };
}

function viewScope(record: AssignmentRecord, withNames: boolean): Schemas['RoleAssignment']['scope'] {
  const { projectId, projectName, projectDomainId, projectDomainName, domainId, domainName } = record;
  if (projectId !== null) {
    const domain =
      withNames && projectDomainId !== null && projectDomainName !== null
        ? { id: projectDomainId, name: projectDomainName }
        : null;
    return { project: party(projectId, withNames ? projectName : null, domain) };
  }
  return { domain: party(domainId ?? '', withNames ? domainName : null, null) };
}

export function viewAssignment(
  record: AssignmentRecord,
  identityUrl: string,
  withNames: boolean,
): Schemas['RoleAssignment'] {
  const { roleId, roleName, userId, userName, userDomainId, userDomainName, projectId, domainId } = record;
  const scopePath = projectId === null ? `domains/${domainId ?? ''}` : `projects/${projectId}`;
  return {
    role: party(roleId, withNames ? roleName : null, null),
    user: party(userId, withNames ? userName : null, withNames ? { id: userDomainId, name: userDomainName } : null),
    scope: viewScope(record, withNames),
    links: { assignment: `${identityUrl}/v3/${scopePath}/users/${userId}/roles/${roleId}` },
  };
}
