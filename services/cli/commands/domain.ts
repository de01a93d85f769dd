// domain list, show, create, set, delete.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findDomain } from '../resources/lookups.js';
import { makeOrShow, orShowOption } from '../resources/or-show.js';
import type { Session } from '../session.js';
import { identityFields } from './identity-fields.js';

const domainArgument = { name: 'domain', about: 'domain (name or ID)' } as const;
const changeOptions: NonNullable<CommandRow['options']> = [
  { flags: '--description <text>', about: 'what it is for' },
  { flags: '--enable', about: 'its users may log in', conflicts: ['disable'] },
  { flags: '--disable', about: 'its users may not log in' },
];

function enabledOf(input: CommandInput): boolean | undefined {
  return input.flag('enable') ? true : input.flag('disable') ? false : undefined;
}

async function createDomain(session: Session, input: CommandInput): Promise<CommandResult> {
  const domain = {
    name: input.need('name'),
    ...givenOnly({ description: input.text('description'), enabled: enabledOf(input) }),
  };
  return identityFields(
    await makeOrShow(
      input.flag('or-show'),
      async () => (await session.identity.post('/v3/domains', { body: { domain } })).domain,
      () => findDomain(session, domain.name),
    ),
  );
}

async function setDomain(session: Session, input: CommandInput): Promise<undefined> {
  const domain = givenOnly({
    name: input.text('name'),
    description: input.text('description'),
    enabled: enabledOf(input),
  });
  if (Object.keys(domain).length === 0) throw new UsageError('Nothing to change was given.');
  const { id } = await findDomain(session, input.need('domain'));
  await session.identity.patch('/v3/domains/{domain_id}', { path: { domain_id: id }, body: { domain } });
  return undefined;
}

export const domainCommands: readonly CommandRow[] = [
  {
    path: 'domain list',
    summary: 'List domains (administrators)',
    options: [
      { flags: '--name <name>', about: 'with this name' },
      { flags: '--enabled', about: 'only those whose users may log in' },
    ],
    example: 'saggar domain list',
    output: 'many',
    run: async (session, input) => {
      const query = { name: input.text('name'), enabled: input.flag('enabled') ? 'true' : undefined };
      const { domains } = await session.identity.get('/v3/domains', { query });
      return {
        kind: 'many',
        columns: ['ID', 'Name', 'Enabled', 'Description'],
        rows: domains.map(({ id, name, enabled, description }) => [id, name, enabled, description]),
      };
    },
  },
  {
    path: 'domain show',
    summary: 'Show a domain (administrators)',
    args: [domainArgument],
    example: 'saggar domain show Default',
    output: 'one',
    run: async (session, input) => identityFields(await findDomain(session, input.need('domain'))),
  },
  {
    path: 'domain create',
    summary: 'Make a domain (administrators)',
    args: [{ name: 'name', about: 'name of the new domain' }],
    options: [...changeOptions, orShowOption],
    example: 'saggar domain create --description "the second shop" branch',
    output: 'one',
    run: createDomain,
  },
  {
    path: 'domain set',
    summary: 'Change a domain (administrators)',
    args: [domainArgument],
    options: [{ flags: '--name <name>', about: 'new name' }, ...changeOptions],
    example: 'saggar domain set --disable branch',
    output: 'none',
    run: setDomain,
  },
  {
    path: 'domain delete',
    summary: 'Delete domains that are disabled, with what is in them (administrators)',
    args: [{ ...domainArgument, many: true }],
    example: 'saggar domain delete branch',
    output: 'none',
    run: async (session, input) => {
      await forEachNamed(input.texts('domain'), async (name) => {
        const { id } = await findDomain(session, name);
        await session.identity.delete('/v3/domains/{domain_id}', { path: { domain_id: id } });
      });
      return undefined;
    },
  },
];
