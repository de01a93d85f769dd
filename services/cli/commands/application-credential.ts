// application credential create, list, show, delete: a login for programs, with a secret of its own and no more than its maker's roles
// in one project. The secret is told once.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OneResult } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { type ApplicationCredential, findApplicationCredential } from '../resources/lookups.js';
import { givenUserId, userOptions } from '../resources/scopes.js';
import type { Session } from '../session.js';
import { identityFields } from './identity-fields.js';

const credentialArgument = { name: 'application-credential', about: 'application credential (name or ID)' } as const;
const hexId = /^[0-9a-f]{32}$/i;

/** With the roles as one text of names, as python-openstackclient shows them. */
function credentialFields(credential: ApplicationCredential): OneResult {
  return identityFields({ ...credential, roles: credential.roles.map(({ name }) => name).join(' ') });
}

/** Checked here, because the service says only that the field is wrong. Naive UTC, as Keystone has it. */
function readExpiration(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text) || Number.isNaN(Date.parse(`${text}Z`))) {
    throw new UsageError(`--expiration wants a time in UTC such as 2030-12-31T23:59:59, not '${text}'.`);
  }
  return text;
}

async function createCredential(session: Session, input: CommandInput): Promise<OneResult> {
  const roles = input.texts('role').map((role) => (hexId.test(role) ? { id: role } : { name: role }));
  const application_credential = {
    name: input.need('name'),
    ...givenOnly({
      description: input.text('description'),
      secret: input.text('secret'),
      expires_at: readExpiration(input.text('expiration')),
      unrestricted: input.flag('unrestricted') ? true : undefined,
      roles: roles.length === 0 ? undefined : roles,
    }),
  };
  const { userId } = await session.login();
  const answer = await session.identity.post('/v3/users/{user_id}/application_credentials', {
    path: { user_id: userId },
    body: { application_credential },
  });
  return credentialFields(answer.application_credential);
}

async function listCredentials(session: Session, input: CommandInput): Promise<CommandResult> {
  const userId = (await givenUserId(session, input)) ?? (await session.login()).userId;
  const { application_credentials } = await session.identity.get('/v3/users/{user_id}/application_credentials', {
    path: { user_id: userId },
  });
  return {
    kind: 'many',
    columns: ['ID', 'Name', 'Project ID', 'Description', 'Expires At'],
    rows: application_credentials.map(({ id, name, project_id, description, expires_at }) => [
      id,
      name,
      project_id,
      description,
      expires_at,
    ]),
  };
}

export const applicationCredentialCommands: readonly CommandRow[] = [
  {
    path: 'application credential create',
    summary: 'Make a login for a program; prints its secret, once',
    args: [{ name: 'name', about: 'name of the new application credential' }],
    options: [
      { flags: '--secret <secret>', about: 'secret (a random one by default, which is better)' },
      {
        flags: '--role <role>',
        about: 'with this role (all of the login by default); repeat for several',
        repeat: true,
      },
      { flags: '--expiration <time>', about: 'until then, UTC: 2030-12-31T23:59:59 (for ever by default)' },
      { flags: '--description <text>', about: 'what it is for' },
      {
        flags: '--unrestricted',
        about: 'may make and delete application credentials itself',
        conflicts: ['restricted'],
      },
      { flags: '--restricted', about: 'may not do that (as by default)' },
    ],
    example: 'saggar application credential create --role member backup-script',
    moreExamples: ['saggar application credential create --expiration 2030-12-31T23:59:59 ci'],
    output: 'one',
    run: createCredential,
  },
  {
    path: 'application credential list',
    summary: 'List the logins for programs of a user',
    options: userOptions('of this user (name or ID; administrators)'),
    example: 'saggar application credential list',
    output: 'many',
    run: listCredentials,
  },
  {
    path: 'application credential show',
    summary: 'Show a login for a program; never its secret',
    args: [credentialArgument],
    example: 'saggar application credential show backup-script',
    output: 'one',
    run: async (session, input) => {
      const { userId } = await session.login();
      return credentialFields(await findApplicationCredential(session, userId, input.need('application-credential')));
    },
  },
  {
    path: 'application credential delete',
    summary: 'Delete logins for programs; their tokens end',
    args: [{ ...credentialArgument, many: true }],
    example: 'saggar application credential delete backup-script',
    output: 'none',
    run: async (session, input) => {
      const { userId } = await session.login();
      await forEachNamed(input.texts('application-credential'), async (name) => {
        const { id } = await findApplicationCredential(session, userId, name);
        await session.identity.delete('/v3/users/{user_id}/application_credentials/{application_credential_id}', {
          path: { user_id: userId, application_credential_id: id },
        });
      });
      return undefined;
    },
  },
];
