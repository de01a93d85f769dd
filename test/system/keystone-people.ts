// The people of a private Keystone as the tests of the keystone mode need them, made through its HTTP API (the `openstack` client
// takes seconds for each call): a project with a member and a reader, another project, and the accounts of services.
import assert from 'node:assert/strict';
import type { PeerKeystone } from '../harness/peer-keystone.js';

export interface KeystoneAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: another program's JSON; a test fails when it is not what it reads
  readonly body: any;
}

export const domain = { id: 'default' } as const;

export async function askKeystone(
  keystone: PeerKeystone,
  method: string,
  path: string,
  { token, body, headers }: { token?: string; body?: unknown; headers?: Readonly<Record<string, string>> } = {},
): Promise<KeystoneAnswer> {
  const response = await fetch(`${keystone.url}/v3${path}`, {
    method,
    headers: {
      'Content-Type': 'application/json',
      ...(token === undefined ? {} : { 'X-Auth-Token': token }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

async function tokenFor(keystone: PeerKeystone, auth: object): Promise<string> {
  const answer = await askKeystone(keystone, 'POST', '/auth/tokens', { body: { auth } });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.headers.get('x-subject-token') ?? assert.fail('no token');
}

/** A token by password; users have their name as password, but for the administrator. */
export function logIn(keystone: PeerKeystone, name: string, project: string): Promise<string> {
  const password = name === 'admin' ? keystone.adminPassword : name;
  return tokenFor(keystone, {
    identity: { methods: ['password'], password: { user: { name, domain, password } } },
    scope: { project: { name: project, domain } },
  });
}

export function logInByCredential(keystone: PeerKeystone, id: string, secret: string): Promise<string> {
  return tokenFor(keystone, {
    identity: { methods: ['application_credential'], application_credential: { id, secret } },
  });
}

const accounts = [
  { name: 'ann', project: 'crew', role: 'member' },
  { name: 'rea', project: 'crew', role: 'reader' },
  { name: 'bob', project: 'others', role: 'member' },
  { name: 'saggar', project: 'service', role: 'service' },
  { name: 'nova', project: 'service', role: 'service' },
  { name: 'nobody', project: 'service', role: 'member' },
] as const;

export interface People {
  /** By project name. */
  readonly projects: ReadonlyMap<string, string>;
  /** By user name. */
  readonly users: ReadonlyMap<string, string>;
  /** By role name. */
  readonly roles: ReadonlyMap<string, string>;
}

/** Bootstrap gives the roles admin, member and reader; `service` came to it in a later version. */
export async function makePeople(keystone: PeerKeystone): Promise<People> {
  const token = await logIn(keystone, 'admin', 'admin');
  const listed = (await askKeystone(keystone, 'GET', '/roles', { token })).body.roles as { id: string; name: string }[];
  const roles = new Map(listed.map(({ id, name }) => [name, id]));
  const [projects, users] = [new Map<string, string>(), new Map<string, string>()];
  const make = async (path: string, kind: string, wish: object): Promise<string> => {
    const answer = await askKeystone(keystone, 'POST', path, { token, body: { [kind]: wish } });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body[kind].id as string;
  };
  for (const { name, project, role } of accounts) {
    if (!roles.has(role)) roles.set(role, await make('/roles', 'role', { name: role }));
    if (!projects.has(project))
      projects.set(project, await make('/projects', 'project', { name: project, domain_id: 'default' }));
    users.set(name, await make('/users', 'user', { name, password: name, domain_id: 'default' }));
    const grant = `/projects/${projects.get(project) ?? ''}/users/${users.get(name) ?? ''}/roles/${roles.get(role) ?? ''}`;
    assert.equal((await askKeystone(keystone, 'PUT', grant, { token })).status, 204);
  }
  return { projects, users, roles };
}
