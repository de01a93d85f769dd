// Waits until a volume, snapshot, backup or server is as it should be. A client takes a second of processor time to start, so the waiting (and
// nothing but the waiting) asks the API itself; what users see is still read through their clients.
import assert from 'node:assert/strict';
import { waitFor } from '../../harness/wait-for.js';
import type { Watched } from './typed-command.js';

export interface ThingWatcher {
  /** `gone`: nothing has the name any more. An error status that is not the wanted one ends the wait at once. */
  becomes(what: Watched, name: string, status: string): Promise<void>;
}

interface Thing {
  readonly name: string | null;
  readonly status: string;
}

const WAIT_LIMIT_MS = 60_000;
const lists: Readonly<Record<Watched, readonly [path: string, key: string]>> = {
  volume: ['/volume/v3/volumes/detail?all_tenants=1', 'volumes'],
  snapshot: ['/volume/v3/snapshots/detail?all_tenants=1', 'snapshots'],
  backup: ['/volume/v3/backups/detail?all_tenants=1', 'backups'],
  server: ['/compute/v2.1/servers/detail?all_tenants=1', 'servers'],
};

/** With the variables that a client of the administrator gets; logs in at once. */
export async function openThingWatcher(env: Readonly<Record<string, string>>): Promise<ThingWatcher> {
  const authUrl = env['OS_AUTH_URL'] ?? '';
  const base = authUrl.replace(/\/identity\/v3$/, '');
  const domain = { id: 'default' };
  const answer = await fetch(`${authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: env['OS_USERNAME'], password: env['OS_PASSWORD'], domain } },
        },
        scope: { project: { name: env['OS_PROJECT_NAME'], domain } },
      },
    }),
  });
  assert.equal(answer.status, 201);
  const token = answer.headers.get('x-subject-token') ?? '';

  async function things(what: Watched, name: string): Promise<readonly Thing[]> {
    const [path, key] = lists[what];
    const listed = await fetch(`${base}${path}`, { headers: { 'x-auth-token': token } });
    const body = (await listed.json()) as Record<string, Thing[]>;
    return (body[key] ?? assert.fail(`${path}: ${listed.status}`)).filter((thing) => thing.name === name);
  }

  return {
    async becomes(what, name, status) {
      const settled = await waitFor(
        `${what} ${name} to become ${status}`,
        async () => {
          const seen = (await things(what, name)).map((thing) => thing.status);
          if (status === 'gone' ? seen.length === 0 : seen.includes(status)) return 'as wanted';
          // Asking again would only take time: this is an end, if not the wanted one.
          const wrong = seen.find((one) => /^error/i.test(one));
          return wrong === undefined ? false : `it is ${wrong}`;
        },
        { timeoutMs: WAIT_LIMIT_MS, intervalMs: 100 },
      );
      assert.equal(settled, 'as wanted', `${what} ${name} did not become ${status}`);
    },
  };
}
