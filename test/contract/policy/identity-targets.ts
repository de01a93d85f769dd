// What the identity API's policy tests act on: ann's own (a token, a credential), and fresh users, projects, domains and roles.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Answer, ApiRig } from '../identity/api-rig.js';
import type { Ids } from './targets.js';
import type { TokenPeople } from './token-people.js';

export interface IdentityGround {
  readonly rig: ApiRig;
  readonly people: TokenPeople;
}

/** As the administrator. */
async function demand(ground: IdentityGround, method: string, path: string, body?: object): Promise<Answer> {
  const { rig, people } = ground;
  const answer = await rig.ask(method, `/identity/v3${path}`, {
    token: people.admin,
    ...(body === undefined ? {} : { body }),
  });
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}

type Kind = 'user' | 'project' | 'domain' | 'role';

async function fresh(ground: IdentityGround, kind: Kind, more: object = {}): Promise<Ids> {
  const body = { [kind]: { name: `policy-${randomUUID()}`, ...more } };
  const made = await demand(ground, 'POST', `/${kind}s`, body);
  return { [`${kind}_id`]: made.body[kind].id as string };
}

async function roleNamed(ground: IdentityGround, name: string): Promise<string> {
  return (await demand(ground, 'GET', `/roles?name=${name}`)).body.roles[0].id as string;
}

async function grantable(ground: IdentityGround): Promise<Ids> {
  const ids = { ...(await fresh(ground, 'user')), ...(await fresh(ground, 'project')) };
  return { ...ids, domain_id: 'default', role_id: await roleNamed(ground, 'member') };
}

async function granted(ground: IdentityGround, kind: 'projects' | 'domains'): Promise<Ids> {
  const ids = await grantable(ground);
  const scope = kind === 'projects' ? ids['project_id'] : 'default';
  await demand(ground, 'PUT', `/${kind}/${scope ?? ''}/users/${ids['user_id'] ?? ''}/roles/${ids['role_id'] ?? ''}`);
  return ids;
}

async function firstOf(ground: IdentityGround, kind: 'service' | 'endpoint' | 'region'): Promise<Ids> {
  const { body } = await demand(ground, 'GET', `/${kind}s`);
  return { [`${kind}_id`]: body[`${kind}s`][0].id as string };
}

export const identityTargets = {
  nothing: () => Promise.resolve({}),
  ann: ({ people }: IdentityGround) => Promise.resolve({ user_id: people.annId }),
  annsProject: ({ people }: IdentityGround) => Promise.resolve({ project_id: people.annProject }),
  /** Another one than those that ann's personas act with. */
  annsToken: async ({ rig }: IdentityGround) => ({ subject: await rig.login('ann', 'ann', 'project-a') }),
  async annsCredential({ rig, people }: IdentityGround) {
    const path = `/identity/v3/users/${people.annId}/application_credentials`;
    const body = { application_credential: { name: randomUUID() } };
    const made = await rig.ask('POST', path, { token: people.tokens.ann, body });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return { user_id: people.annId, application_credential_id: made.body.application_credential.id as string };
  },
  user: (ground: IdentityGround) => fresh(ground, 'user'),
  userWithPassword: (ground: IdentityGround) => fresh(ground, 'user', { password: 'the old one' }),
  project: (ground: IdentityGround) => fresh(ground, 'project'),
  domain: (ground: IdentityGround) => fresh(ground, 'domain'),
  disabledDomain: (ground: IdentityGround) => fresh(ground, 'domain', { enabled: false }),
  role: (ground: IdentityGround) => fresh(ground, 'role'),
  async impliedRole(ground: IdentityGround) {
    return { role_id: await roleNamed(ground, 'member'), implied_role_id: await roleNamed(ground, 'reader') };
  },
  grantable,
  grantedInProject: (ground: IdentityGround) => granted(ground, 'projects'),
  grantedInDomain: (ground: IdentityGround) => granted(ground, 'domains'),
  service: (ground: IdentityGround) => firstOf(ground, 'service'),
  endpoint: (ground: IdentityGround) => firstOf(ground, 'endpoint'),
  region: (ground: IdentityGround) => firstOf(ground, 'region'),
} as const satisfies Record<string, (ground: IdentityGround) => Promise<Ids>>;

export type IdentityTarget = keyof typeof identityTargets;
