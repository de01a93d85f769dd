// quota show, list, set, delete: what projects may have, in block storage and compute together, under python-openstackclient's names.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { findProject } from '../resources/lookups.js';
import { projectIdOf } from '../resources/scopes.js';
import type { Session } from '../session.js';
import { pickQuotas, type QuotaValues, quotaTables, shownQuotas } from './quota-names.js';

const projectArgument = {
  name: 'project',
  about: 'project (name or ID), or class with --class; the own project by default',
  optional: true,
};
const classOption: OptionSpec = { flags: '--class', about: 'the argument is a quota class, such as default' };

async function projectOf(session: Session, input: CommandInput): Promise<{ id: string; name: string | null }> {
  const wanted = input.text('project');
  if (wanted !== undefined) {
    const id = await projectIdOf(session, wanted, undefined);
    return { id, name: id === wanted ? null : wanted };
  }
  const { projectId, projectName } = await session.login();
  if (projectId === null) throw new UsageError('The token has no project; name one.');
  return { id: projectId, name: projectName };
}

async function showQuota(session: Session, input: CommandInput): Promise<CommandResult> {
  if (input.flag('class')) return showClass(session, input);
  const { id, name } = await projectOf(session, input);
  const [storage, compute] = await Promise.all([readStorage(session, input, id), readCompute(session, input, id)]);
  const fields = shownQuotas({ ...compute, ...storage });
  return { kind: 'one', fields: { ...fields, project: id, ...(name === null ? {} : { project_name: name }) } };
}

async function readStorage(session: Session, input: CommandInput, id: string): Promise<QuotaValues> {
  const path = { target_project_id: id };
  if (input.flag('default')) {
    return (await session.volume.get('/v3/os-quota-sets/{target_project_id}/defaults', { path })).quota_set;
  }
  const query = input.flag('usage') ? { usage: 'True' } : {};
  return (await session.volume.get('/v3/os-quota-sets/{target_project_id}', { path, query })).quota_set;
}

async function readCompute(session: Session, input: CommandInput, id: string): Promise<QuotaValues> {
  if (!(await session.serves('compute'))) return {};
  const path = { project_id: id };
  if (input.flag('default')) {
    return (await session.compute.get('/v2.1/os-quota-sets/{project_id}/defaults', { path })).quota_set;
  }
  if (input.flag('usage')) {
    return (await session.compute.get('/v2.1/os-quota-sets/{project_id}/detail', { path })).quota_set;
  }
  return (await session.compute.get('/v2.1/os-quota-sets/{project_id}', { path })).quota_set;
}

/** Compute has no classes here; those of block storage are what a project has that was never given its own. */
async function showClass(session: Session, input: CommandInput): Promise<CommandResult> {
  const name = input.text('project') ?? 'default';
  const path = { class_name: name };
  const { quota_class_set } = await session.volume.get('/v3/os-quota-class-sets/{class_name}', { path });
  return { kind: 'one', fields: { ...shownQuotas(quota_class_set), class: name } };
}

async function setQuota(session: Session, input: CommandInput): Promise<undefined> {
  const type = input.text('volume-type');
  const storage = pickQuotas('volume', input, type);
  const compute = pickQuotas('compute', input);
  const [volumes, servers] = [Object.keys(storage).length, Object.keys(compute).length];
  if (volumes + servers === 0) throw new UsageError('No quota was given.', 'See `saggar quota set --help`.');
  if (input.flag('class')) {
    const class_name = input.text('project') ?? 'default';
    if (servers > 0) throw new UsageError('Quota classes are of block storage only.');
    const body = { quota_class_set: storage };
    await session.volume.put('/v3/os-quota-class-sets/{class_name}', { path: { class_name }, body });
    return undefined;
  }
  const { id } = await projectOf(session, input);
  if (volumes > 0) {
    const path = { target_project_id: id };
    await session.volume.put('/v3/os-quota-sets/{target_project_id}', { path, body: { quota_set: storage } });
  }
  if (servers > 0) {
    const body = { quota_set: { ...compute, ...(input.flag('force') ? { force: true as const } : {}) } };
    await session.compute.put('/v2.1/os-quota-sets/{project_id}', { path: { project_id: id }, body });
  }
  return undefined;
}

