// role list, show, create, set, delete, add, remove, assignment list.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findRole, findUser } from '../resources/lookups.js';
import { makeOrShow, orShowOption } from '../resources/or-show.js';
import {
  domainIdOf,
  givenProjectId,
  givenUserId,
  projectDomainOption,
  projectOptions,
  userDomainOption,
  userOptions,
} from '../resources/scopes.js';
import type { Session } from '../session.js';
import { identityFields } from './identity-fields.js';

const roleArgument = { name: 'role', about: 'role (name or ID)' } as const;
const grantOptions: readonly OptionSpec[] = [
  { flags: '--user <user>', about: 'user (name or ID)', required: true },
  userDomainOption,
  { flags: '--project <project>', about: 'in this project (name or ID)', conflicts: ['domain'] },
  projectDomainOption,
  { flags: '--domain <domain>', about: 'in this domain (name or ID)' },
];

async function changeGrant(session: Session, input: CommandInput, give: boolean): Promise<undefined> {
  if (!input.anyOf('project', 'domain')) throw new UsageError('Give --project or --domain.');
  const [role, user, projectId, domainId] = await Promise.all([
    findRole(session, input.need('role')),
    domainIdOf(session, input.text('user-domain')).then((domain) => findUser(session, input.need('user'), domain)),
    givenProjectId(session, input),
    domainIdOf(session, input.text('domain')),
  ]);
  const who = { user_id: user.id, role_id: role.id };
  if (projectId !== undefined) {
    const path = { project_id: projectId, ...who };
    if (give) await session.identity.put('/v3/projects/{project_id}/users/{user_id}/roles/{role_id}', { path });
    else await session.identity.delete('/v3/projects/{project_id}/users/{user_id}/roles/{role_id}', { path });
  } else if (domainId !== undefined) {
    const path = { domain_id: domainId, ...who };
    if (give) await session.identity.put('/v3/domains/{domain_id}/users/{user_id}/roles/{role_id}', { path });
    else await session.identity.delete('/v3/domains/{domain_id}/users/{user_id}/roles/{role_id}', { path });
  }
  return undefined;
}

interface Party {
  readonly id: string;
  readonly name?: string;
  readonly domain?: { readonly name: string };
}

/** `name@domain` when names were asked for, as python-openstackclient has it; else the id. */
function partyText(party: Party | undefined): string {
  if (party === undefined) return '';
  if (party.name === undefined) return party.id;
  return party.domain === undefined ? party.name : `${party.name}@${party.domain.name}`;
}

async function listAssignments(session: Session, input: CommandInput): Promise<CommandResult> {
  const login = input.anyOf('auth-user', 'auth-project') ? await session.login() : null;
  const role = input.text('role');
  const [userId, projectId, domainId, roleId] = await Promise.all([
    givenUserId(session, input),
    givenProjectId(session, input),
    domainIdOf(session, input.text('domain')),
    role === undefined ? undefined : findRole(session, role).then(({ id }) => id),
  ]);
  const { role_assignments } = await session.identity.get('/v3/role_assignments', {
    query: {
      'user.id': userId ?? (input.flag('auth-user') ? login?.userId : undefined),
      'scope.project.id': projectId ?? (input.flag('auth-project') ? (login?.projectId ?? undefined) : undefined),
      'scope.domain.id': domainId,
      'role.id': roleId,
      include_names: input.flag('names') ? '1' : undefined,
      effective: input.flag('effective') ? '1' : undefined,
    },
  });
  return {
    kind: 'many',
    columns: ['Role', 'User', 'Group', 'Project', 'Domain', 'System', 'Inherited'],
    rows: role_assignments.map(({ role: given, user, scope }) => [
      partyText(given),
      partyText(user),
      '',
      partyText(scope.project),
      partyText(scope.domain),
      '',
      false,
    ]),
  };
}

