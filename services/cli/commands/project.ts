// project list, show, create, set, delete.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findProject, type Project } from '../resources/lookups.js';
import { makeOrShow, orShowOption } from '../resources/or-show.js';
import { domainIdOf, givenUserId, userOptions } from '../resources/scopes.js';
import type { Session } from '../session.js';
import { identityFields } from './identity-fields.js';

const projectArgument = { name: 'project', about: 'project (name or ID)' } as const;
const domainOption = { flags: '--domain <domain>', about: 'where the name is looked for (name or ID)' };

async function listProjects(session: Session, input: CommandInput): Promise<CommandResult> {
  const { projects } = await readProjects(session, input);
  const long = input.flag('long');
  return {
    kind: 'many',
    columns: ['ID', 'Name', ...(long ? ['Domain ID', 'Description', 'Enabled'] : [])],
    rows: projects.map((project) => [
      project.id,
      project.name,
      ...(long ? [project.domain_id, project.description, project.enabled] : []),
    ]),
  };
}

async function readProjects(session: Session, input: CommandInput): Promise<{ readonly projects: readonly Project[] }> {
  if (input.flag('my-projects')) return session.identity.get('/v3/auth/projects', {});
  const [userId, domainId] = await Promise.all([
    givenUserId(session, input),
    domainIdOf(session, input.text('domain')),
  ]);
  if (userId === undefined) return session.identity.get('/v3/projects', { query: { domain_id: domainId } });
  const { projects } = await session.identity.get('/v3/users/{user_id}/projects', { path: { user_id: userId } });
  return { projects: projects.filter(({ domain_id }) => domainId === undefined || domain_id === domainId) };
}

async function createProject(session: Session, input: CommandInput): Promise<CommandResult> {
  const project = {
    name: input.need('name'),
    ...givenOnly({
      domain_id: await domainIdOf(session, input.text('domain')),
      description: input.text('description'),
      parent_id: await parentOf(session, input),
      tags: input.anyOf('tag') ? [...input.texts('tag')] : undefined,
      enabled: input.flag('disable') ? false : undefined,
    }),
  };
  return identityFields(
    await makeOrShow(
      input.flag('or-show'),
      async () => (await session.identity.post('/v3/projects', { body: { project } })).project,
      () => findProject(session, project.name, project.domain_id),
    ),
  );
}

async function parentOf(session: Session, input: CommandInput): Promise<string | undefined> {
  const parent = input.text('parent');
  return parent === undefined ? undefined : (await findProject(session, parent)).id;
}

/** All tags are sent at once: those that stay, without the removed ones, with the new ones. */
async function tagsAfter(session: Session, input: CommandInput): Promise<string[] | undefined> {
  if (!input.anyOf('tag', 'clear-tags', 'remove-tag')) return undefined;
  const present = input.flag('clear-tags') ? [] : (await findGiven(session, input)).tags;
  const removed = new Set(input.texts('remove-tag'));
  return [...new Set([...present.filter((tag) => !removed.has(tag)), ...input.texts('tag')])];
}

async function setProject(session: Session, input: CommandInput): Promise<undefined> {
  const change = givenOnly({
    tags: await tagsAfter(session, input),
    name: input.text('name'),
    description: input.text('description'),
    enabled: input.flag('enable') ? true : input.flag('disable') ? false : undefined,
  });
  if (Object.keys(change).length === 0) throw new UsageError('Nothing to change was given.');
  const { id } = await findGiven(session, input);
  await session.identity.patch('/v3/projects/{project_id}', { path: { project_id: id }, body: { project: change } });
  return undefined;
}

async function findGiven(session: Session, input: CommandInput): Promise<Project> {
  return findProject(session, input.need('project'), await domainIdOf(session, input.text('domain')));
}

export const projectCommands: readonly CommandRow[] = [
  {
    path: 'project list',
    summary: 'List projects (administrators), or the own ones',
    options: [
      { flags: '--my-projects', about: 'only those one has a role in', conflicts: ['user'] },
      ...userOptions('only those this user has a role in (name or ID)'),
      { flags: '--domain <domain>', about: 'in this domain (name or ID)' },
      { flags: '--long', about: 'with more columns' },
    ],
    example: 'saggar project list --my-projects',
    output: 'many',
    run: listProjects,
  },
  {
    path: 'project show',
    summary: 'Show a project',
    args: [projectArgument],
    options: [domainOption],
    example: 'saggar project show demo',
    output: 'one',
    run: async (session, input) => identityFields(await findGiven(session, input)),
  },
  {
    path: 'project create',
    summary: 'Make a project (administrators)',
    args: [{ name: 'name', about: 'name of the new project' }],
    options: [
      { flags: '--domain <domain>', about: 'in this domain (name or ID)' },
      { flags: '--description <text>', about: 'what it is for' },
      { flags: '--enable', about: 'may be used (as by default)', conflicts: ['disable'] },
      { flags: '--disable', about: 'may not be used yet' },
      { flags: '--parent <project>', about: 'below this project (name or ID)' },
      { flags: '--tag <tag>', about: 'tag; repeat for several', repeat: true },
      orShowOption,
    ],
    example: 'saggar project create --description "the shop" shop',
    output: 'one',
    run: createProject,
  },
  {
    path: 'project set',
    summary: 'Change a project (administrators)',
    args: [projectArgument],
    options: [
      { flags: '--name <name>', about: 'new name' },
      domainOption,
      { flags: '--description <text>', about: 'new description' },
      { flags: '--enable', about: 'may be used', conflicts: ['disable'] },
      { flags: '--disable', about: 'may not be used' },
      { flags: '--tag <tag>', about: 'tag to add; repeat for several', repeat: true },
      { flags: '--remove-tag <tag>', about: 'tag to remove; repeat for several', repeat: true },
      { flags: '--clear-tags', about: 'remove all tags first' },
    ],
    example: 'saggar project set --description "the new shop" shop',
    output: 'none',
    run: setProject,
  },
  {
    path: 'project delete',
    summary: 'Delete projects (administrators)',
    args: [{ ...projectArgument, many: true }],
    options: [domainOption],
    example: 'saggar project delete shop',
    output: 'none',
    run: async (session, input) => {
      const domainId = await domainIdOf(session, input.text('domain'));
      await forEachNamed(input.texts('project'), async (name) => {
        const { id } = await findProject(session, name, domainId);
        await session.identity.delete('/v3/projects/{project_id}', { path: { project_id: id } });
      });
      return undefined;
    },
  },
];
