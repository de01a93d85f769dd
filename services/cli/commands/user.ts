// user list, show, create, set, delete. A password given on the command line can be read by other users of the machine while the
// command runs, so it may also come from the environment variable SAGGAR_NEW_PASSWORD.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findProject, findUser } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { domainIdOf, identityFields } from './identity-fields.js';

const userArgument = { name: 'user', about: 'user (name or ID)' } as const;
const changeOptions: readonly OptionSpec[] = [
  { flags: '--password <password>', about: 'password (better in SAGGAR_NEW_PASSWORD)' },
  { flags: '--project <project>', about: 'default project (name or ID)' },
  { flags: '--description <text>', about: 'who that is' },
  { flags: '--enable', about: 'may log in', conflicts: ['disable'] },
  { flags: '--disable', about: 'may not log in' },
];

async function changesOf(session: Session, input: CommandInput): Promise<Record<string, string | boolean>> {
  const project = input.text('project');
  const changes = givenOnly({
    password: input.text('password') ?? process.env['SAGGAR_NEW_PASSWORD'],
    default_project_id: project === undefined ? undefined : (await findProject(session, project)).id,
    description: input.text('description'),
    enabled: input.flag('enable') ? true : input.flag('disable') ? false : undefined,
  });
  return changes as Record<string, string | boolean>;
}

async function listUsers(session: Session, input: CommandInput): Promise<CommandResult> {
  const { users } = await session.identity.get('/v3/users', {
    query: { domain_id: await domainIdOf(session, input.text('domain')) },
  });
  const long = input.flag('long');
  return {
    kind: 'many',
    columns: ['ID', 'Name', ...(long ? ['Domain ID', 'Description', 'Enabled'] : [])],
    rows: users.map((user) => [
      user.id,
      user.name,
      ...(long ? [user.domain_id, user.description ?? '', user.enabled] : []),
    ]),
  };
}

async function createUser(session: Session, input: CommandInput): Promise<CommandResult> {
  const user = {
    name: input.need('name'),
    ...givenOnly({ domain_id: await domainIdOf(session, input.text('domain')) }),
    ...(await changesOf(session, input)),
  };
  return identityFields((await session.identity.post('/v3/users', { body: { user } })).user);
}

async function setUser(session: Session, input: CommandInput): Promise<undefined> {
  const change = { ...givenOnly({ name: input.text('name') }), ...(await changesOf(session, input)) };
  if (Object.keys(change).length === 0) throw new UsageError('Nothing to change was given.');
  const { id } = await findUser(session, input.need('user'));
  await session.identity.patch('/v3/users/{user_id}', { path: { user_id: id }, body: { user: change } });
  return undefined;
}

export const userCommands: readonly CommandRow[] = [
  {
    path: 'user list',
    summary: 'List users (administrators)',
    options: [
      { flags: '--domain <domain>', about: 'in this domain (name or ID)' },
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
    example: 'saggar user show admin',
    output: 'one',
    run: async (session, input) => identityFields(await findUser(session, input.need('user'))),
  },
  {
    path: 'user create',
    summary: 'Make a user (administrators)',
    args: [{ name: 'name', about: 'name of the new user' }],
    options: [{ flags: '--domain <domain>', about: 'in this domain (name or ID)' }, ...changeOptions],
    example: 'saggar user create --project demo --password secret anna',
    output: 'one',
    run: createUser,
  },
  {
    path: 'user set',
    summary: 'Change a user; a new password ends the tokens of the old one (administrators)',
    args: [userArgument],
    options: [{ flags: '--name <name>', about: 'new name' }, ...changeOptions],
    example: 'saggar user set --disable anna',
    output: 'none',
    run: setUser,
  },
  {
    path: 'user delete',
    summary: 'Delete users (administrators)',
    args: [{ ...userArgument, many: true }],
    example: 'saggar user delete anna',
    output: 'none',
    run: async (session, input) => {
      await forEachNamed(input.texts('user'), async (name) => {
        const { id } = await findUser(session, name);
        await session.identity.delete('/v3/users/{user_id}', { path: { user_id: id } });
      });
      return undefined;
    },
  },
];
