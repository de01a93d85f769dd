// Projects of the embedded identity service. Attributes Keystone calls extras live in one JSON column.
// Projects form no tree here: the parent of each is its domain.
import { ServiceError } from '../../domain/errors.js';
import type { Executor } from '../connection.js';
import { refusingConflicts } from './conflict.js';

export interface ProjectRecord {
  readonly id: string;
  readonly domainId: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly tags: readonly string[];
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface ProjectFilter {
  readonly name?: string;
  readonly domainId?: string;
  readonly enabled?: boolean;
  /** All of them, any of them, not all of them, none of them. */
  readonly tags?: readonly string[];
  readonly tagsAny?: readonly string[];
  readonly notTags?: readonly string[];
  readonly notTagsAny?: readonly string[];
}

interface ProjectRow {
  id: string;
  domain_id: string;
  name: string;
  description: string;
  enabled: boolean;
  tags: string[];
  extra: Record<string, unknown>;
}

const columns = ['id', 'domain_id', 'name', 'description', 'enabled', 'tags', 'extra'] as const;

function toRecord({ domain_id: domainId, ...rest }: ProjectRow): ProjectRecord {
  return { domainId, ...rest };
}

function toRow(record: Partial<Omit<ProjectRecord, 'id'>>): Record<string, unknown> {
  const { domainId, tags, extra, ...plain } = record;
  return {
    ...plain,
    ...(domainId === undefined ? {} : { domain_id: domainId }),
    ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
    ...(extra === undefined ? {} : { extra: JSON.stringify(extra) }),
  };
}

export async function listProjects(db: Executor, filter: ProjectFilter): Promise<ProjectRecord[]> {
  const { tags, tagsAny, notTags, notTagsAny, ...plain } = filter;
  const all = 'tags @> ?::jsonb';
  const any = 'exists (select from jsonb_array_elements_text(tags) tag where ?::jsonb @> to_jsonb(tag))';
  const query = db('identity_projects')
    .select(...columns)
    .where(toRow(plain))
    .orderBy('name');
  for (const [condition, wanted] of [
    [all, tags],
    [any, tagsAny],
    [`not ${all}`, notTags],
    [`not ${any}`, notTagsAny],
  ] as const) {
    if (wanted !== undefined) void query.whereRaw(condition, [JSON.stringify(wanted)]);
  }
  const rows: ProjectRow[] = await query;
  return rows.map(toRecord);
}

/** Enabled projects in which the user has a role: those it can log in to. */
export async function listProjectsOfUser(db: Executor, userId: string): Promise<ProjectRecord[]> {
  const rows: ProjectRow[] = await db('identity_projects')
    .select(...columns)
    .whereIn(
      'id',
      db('identity_assignments').where({ user_id: userId }).whereNotNull('project_id').select('project_id'),
    )
    .andWhere({ enabled: true })
    .orderBy('name');
  return rows.map(toRecord);
}

/** Throws `not_found` when there is none. */
export async function loadProject(db: Executor, id: string): Promise<ProjectRecord> {
  const row: ProjectRow | undefined = await db('identity_projects')
    .where({ id })
    .first(...columns);
  if (row === undefined) throw new ServiceError('not_found', `Could not find project: ${id}.`);
  return toRecord(row);
}

const nameTaken =
  'Conflict occurred attempting to store project - it is not permitted to have two projects with the same name in the same domain.';

export async function insertProject(db: Executor, project: ProjectRecord): Promise<ProjectRecord> {
  await refusingConflicts(nameTaken, `Could not find domain: ${project.domainId}.`, () =>
    db('identity_projects').insert({ id: project.id, ...toRow(project) }),
  );
  return project;
}

export type ProjectChange = Partial<Omit<ProjectRecord, 'id' | 'domainId'>>;

/** Applies the change (extras are merged, not replaced) and returns the project as it is now. */
export async function updateProject(db: Executor, id: string, change: ProjectChange): Promise<ProjectRecord> {
  const { extra, ...rest } = change;
  const patch = toRow(rest);
  if (extra !== undefined && Object.keys(extra).length > 0) {
    patch['extra'] = db.raw('extra || ?::jsonb', [JSON.stringify(extra)]);
  }
  if (Object.keys(patch).length > 0) {
    await refusingConflicts(nameTaken, 'Could not find the domain.', () =>
      db('identity_projects').where({ id }).update(patch),
    );
  }
  return loadProject(db, id);
}

export async function deleteProject(db: Executor, id: string): Promise<void> {
  const gone = await db('identity_projects').where({ id }).delete();
  if (gone === 0) throw new ServiceError('not_found', `Could not find project: ${id}.`);
}
