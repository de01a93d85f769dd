// role list, show, create, delete, add, remove, assignment list.
import type { CommandResult, CommandRow, OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findProject, findRole, findUser } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { identityFields } from './identity-fields.js';

const roleArgument = { name: 'role', about: 'role (name or ID)' } as const;
const grantOptions: readonly OptionSpec[] = [
  { flags: '--user <user>', about: 'user (name or ID)', required: true },
  { flags: '--project <project>', about: 'in this project (name or ID)', required: true },
];

async function changeGrant(session: Session, input: CommandInput, give: boolean): Promise<undefined> {
  const [role, user, project] = await Promise.all([
    findRole(session, input.need('role')),
    findUser(session, input.need('user')),
    findProject(session, input.need('project')),
  ]);
  const path = { project_id: project.id, user_id: user.id, role_id: role.id };
  if (give) await session.identity.put('/v3/projects/{project_id}/users/{user_id}/roles/{role_id}', { path });
  else await session.identity.delete('/v3/projects/{project_id}/users/{user_id}/roles/{role_id}', { path });
  return undefined;
}

async function listAssignments(session: Session, input: CommandInput): Promise<CommandResult> {
  const [user, project] = [input.text('user'), input.text('project')];
  const { role_assignments } = await session.identity.get('/v3/role_assignments', {
    query: {
      'user.id': user === undefined ? undefined : (await findUser(session, user)).id,
      'scope.project.id': project === undefined ? undefined : (await findProject(session, project)).id,
      include_names: '1',
    },
  });
  return {
    kind: 'many',
    columns: ['Role', 'User', 'Project', 'Domain'],
    rows: role_assignments.map(({ role, user: holder, scope }) => [
      role.name ?? role.id,
      holder.name ?? holder.id,
      scope.project?.name ?? scope.project?.id ?? '',
      scope.domain?.name ?? scope.domain?.id ?? '',
    ]),
  };
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
    options: [{ flags: '--description <text>', about: 'what it allows' }],
    example: 'saggar role create auditor',
    output: 'one',
    run: async (session, input) => {
      const role = { name: input.need('name'), ...givenOnly({ description: input.text('description') }) };
      return identityFields((await session.identity.post('/v3/roles', { body: { role } })).role);
    },
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
    summary: 'Give a user a role in a project (administrators)',
    args: [roleArgument],
    options: grantOptions,
    example: 'saggar role add --user anna --project demo member',
    output: 'none',
    run: (session, input) => changeGrant(session, input, true),
  },
  {
    path: 'role remove',
    summary: 'Take a role in a project away from a user (administrators)',
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
      { flags: '--user <user>', about: 'of this user (name or ID)' },
      { flags: '--project <project>', about: 'in this project (name or ID)' },
    ],
    example: 'saggar role assignment list --project demo',
    output: 'many',
    run: listAssignments,
  },
];
