// The questions to a Keystone, against a small server that answers as told: renewal, sharing, what counts as "away", TLS.
// What a real Keystone says is tested in test/system/keystone-mode.test.ts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import {
  createKeystoneValidator,
  type KeystoneValidator,
} from '../../../services/api/auth/keystone/keystone-validator.js';
import type { KeystoneConfig } from '../../../services/core/runtime/config-types.js';

const domain = { id: 'default', name: 'Default' };

function tokenBody(lifeMs: number): object {
  const now = Date.now();
  return {
    token: {
      user: { id: 'u1', name: 'ann', domain, password_expires_at: null },
      project: { id: 'p1', name: 'crew', domain },
      is_domain: false,
      roles: [{ id: 'r1', name: 'member', something: 'new' }],
      methods: ['password'],
      audit_ids: ['a', null],
      issued_at: new Date(now).toISOString(),
      expires_at: new Date(now + lifeMs).toISOString(),
    },
  };
}

/** What was asked, and what is answered: each row of `says` once, the last one for ever. */
class FakeKeystone {
  readonly asked: { method: string; url: string; headers: IncomingMessage['headers'] }[] = [];
  logins = 0;
  serviceLifeMs = 3_600_000;
  loginStatus = 201;
  says: (number | 'hang' | 'cut' | 'junk')[] = [200];

  answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    request.resume();
    if (method === 'POST') {
      this.logins += 1;
      response.writeHead(this.loginStatus, { 'X-Subject-Token': `service-${this.logins}` });
      response.end(JSON.stringify(tokenBody(this.serviceLifeMs)));
      return;
    }
    this.asked.push({ method, url, headers });
    const say = (this.says.length > 1 ? this.says.shift() : this.says[0]) ?? 200;
    if (say === 'hang') return;
    if (say === 'cut') request.socket.destroy();
    else if (say === 'junk') response.end('<html>');
    else response.writeHead(say).end(say === 200 ? JSON.stringify(tokenBody(3_600_000)) : '{"error":{}}');
  }
}

describe('keystone validator', () => {
  let directory: string;
  let fake: FakeKeystone;
  let server: Server;
  let validators: KeystoneValidator[];

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'saggar-keystone-'));
    writeFileSync(path.join(directory, 'password'), 'pw\n');
    fake = new FakeKeystone();
    validators = [];
    await listen(createServer((request, response) => fake.answer(request, response)));
  });
  afterEach(async () => {
    for (const validator of validators) validator.close();
    await close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function listen(made: Server): Promise<void> {
    server = made;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }

  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async function open(wish: Partial<KeystoneConfig> & { cacheSeconds?: number } = {}): Promise<KeystoneValidator> {
    const { cacheSeconds = 60, ...more } = wish;
    const config: KeystoneConfig = {
      authUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      publicAuthUrl: null,
      caFile: null,
      timeoutSeconds: 1,
      service: {
        ...{ username: 'saggar', passwordFile: path.join(directory, 'password'), userDomain: 'Default' },
        ...{ project: 'service', projectDomain: 'Default' },
        ...{ applicationCredentialId: null, applicationCredentialSecretFile: null },
      },
      ...more,
    };
    const validator = await createKeystoneValidator({ config, cacheSeconds, logger: pino({ level: 'silent' }) });
    validators.push(validator);
    return validator;
  }

  it('asks with its own token about the other, without the catalog, and reads the answer', async () => {
    const facts = await (await open()).validate('a-users-token');
    assert.deepEqual(
      [facts?.user.name, facts?.project?.id, facts?.roles, facts?.auditIds, facts?.applicationCredential],
      ['ann', 'p1', [{ id: 'r1', name: 'member' }], ['a'], null],
    );
    assert.ok((facts?.remainingMs ?? 0) > 3_590_000);
    const [asked] = fake.asked;
    assert.equal(asked?.url, '/v3/auth/tokens?nocatalog=1');
    assert.deepEqual(
      [asked?.headers['x-auth-token'], asked?.headers['x-subject-token']],
      ['service-1', 'a-users-token'],
    );
  });

  it('lets the Keystone judge expired tokens only where they are allowed', async () => {
    await (await open()).validate('a-users-token', { allowExpired: true });
    assert.equal(fake.asked[0]?.url, '/v3/auth/tokens?nocatalog=1&allow_expired=1');
  });

  it('logs in once for many questions at a time', async () => {
    const validator = await open();
    await Promise.all(Array.from({ length: 10 }, (_, index) => validator.validate(`token-number-${index}`)));
    assert.deepEqual([fake.logins, fake.asked.length], [1, 10]);
  });

  it('renews its own token before it ends, and when the Keystone no longer takes it, once', async () => {
    const validator = await open({ cacheSeconds: 0 });
    fake.says = [401, 200];
    assert.notEqual(await validator.validate('a-users-token'), null);
    assert.equal(fake.logins, 2);
    fake.says = [401];
    await assert.rejects(validator.validate('a-users-token'), { code: 'identity_offline' });
    assert.equal(fake.logins, 3);
    fake.serviceLifeMs = 0;
    fake.says = [200];
    await validator.validate('a-users-token');
    await validator.validate('a-users-token');
    assert.equal(fake.logins, 5, 'one that has no life left is never used again');
  });

  for (const [name, say] of [
    ['a token it does not know is refused', 404],
    ['500', 500],
    ['503', 503],
    ['429', 429],
    ['403, as to an account without the role', 403],
    ['no answer in time', 'hang'],
    ['a connection that is cut', 'cut'],
    ['something that is no JSON', 'junk'],
  ] as const) {
    it(`makes of ${name}: ${say === 404 ? 'no token' : 'away'}`, async () => {
      const validator = await open({ cacheSeconds: 0 });
      fake.says = [say];
      if (say === 404) assert.equal(await validator.validate('a-users-token'), null);
      else await assert.rejects(validator.validate('a-users-token'), { code: 'identity_offline' });
      fake.says = [200];
      assert.notEqual(await validator.validate('a-users-token'), null, 'and comes back by itself');
    });
  }

  it('does not try a refused account again at once', async () => {
    const validator = await open();
    fake.loginStatus = 401;
    for (let count = 0; count < 5; count += 1) {
      await assert.rejects(validator.validate('a-users-token'), { code: 'identity_offline' });
    }
    assert.equal(fake.logins, 1);
  });

  it('survives a kept connection that the other side closed', async () => {
    const validator = await open({ cacheSeconds: 0 });
    await validator.validate('a-users-token');
    server.closeIdleConnections();
    assert.notEqual(await validator.validate('a-users-token'), null);
  });

  it('spends no question on text that can be no token', async () => {
    const validator = await open();
    for (const junk of ['', 'short', 'with blank inside', 'ünicode-token', 'x'.repeat(8193)]) {
      assert.equal(await validator.validate(junk), null);
    }
    assert.equal(fake.logins + fake.asked.length, 0);
  });

  it('believes a Keystone over TLS only with the authority it was given', async () => {
    await close();
    const [key, certificate] = [path.join(directory, 'key.pem'), path.join(directory, 'ca.pem')];
    const argv = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const subject = ['-subj', '/CN=keystone', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', [...argv, ...subject, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    await listen(
      createSecureServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) =>
        fake.answer(request, response),
      ),
    );
    const authUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}/v3`;
    const trusting = await open({ authUrl, caFile: certificate });
    assert.notEqual(await trusting.validate('a-users-token'), null);
    const doubting = await open({ authUrl });
    await assert.rejects(doubting.validate('a-users-token'), { code: 'identity_offline' });
  });
});
