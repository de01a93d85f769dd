// T-T01: who is at the other end. Broker, database and API over TLS are believed with a certificate of the right authority, for the right
// name, that is valid now; each of a wrong name, an expired one and a foreign authority ends the connection before a password is sent.
// The real broker and the real database are behind a TLS server of the test's own.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { type ApiService, startApiService } from '../../services/api/api-service.js';
import { connectBus } from '../../services/core/bus/connection.js';
import { openDatabase, openListener } from '../../services/core/db/connection.js';
import { parseConfig } from '../../services/core/runtime/config.js';
import { inertFaultPoint } from '../../services/core/runtime/fault-points.js';
import { loggerTo, silentLogger } from '../../services/core/runtime/logger.js';
import { Secret } from '../../services/core/runtime/secret.js';
import { type Authority, createAuthority, type ServerCertificate } from '../harness/certificates.js';
import {
  closeOwnParts,
  freshBroker,
  freshDatabase,
  privateDirectory,
  type TestBroker,
  type TestDatabase,
} from '../harness/environment.js';
import { waitFor } from '../harness/wait-for.js';

interface Behind {
  readonly port: number;
  /** Bytes that came through TLS. */
  readonly received: () => number;
  close(): Promise<void>;
}

type Upstream = () => Socket;

describe('T-T01 peers over TLS', function () {
  this.timeout(60_000);
  let directory: string;
  let ours: Authority;
  let foreign: Authority;
  let broker: TestBroker;
  let database: TestDatabase;
  const open: Behind[] = [];

  before(async () => {
    directory = privateDirectory();
    ours = createAuthority(directory, 'ours');
    foreign = createAuthority(directory, 'foreign');
    database = await freshDatabase();
    broker = await freshBroker();
    writeFileSync(path.join(directory, 'password'), 'first-password\n');
    writeFileSync(path.join(directory, 'ticket'), '0123456789abcdef0123456789abcdef');
  });
  afterEach(async () => {
    for (const behind of open.splice(0)) await behind.close();
  });
  after(async () => {
    await database.drop();
    await closeOwnParts();
    rmSync(directory, { recursive: true, force: true });
  });

  /** A TLS server before a plain one. `asks`: it speaks TLS only after PostgreSQL's request for it. */
  async function behind(certificate: ServerCertificate, upstream: Upstream, asks = false): Promise<Behind> {
    const sockets = new Set<Socket>();
    let received = 0;
    const secure = (raw: Socket): void => {
      const socket = new tls.TLSSocket(raw, {
        isServer: true,
        cert: readFileSync(certificate.certFile),
        key: readFileSync(certificate.keyFile),
      });
      const plain = upstream();
      for (const one of [socket, plain]) {
        sockets.add(one);
        one.on('error', () => undefined);
        one.once('close', () => {
          socket.destroy();
          plain.destroy();
        });
      }
      socket.on('data', (piece: Buffer) => {
        received += piece.length;
        plain.write(piece);
      });
      plain.pipe(socket);
    };
    const server = net.createServer((raw) => {
      sockets.add(raw);
      raw.on('error', () => undefined);
      if (!asks) return secure(raw);
      raw.once('readable', () => {
        raw.read(8);
        raw.write('S', () => secure(raw));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const made: Behind = {
      port: (server.address() as AddressInfo).port,
      received: () => received,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          for (const socket of sockets) socket.destroy();
        }),
    };
    open.push(made);
    return made;
  }

  /** What is wrong with a certificate for localhost, and the reason that is logged. */
  const wrong: Readonly<Record<string, { readonly issue: () => ServerCertificate; readonly reason: RegExp }>> = {
    'for another name': { issue: () => ours.issue('DNS:elsewhere.example'), reason: /ERR_TLS_CERT_ALTNAME_INVALID/ },
    'that has expired': { issue: () => ours.issue('DNS:localhost', -1), reason: /CERT_HAS_EXPIRED/ },
    'of a foreign authority': {
      issue: () => foreign.issue('DNS:localhost'),
      reason: /UNABLE_TO_VERIFY|SELF_SIGNED|CERT_SIGNATURE_FAILURE/,
    },
  };

  const toBroker: Upstream = () => {
    const { hostname, port } = new URL(broker.url);
    return net.connect(Number(port), hostname);
  };

  function amqps(port: number, host = 'localhost'): Secret {
    const url = new URL(broker.url);
    return new Secret(`amqps://${url.username}:${url.password}@${host}:${port}${url.pathname}`);
  }

  for (const [host, name] of [
    ['localhost', 'DNS:localhost'],
    ['127.0.0.1', 'IP:127.0.0.1'],
  ] as const) {
    it(`a broker is believed as ${host} with a certificate for it`, async () => {
      const { port } = await behind(ours.issue(name), toBroker);
      const options = { prefix: broker.prefix, name: 'tls', logger: silentLogger(), caFile: ours.caFile };
      const connection = connectBus({ ...options, url: amqps(port, host) });
      await connection.whenConnected(20_000).finally(() => connection.close());
    });
  }

  for (const [what, { issue, reason }] of Object.entries(wrong)) {
    it(`a broker with a certificate ${what} gets no password`, async () => {
      const { port, received } = await behind(issue(), toBroker);
      const lines: string[] = [];
      const logger = loggerTo({ write: (line: string) => void lines.push(line) }, 'test', 'info');
      const connection = connectBus({ url: amqps(port), prefix: 'x', name: 'tls', logger, caFile: ours.caFile });
      await waitFor('a line about the broker', () => lines.length > 0, { timeoutMs: 20_000 });
      assert.match(lines.join(''), reason);
      assert.equal(connection.state, 'connecting');
      await connection.close();
      assert.equal(received(), 0);
    });
  }

  const toDatabase: Upstream = () => {
    const folder = new URL(database.url).searchParams.get('host');
    return net.connect(path.join(String(folder), '.s.PGSQL.5432'));
  };

  function verified(port: number, host = 'localhost'): string {
    const { pathname, searchParams } = new URL(database.url);
    const user = searchParams.get('user') ?? 'saggar';
    return `postgresql://${user}@${host}:${port}${pathname}?sslmode=verify-full&sslrootcert=${ours.caFile}`;
  }

  for (const [host, name] of [
    ['localhost', 'DNS:localhost'],
    ['127.0.0.1', 'IP:127.0.0.1'],
  ] as const) {
    it(`a database is believed as ${host} with a certificate for it`, async () => {
      const { port } = await behind(ours.issue(name), toDatabase, true);
      const pool = openDatabase({ url: verified(port, host) });
      try {
        assert.equal((await pool.raw<{ rows: { one: number }[] }>('select 1 as one')).rows[0]?.one, 1);
      } finally {
        await pool.destroy();
      }
      const listener = openListener(verified(port, host));
      await listener.connect();
      await listener.end();
    });
  }

  for (const [what, { issue, reason }] of Object.entries(wrong)) {
    it(`a database with a certificate ${what} gets nothing`, async () => {
      const { port, received } = await behind(issue(), toDatabase, true);
      const pool = openDatabase({ url: verified(port) });
      const listener = openListener(verified(port));
      listener.on('error', () => undefined);
      const hasReason = (thrown: unknown): boolean => reason.test(String((thrown as { code?: unknown }).code));
      try {
        await assert.rejects(pool.raw('select 1'), hasReason);
        await assert.rejects(listener.connect(), hasReason);
      } finally {
        await pool.destroy();
      }
      assert.equal(received(), 0);
    });
  }

  async function startApi(certificate: ServerCertificate): Promise<ApiService> {
    const text = JSON.stringify({
      listen: { port: 0 },
      tls: certificate,
      publicUrl: 'https://localhost:1',
      database: { url: database.url },
      identity: { mode: 'embedded', adminPasswordFile: 'password' },
      ticketSecretFile: 'ticket',
    });
    const config = parseConfig('api', text, { source: 'api.yaml', directory, environment: {} });
    const signal = new AbortController().signal;
    const service = await startApiService({ config, logger: silentLogger(), signal, faultPoint: inertFaultPoint });
    assert.ok(service !== null);
    return service;
  }

  function askVersions(port: number): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const ca = readFileSync(ours.caFile);
      const request = httpsRequest({ host: 'localhost', port, path: '/volume/', ca, agent: false }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode));
      });
      request.once('error', reject);
      request.end();
    });
  }

  it('the API serves TLS with the certificate it was given', async () => {
    const service = await startApi(ours.issue('DNS:localhost'));
    try {
      assert.equal(await askVersions(service.port), 300);
    } finally {
      await service.stop();
    }
    const other = await startApi(foreign.issue('DNS:localhost'));
    try {
      await assert.rejects(askVersions(other.port), (thrown: NodeJS.ErrnoException) =>
        /CERT|VERIFY|SIGN/.test(thrown.code ?? ''),
      );
    } finally {
      await other.stop();
    }
  });

  it('nothing in a configuration or the environment switches the checks off', () => {
    const options = { source: 'conductor.yaml', directory, environment: {} };
    const text = (url: string): string => JSON.stringify({ database: { url }, amqp: { url: 'amqps://broker' } });
    for (const more of ['sslmode=no-verify', 'sslmode=require&uselibpqcompat=true'])
      assert.throws(
        () => parseConfig('conductor', text(`postgresql://db/x?${more}`), options),
        /must check the certificate/,
      );
    parseConfig('conductor', text('postgresql://db/x?sslmode=verify-full'), options);
  });
});