async function listQuotas(session: Session, input: CommandInput): Promise<CommandResult> {
  const kind = input.flag('volume') ? 'volume' : input.flag('compute') ? 'compute' : null;
  if (kind === null) throw new UsageError('Give --volume or --compute.');
  const wanted = input.text('project');
  const read = (id: string, more: { usage?: boolean; defaults?: boolean } = {}): Promise<QuotaValues> =>
    readOf(session, kind, id, more);
  if (input.flag('detail')) {
    const id = wanted === undefined ? (await projectOf(session, input)).id : (await findProject(session, wanted)).id;
    const rows = Object.entries(await read(id, { usage: true })).flatMap(([resource, value]) =>
      typeof value === 'object' ? [[resource, value.in_use, value.reserved, value.limit]] : [],
    );
    return { kind: 'many', columns: ['Resource', 'In Use', 'Reserved', 'Limit'], rows };
  }
  const ids =
    wanted === undefined
      ? (await session.identity.get('/v3/projects', {})).projects.map(({ id }) => id)
      : [(await findProject(session, wanted)).id];
  const { columns, keys } = quotaTables[kind];
  const rows: (readonly unknown[])[] = [];
  // One project after the other: a cloud may have thousands, and all at once would be an attack on it.
  for (const id of ids) {
    const [own, defaults] = await Promise.all([read(id), read(id, { defaults: true })]);
    if (keys.some((key) => own[key] !== defaults[key])) {
      rows.push([id, ...keys.map((key) => own[key] ?? null)]);
    }
  }
  return { kind: 'many', columns: ['Project ID', ...columns], rows };
}

async function readOf(
  session: Session,
  kind: 'volume' | 'compute',
  id: string,
  { usage = false, defaults = false }: { usage?: boolean; defaults?: boolean },
): Promise<QuotaValues> {
  if (kind === 'volume') {
    const path = { target_project_id: id };
    const query = usage ? { usage: 'True' } : {};
    return defaults
      ? (await session.volume.get('/v3/os-quota-sets/{target_project_id}/defaults', { path })).quota_set
      : (await session.volume.get('/v3/os-quota-sets/{target_project_id}', { path, query })).quota_set;
  }
  const path = { project_id: id };
  if (defaults) return (await session.compute.get('/v2.1/os-quota-sets/{project_id}/defaults', { path })).quota_set;
  return usage
    ? (await session.compute.get('/v2.1/os-quota-sets/{project_id}/detail', { path })).quota_set
    : (await session.compute.get('/v2.1/os-quota-sets/{project_id}', { path })).quota_set;
}

async function deleteQuota(session: Session, input: CommandInput): Promise<undefined> {
  const id = await projectIdOf(session, input.need('project'), undefined);
  const both = !input.anyOf('volume', 'compute');
  if (both || input.flag('volume')) {
    await session.volume.delete('/v3/os-quota-sets/{target_project_id}', { path: { target_project_id: id } });
  }
  const compute = input.flag('compute') || (both && (await session.serves('compute')));
  if (compute) await session.compute.delete('/v2.1/os-quota-sets/{project_id}', { path: { project_id: id } });
  return undefined;
}

function valueOptions(): OptionSpec[] {
  return [...quotaTables.volume.options, ...quotaTables.compute.options].map(([name]) => ({
    flags: `--${name} <count>`,
    about: `new value for ${name.replaceAll('-', ' ')}`,
    integer: { min: -1, max: 2_147_483_647 },
  }));
}

export const quotaCommands: readonly CommandRow[] = [
  {
    path: 'quota show',
    summary: 'Show what a project may have',
    args: [projectArgument],
    options: [
      { flags: '--usage', about: 'with what is in use', conflicts: ['default', 'class'] },
      { flags: '--default', about: 'what a project has that was never given its own', conflicts: ['class'] },
      classOption,
    ],
    example: 'saggar quota show --usage',
    output: 'one',
    run: showQuota,
  },
  {
    path: 'quota list',
    summary: 'List the projects whose quotas are not the default ones (administrators), or the usage of one',
    options: [
      { flags: '--volume', about: 'quotas of block storage', conflicts: ['compute'] },
      { flags: '--compute', about: 'quotas of compute' },
      { flags: '--project <project>', about: 'only this project (name or ID)' },
      { flags: '--detail', about: 'what one project has in use' },
    ],
    example: 'saggar quota list --volume --detail',
    output: 'many',
    run: listQuotas,
  },
  {
    path: 'quota set',
    summary: 'Change what a project may have; -1 is unlimited (administrators)',
    args: [projectArgument],
    options: [
      ...valueOptions(),
      { flags: '--volume-type <type>', about: 'for volumes of this type only' },
      { flags: '--force', about: 'compute: also below what is in use' },
      classOption,
    ],
    example: 'saggar quota set --volumes 100 --gigabytes 5000 demo',
    moreExamples: [
      'saggar quota set --gigabytes 500 --volume-type fast demo',
      'saggar quota set --class --volumes 20 default',
    ],
    output: 'none',
    run: setQuota,
  },
  {
    path: 'quota delete',
    summary: 'Give a project the default quotas again (administrators)',
    args: [{ name: 'project', about: 'project (name or ID)' }],
    options: [
      { flags: '--volume', about: 'only of block storage' },
      { flags: '--compute', about: 'only of compute' },
    ],
    example: 'saggar quota delete demo',
    output: 'none',
    run: deleteQuota,
  },
];
