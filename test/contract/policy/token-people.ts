// Personas with real tokens of the embedded identity service, for the APIs whose tests run behind it: ann's project and its people, bob's
// project and its people, and tokens that name no project at all.
import assert from 'node:assert/strict';
import type { ApiRig } from '../identity/api-rig.js';

export const projectPeople = {
  reader: { project: 'project-a', role: 'reader' },
  ann: { project: 'project-a', role: 'member' },
  manager: { project: 'project-a', role: 'manager' },
  ownAdmin: { project: 'project-a', role: 'admin' },
  ownService: { project: 'project-a', role: 'service' },
  bobReader: { project: 'project-b', role: 'reader' },
  bob: { project: 'project-b', role: 'member' },
  bobAdmin: { project: 'project-b', role: 'admin' },
  service: { project: 'service', role: 'service' },
} as const;

type ProjectPerson = keyof typeof projectPeople;

/** Without a project: ann's own two, a program's that ann lent its roles to (which has one), and an administrator's of the domain. */
export type TokenPerson = ProjectPerson | 'annUnscoped' | 'annProgram' | 'bobUnscoped' | 'domainAdmin';

export interface TokenPeople {
  readonly tokens: Readonly<Record<TokenPerson, string>>;
  readonly annId: string;
  readonly bobId: string;
  readonly annProject: string;
  readonly bobProject: string;
  readonly admin: string;
}

async function loginForDomain(rig: ApiRig, name: string): Promise<string> {
  const domain = { id: 'default' };
  const identity = { methods: ['password'], password: { user: { name, domain, password: name } } };
  const body = { auth: { identity, scope: { domain } } };
  const answer = await rig.ask('POST', '/identity/v3/auth/tokens', { body });
  return answer.headers.get('x-subject-token') ?? assert.fail(`login of ${name} for the domain: ${answer.status}`);
}

/** Administrator of the default domain, and member of nothing. */
async function domainAdmin(rig: ApiRig, admin: string): Promise<string> {
  const body = { user: { name: 'domainAdmin', password: 'domainAdmin' } };
  const { id } = (await rig.ask('POST', '/identity/v3/users', { token: admin, body })).body.user as { id: string };
  const role = (await rig.ask('GET', '/identity/v3/roles?name=admin', { token: admin })).body.roles[0].id as string;
  const granted = await rig.ask('PUT', `/identity/v3/domains/default/users/${id}/roles/${role}`, { token: admin });
  assert.equal(granted.status, 204);
  return loginForDomain(rig, 'domainAdmin');
}

/** The token of an application credential with the maker's roles, which may not make or end others. */
export async function programOf(rig: ApiRig, userId: string, token: string): Promise<string> {
  const path = `/identity/v3/users/${userId}/application_credentials`;
  const made = await rig.ask('POST', path, { token, body: { application_credential: { name: 'program' } } });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { id, secret } = made.body.application_credential as { id: string; secret: string };
  const identity = { methods: ['application_credential'], application_credential: { id, secret } };
  const answer = await rig.ask('POST', '/identity/v3/auth/tokens', { body: { auth: { identity } } });
  return answer.headers.get('x-subject-token') ?? assert.fail(`login of the program: ${answer.status}`);
}

export async function meetPeople(rig: ApiRig): Promise<TokenPeople> {
  const made = new Map<ProjectPerson, { id: string; token: string; projectId: string }>();
  for (const name of Object.keys(projectPeople) as ProjectPerson[]) {
    made.set(name, await rig.newUser(name, projectPeople[name].project, projectPeople[name].role));
  }
  const of = (name: ProjectPerson) => made.get(name) ?? assert.fail(name);
  const admin = await rig.admin();
  const inProjects = Object.fromEntries([...made].map(([name, { token }]) => [name, token]));
  return {
    tokens: {
      ...(inProjects as Record<ProjectPerson, string>),
      annUnscoped: await rig.login('ann', 'ann', null),
      bobUnscoped: await rig.login('bob', 'bob', null),
      annProgram: await programOf(rig, of('ann').id, of('ann').token),
      domainAdmin: await domainAdmin(rig, admin),
    },
    ...{ annId: of('ann').id, bobId: of('bob').id },
    ...{ annProject: of('ann').projectId, bobProject: of('bob').projectId, admin },
  };
}
