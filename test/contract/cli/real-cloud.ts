// The APIs themselves for tests of the client: identity, block storage and compute behind the real shell on loopback, over a fresh
// database and the real engine. A world in memory stands for the workers and works all the time, so that `--wait` sees what it sees in
// a cloud: statuses that change while it looks.
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { defineAdminApi } from '../../../services/api/admin/definition.js';
import { createEmbeddedTokenValidator } from '../../../services/api/auth/token-validator.js';
import { defineBlockStorageApi } from '../../../services/api/block-storage/definition.js';
import { defineComputeApi } from '../../../services/api/compute/definition.js';
import { bootstrapIdentity } from '../../../services/api/identity/bootstrap.js';
import { defineIdentityApi } from '../../../services/api/identity/definition.js';
import { defineImageApi } from '../../../services/api/image/definition.js';
import { createApp } from '../../../services/api/server.js';
import { createApi } from '../../../services/api/shell/api.js';
import { type Database, openDatabase } from '../../../services/core/db/connection.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import { keepReporting, type ServiceReports } from '../../harness/service-reports.js';
import { Rig } from '../../integration/engine/rig.js';
import { insertPool } from '../block-storage/block-rig.js';
import { adminPassword, ticketSecret } from '../identity/api-rig.js';
import type { CliRun } from './recording-cloud.js';

/** One node that runs a volume worker with this backend, and a compute worker. */
export const node = 'node1';
export const backend = 'node1@gluster';
export const pools = [`${backend}#10.0.0.1:/vols`, `${backend}#10.0.0.1:/more`] as const;

export class RealCloud {
  readonly engine: Rig;
  private working = true;
  private readonly work: Promise<void>;
  private readonly reports: ServiceReports;

  private constructor(
    readonly database: Database,
    readonly url: string,
    private readonly server: http.Server,
    private readonly testDatabase: TestDatabase,
  ) {
    this.engine = new Rig(database);
    this.reports = keepReporting(database);
    this.work = this.keepWorking();
  }

  static async open(): Promise<RealCloud> {
    const testDatabase = await freshDatabase();
    const database = openDatabase({ url: testDatabase.url });
    await bootstrapIdentity(database, adminPassword);
    for (const pool of pools) await insertPool(database, pool);
    for (const binary of ['saggar-conductor', 'saggar-compute']) {
      await database('services').insert({ binary, host: node, zone: 'nova', updated_at: database.raw('utc_now()') });
    }
    let handler: http.RequestListener = (_, response) => response.writeHead(503).end();
    const server = http.createServer((request, response) => handler(request, response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    // The catalog carries the URL, and the port is known only now.
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const logger = pino({ level: process.env['SAGGAR_TEST_LOG'] ?? 'silent' });
    const validator = createEmbeddedTokenValidator(database, { cacheSeconds: 60, allowExpiredSeconds: 3600 });
    const apis = [
      defineIdentityApi({
        ...{ database, validator, identityUrl: `${url}/identity` },
        catalog: { publicUrl: url, region: 'RegionOne' },
        life: { tokenSeconds: 3600, allowExpiredSeconds: 3600 },
      }),
      defineBlockStorageApi({ database }),
      defineComputeApi({ database, ticketSecret }),
      defineImageApi({ database }),
      defineAdminApi({ database }),
    ].map((api) => ({ prefix: api.prefix, handler: createApi(api, { validator, logger, publicUrl: url }) }));
    handler = createApp({ apis, logger, checkHealth: () => Promise.resolve() });
    return new RealCloud(database, url, server, testDatabase);
  }

  /** The workers' and the conductor's part, again and again until the cloud closes. */
  private async keepWorking(): Promise<void> {
    while (this.working) {
      await this.engine.settle();
      await this.engine.flattenAll();
      await sleep(5);
    }
  }

  environment(user = 'admin', password = adminPassword, project = 'admin'): Record<string, string> {
    return {
      OS_AUTH_URL: `${this.url}/identity/v3`,
      OS_USERNAME: user,
      OS_PASSWORD: password,
      OS_PROJECT_NAME: project,
    };
  }

  /** Runs one command line; words with blanks go in double quotes. */
  async run(line: string, env: NodeJS.ProcessEnv = this.environment()): Promise<CliRun> {
    // Imported here: see recording-cloud.ts.
    const { runCli } = await import('../../../services/cli/run-cli.js');
    let [stdout, stderr] = ['', ''];
    const words = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
    const exitCode = await runCli(words, {
      env,
      stdout: {
        write: (text) => {
          stdout += text;
        },
      },
      stderr: {
        write: (text) => {
          stderr += text;
        },
      },
    });
    return { exitCode, stdout, stderr };
  }

  async close(): Promise<void> {
    this.working = false;
    await this.work;
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.reports.stop();
    await this.database.destroy();
    await this.testDatabase.drop();
    await closeOwnParts();
  }
}