async function createRole(session: Session, input: CommandInput): Promise<CommandResult> {
  const role = { name: input.need('name'), ...givenOnly({ description: input.text('description') }) };
  return identityFields(
    await makeOrShow(
      input.flag('or-show'),
      async () => (await session.identity.post('/v3/roles', { body: { role } })).role,
      () => findRole(session, role.name),
    ),
  );
}

async function setRole(session: Session, input: CommandInput): Promise<undefined> {
  const change = givenOnly({ name: input.text('name'), description: input.text('description') });
  if (Object.keys(change).length === 0) throw new UsageError('Nothing to change was given.');
  const { id } = await findRole(session, input.need('role'));
  await session.identity.patch('/v3/roles/{role_id}', { path: { role_id: id }, body: { role: change } });
  return undefined;
}

export const roleCommands: readonly CommandRow[] = [
  {
    path: 'role list',
    summary: 'List roles (administrators)',
    example: 'saggar role list',
    output: 'many',
    run: async (session) => {
      const { roles } = await session.identity.get('/v3/roles', {});
      return { kind: 'many', columns: ['ID', 'Name'], rows: roles.map(({ id, name }) => [id, name]) };
    },
  },
  {
    path: 'role show',
    summary: 'Show a role',
    args: [roleArgument],
    example: 'saggar role show member',
    output: 'one',
    run: async (session, input) => identityFields(await findRole(session, input.need('role'))),
  },
  {
    path: 'role create',
    summary: 'Make a role (administrators)',
    args: [{ name: 'name', about: 'name of the new role' }],
    options: [{ flags: '--description <text>', about: 'what it allows' }, orShowOption],
    example: 'saggar role create auditor',
    output: 'one',
    run: createRole,
  },
  {
    path: 'role set',
    summary: 'Change a role (administrators)',
    args: [roleArgument],
    options: [
      { flags: '--name <name>', about: 'new name' },
      { flags: '--description <text>', about: 'what it allows' },
    ],
    example: 'saggar role set --description "looks only" auditor',
    output: 'none',
    run: setRole,
  },
  {
    path: 'role delete',
    summary: 'Delete roles (administrators)',
    args: [{ ...roleArgument, many: true }],
    example: 'saggar role delete auditor',
    output: 'none',
    run: async (session, input) => {
      await forEachNamed(input.texts('role'), async (name) => {
        const { id } = await findRole(session, name);
        await session.identity.delete('/v3/roles/{role_id}', { path: { role_id: id } });
      });
      return undefined;
    },
  },
  {
    path: 'role add',
    summary: 'Give a user a role in a project or a domain (administrators)',
    args: [roleArgument],
    options: grantOptions,
    example: 'saggar role add --user anna --project demo member',
    moreExamples: ['saggar role add --user anna --domain Default reader'],
    output: 'none',
    run: (session, input) => changeGrant(session, input, true),
  },
  {
    path: 'role remove',
    summary: 'Take a role in a project or a domain away from a user (administrators)',
    args: [roleArgument],
    options: grantOptions,
    example: 'saggar role remove --user anna --project demo member',
    output: 'none',
    run: (session, input) => changeGrant(session, input, false),
  },
  {
    path: 'role assignment list',
    summary: 'List who has which role where (administrators)',
    options: [
      { flags: '--names', about: 'with names instead of IDs' },
      { flags: '--effective', about: 'with the roles that other roles imply' },
      { flags: '--role <role>', about: 'of this role (name or ID)' },
      ...userOptions('of this user (name or ID)'),
      { flags: '--auth-user', about: 'of whoever is logged in', conflicts: ['user'] },
      ...projectOptions('in this project (name or ID)'),
      { flags: '--auth-project', about: 'in the project that is logged in to', conflicts: ['project'] },
      { flags: '--domain <domain>', about: 'in this domain (name or ID)' },
    ],
    example: 'saggar role assignment list --project demo --names',
    output: 'many',
    run: listAssignments,
  },
];
