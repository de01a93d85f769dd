// user list, show, create, set, delete, password set. A password given on the command line can be read by other users of the machine while the
// command runs, so it may also come from the environment variable SAGGAR_NEW_PASSWORD.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findUser } from '../resources/lookups.js';
import { makeOrShow, orShowOption } from '../resources/or-show.js';
import { domainIdOf, givenProjectId, projectDomainOption } from '../resources/scopes.js';
import type { Session } from '../session.js';
import { identityFields } from './identity-fields.js';

const userArgument = { name: 'user', about: 'user (name or ID)' } as const;
const inDomainOption: OptionSpec = { flags: '--domain <domain>', about: 'where the name is looked for (name or ID)' };
const changeOptions: readonly OptionSpec[] = [
  { flags: '--password <password>', about: 'password (better in SAGGAR_NEW_PASSWORD)' },
  { flags: '--project <project>', about: 'default project (name or ID)' },
  projectDomainOption,
  { flags: '--description <text>', about: 'who that is' },
  { flags: '--enable', about: 'may log in', conflicts: ['disable'] },
  { flags: '--disable', about: 'may not log in' },
];

async function changesOf(session: Session, input: CommandInput): Promise<Record<string, string | boolean>> {
  const changes = givenOnly({
    password: input.text('password') ?? process.env['SAGGAR_NEW_PASSWORD'],
    default_project_id: await givenProjectId(session, input),
    description: input.text('description'),
    enabled: input.flag('enable') ? true : input.flag('disable') ? false : undefined,
  });
  return changes as Record<string, string | boolean>;
}

async function listUsers(session: Session, input: CommandInput): Promise<CommandResult> {
  const [domainId, projectId] = await Promise.all([
    domainIdOf(session, input.text('domain')),
    givenProjectId(session, input),
  ]);
  const { users: all } = await session.identity.get('/v3/users', { query: { domain_id: domainId } });
  const members = projectId === undefined ? null : await membersOf(session, projectId);
  const users = members === null ? all : all.filter(({ id }) => members.has(id));
  const long = input.flag('long');
  return {
    kind: 'many',
    columns: ['ID', 'Name', ...(long ? ['Project', 'Domain', 'Description', 'Email', 'Enabled'] : [])],
    rows: users.map((user) => [
      user.id,
      user.name,
      ...(long ? [user.default_project_id ?? '', user.domain_id, user.description ?? '', '', user.enabled] : []),
    ]),
  };
}

/** Ids of the users with a role in the project; users carry no list of their projects. */
async function membersOf(session: Session, projectId: string): Promise<ReadonlySet<string>> {
  const { role_assignments } = await session.identity.get('/v3/role_assignments', {
    query: { 'scope.project.id': projectId },
  });
  return new Set(role_assignments.map(({ user }) => user.id));
}

async function createUser(session: Session, input: CommandInput): Promise<CommandResult> {
  const user = {
    name: input.need('name'),
    ...givenOnly({ domain_id: await domainIdOf(session, input.text('domain')) }),
    ...(await changesOf(session, input)),
  };
  return identityFields(
    await makeOrShow(
      input.flag('or-show'),
      async () => (await session.identity.post('/v3/users', { body: { user } })).user,
      () => findUser(session, user.name, user.domain_id),
    ),
  );
}

async function setUser(session: Session, input: CommandInput): Promise<undefined> {
  const change = { ...givenOnly({ name: input.text('name') }), ...(await changesOf(session, input)) };
  if (Object.keys(change).length === 0) throw new UsageError('Nothing to change was given.');
  const { id } = await findUser(session, input.need('user'), await domainIdOf(session, input.text('domain')));
  await session.identity.patch('/v3/users/{user_id}', { path: { user_id: id }, body: { user: change } });
  return undefined;
}

async function changePassword(session: Session, input: CommandInput): Promise<undefined> {
  const password = input.text('password') ?? process.env['SAGGAR_NEW_PASSWORD'];
  const original_password = input.text('original-password') ?? process.env['OS_PASSWORD'];
  if (password === undefined) throw new UsageError('--password is missing.', 'Give it, or set SAGGAR_NEW_PASSWORD.');
  if (original_password === undefined) throw new UsageError('--original-password is missing.');
  const { userId } = await session.login();
  const body = { user: { password, original_password } };
  await session.identity.post('/v3/users/{user_id}/password', { path: { user_id: userId }, body });
  return undefined;
}

export const userCommands: readonly CommandRow[] = [
  {
    path: 'user list',
    summary: 'List users (administrators)',
    options: [
      { flags: '--domain <domain>', about: 'in this domain (name or ID)' },
      { flags: '--project <project>', about: 'with a role in this project (name or ID)' },
      projectDomainOption,
      { flags: '--long', about: 'with more columns' },
    ],
    example: 'saggar user list --long',
    output: 'many',
    run: listUsers,
  },
  {
    path: 'user show',
    summary: 'Show a user',
    args: [userArgument],
    options: [inDomainOption],
    example: 'saggar user show admin',
    output: 'one',
    run: async (session, input) => {
      const domainId = await domainIdOf(session, input.text('domain'));
      return identityFields(await findUser(session, input.need('user'), domainId));
    },
  },
  {
    path: 'user create',
    summary: 'Make a user (administrators)',
    args: [{ name: 'name', about: 'name of the new user' }],
    options: [{ flags: '--domain <domain>', about: 'in this domain (name or ID)' }, ...changeOptions, orShowOption],
    example: 'saggar user create --project demo --password secret anna',
    output: 'one',
    run: createUser,
  },
  {
    path: 'user set',
    summary: 'Change a user; a new password ends the tokens of the old one (administrators)',
    args: [userArgument],
    options: [{ flags: '--name <name>', about: 'new name' }, inDomainOption, ...changeOptions],
    example: 'saggar user set --disable anna',
    output: 'none',
    run: setUser,
  },
  {
    path: 'user delete',
    summary: 'Delete users (administrators)',
    args: [{ ...userArgument, many: true }],
    options: [inDomainOption],
    example: 'saggar user delete anna',
    output: 'none',
    run: async (session, input) => {
      const domainId = await domainIdOf(session, input.text('domain'));
      await forEachNamed(input.texts('user'), async (name) => {
        const { id } = await findUser(session, name, domainId);
        await session.identity.delete('/v3/users/{user_id}', { path: { user_id: id } });
      });
      return undefined;
    },
  },
  {
    path: 'user password set',
    summary: "Change one's own password; the tokens of the old one end",
    options: [
      { flags: '--password <password>', about: 'new password (better in SAGGAR_NEW_PASSWORD)' },
      { flags: '--original-password <password>', about: 'present password (OS_PASSWORD by default)' },
    ],
    example: 'saggar user password set --original-password old --password new',
    output: 'none',
    run: changePassword,
  },
];
