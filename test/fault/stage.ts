// Everything that a case plays on: a database, a broker, real daemons over a plain directory as share and a fake hypervisor, and
// the looks that a case takes at them. Servers are the lane's; the stage owns what it makes in them and ends its daemons.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { type Database, migrate, openDatabase } from '../../services/core/db/connection.js';
import type { FaultRule } from '../../services/core/runtime/fault-plan-file.js';
import { ruleKey } from '../../services/core/runtime/fault-points.js';
import { type FakeGlance, startFakeGlance } from '../harness/fake-glance.js';
import { readPatience } from '../harness/patience.js';
import type { Asked, Place } from '../integration/engine/requests.js';
import { SupervisedProcess } from './supervised-process.js';

const run = promisify(execFile);
const HOST = 'fault';
/** Between two looks at something awaited: short at first, longer the longer it takes, so that many who wait leave the processors to work. */
const FIRST_LOOK_MS = 10;
const LAST_LOOK_MS = 100;

export interface StageServers {
  readonly databaseUrl: string;
  readonly amqpUrl: string;
  /** After twice to three times as long the broker gives up a process that is silent. Default: the service's own. */
  readonly heartbeatSeconds?: number;
}

/** A planned fault that a process has met. */
export interface Fired {
  /** Of the machine's monotonic clock, which all processes share; process.hrtime.bigint(). */
  readonly atNs: bigint;
}

interface OperationEnd {
  readonly state: string;
  readonly step: string | null;
  readonly visited: readonly string[];
  readonly error: { readonly code: string } | null;
}

export class Stage {
  private constructor(
    readonly db: Database,
    readonly directory: string,
    readonly share: string,
    readonly place: Place,
    /** A second backend of the same worker, with a share of its own. */
    readonly other: { readonly share: string; readonly pool: string },
    /** Two of each: when a case kills one, the other goes on at once, as a cluster's would, while the first is started again. */
    readonly processes: readonly SupervisedProcess[],
    private readonly rules: readonly FaultRule[],
    /** The image service that the volume worker knows. */
    readonly glance: FakeGlance,
  ) {}

  /** Files that were put on the share by makeImage. */
  readonly outsiders = new Set<string>();

  /** Whether a process met the rule's point. */
  hasFired(rule: FaultRule): boolean {
    return this.firstFired(rule) !== null;
  }

  /** When a process met the rule's point first (`<key> <pid>.<monotonic ns>.<count>`, core/runtime/fault-points.ts). */
  firstFired(rule: FaultRule): Fired | null {
    const counters = path.join(this.directory, 'plan.json.counters');
    if (!existsSync(counters)) return null;
    const text = readFileSync(counters, 'utf8');
    const from = text.indexOf(`${ruleKey(rule, this.rules.indexOf(rule))} `);
    if (from < 0) return null;
    const [, arrival = ''] = text.slice(from, text.indexOf('\n', from)).split(' ');
    return { atNs: BigInt(arrival.split('.')[1] ?? '0') };
  }

  /** Lines of all processes' logs that have the text, e.g. an operation's id, parsed. */
  logLines(text: string): readonly Readonly<Record<string, unknown>>[] {
    const files = readdirSync(this.directory).filter((name) => name.endsWith('.log'));
    return files.flatMap((name) =>
      readFileSync(path.join(this.directory, name), 'utf8')
        .split('\n')
        .filter((line) => line.includes(text) && line.endsWith('}'))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    );
  }

  /** Starts the daemons with a plan of faults and returns when the share's pool is reported. `qemu`: with real guests. */
  static async open(
    { databaseUrl, amqpUrl, heartbeatSeconds }: StageServers,
    rules: readonly FaultRule[],
    hypervisor: 'fake' | 'qemu' = 'fake',
    flattensAtOnce = 0,
  ): Promise<Stage> {
    const directory = await mkdtemp(path.join(tmpdir(), 'saggar-fault-'));
    const share = path.join(directory, 'share');
    const otherShare = path.join(directory, 'other');
    const backups = path.join(directory, 'backups');
    for (const made of [share, otherShare, backups]) await mkdir(made);
    const db = openDatabase({ url: databaseUrl });
    await migrate(db);
    const faultPlan = path.join(directory, 'plan.json');
    await writeFile(faultPlan, JSON.stringify({ rules }));
    const ticketSecretFile = path.join(directory, 'ticket-secret');
    await writeFile(ticketSecretFile, randomUUID().repeat(2), { mode: 0o600 });
    const masterKeyFile = path.join(directory, 'master-key');
    await writeFile(masterKeyFile, randomUUID().repeat(2), { mode: 0o600 });
    const keyStore = { directory: path.join(directory, 'keys'), masterKeyFile };
    const glance = await startFakeGlance();
    const url = heartbeatSeconds === undefined ? amqpUrl : `${amqpUrl}?heartbeat=${heartbeatSeconds}`;
    const amqp = { url, prefix: `fault-${randomUUID().slice(0, 8)}` };
    const log = { level: process.env['SAGGAR_FAULT_LOG'] ?? 'info' };
    const configs = {
      conductor: {
        database: { url: databaseUrl },
        amqp,
        reconcileMs: 100,
        retryBaseMs: 3,
        custodySeconds: 0,
        auditSeconds: 0,
        flatten: { perPool: flattensAtOnce, ...(flattensAtOnce === 0 ? {} : { delaySeconds: 0 }) },
        log,
        faultPlan,
      },
      'volume-worker': {
        amqp,
        stateDirectory: path.join(directory, 'volume-worker'),
        keyStore,
        host: HOST,
        reportSeconds: 2,
        backups: { target: 'directory', directory: backups },
        glance: {
          url: glance.url,
          idleSeconds: 60,
          keystone: { authUrl: glance.url, service: { username: 'saggar', passwordFile: ticketSecretFile } },
        },
        backends: [
          {
            name: 'plain',
            driver: 'directory',
            volume_backend_name: 'plain',
            options: { saggar_directories: [share] },
          },
          {
            name: 'other',
            driver: 'directory',
            volume_backend_name: 'other',
            options: { saggar_directories: [otherShare], saggar_volume_format: 'raw' },
          },
        ],
        log,
        faultPlan,
      },
      'compute-worker': {
        amqp,
        stateDirectory: path.join(directory, 'compute-worker'),
        keyStore,
        host: HOST,
        hypervisor,
        listen: { host: '127.0.0.1', port: 0 },
        advertiseUrl: 'http://127.0.0.1:9',
        ticketSecretFile,
        reportSeconds: 2,
        log,
        faultPlan,
      },
    };
    const processes: SupervisedProcess[] = [];
    for (const name of ['conductor', 'volume-worker', 'compute-worker'] as const) {
      const configFile = path.join(directory, `${name}.yaml`);
      await writeFile(configFile, stringify(configs[name]), { mode: 0o600 });
      // A guest's monitor serves one client, so there is no standby beside the worker that has real guests.
      const copies = hypervisor === 'qemu' && name === 'compute-worker' ? ['a'] : ['a', 'b'];
      for (const copy of copies)
        processes.push(
          new SupervisedProcess({ name, configFile, logFile: path.join(directory, `${name}-${copy}.log`) }),
        );
    }
    const place = { pool: `${HOST}@plain#dir:${share}`, computeHost: HOST };
    const other = { share: otherShare, pool: `${HOST}@other#dir:${otherShare}` };
    const stage = new Stage(db, directory, share, place, other, processes, rules, glance);
    try {
      await Promise.all(processes.map((one) => one.start()));
      await stage.untilPoolsAreUp();
    } catch (error) {
      await stage.close(true);
      throw error;
    }
    return stage;
  }

  private async untilPoolsAreUp(): Promise<void> {
    const { db, place, other } = this;
    await this.until('the pools are reported', async () => {
      const pools: unknown[] = await db('pools').whereIn('name', [place.pool, other.pool]).where({ state: 'up' });
      return pools.length === 2;
    });
  }

  /** Ends the daemons; keeps the directory (logs, share) when asked to. */
  async close(keepDirectory: boolean): Promise<void> {
    await Promise.all(this.processes.map((one) => one.stop()));
    await this.glance.close();
    await this.db.destroy();
    if (!keepDirectory) await rm(this.directory, { recursive: true, force: true });
  }

  async until(what: string, condition: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
    const deadline = Date.now() + limitMs * readPatience();
    for (let waitMs = FIRST_LOOK_MS; !(await condition()); waitMs = Math.min(waitMs * 1.5, LAST_LOOK_MS)) {
      assert.ok(Date.now() < deadline, `not within ${limitMs * readPatience()} ms: ${what}`);
      await sleep(waitMs);
    }
  }

  async operation(id: string): Promise<OperationEnd> {
    const row: OperationEnd | undefined = await this.db('operations').where({ id }).first();
    assert.ok(row, `operation ${id}`);
    return row;
  }

  /** Waits for the operation's rest. */
  async restOf(operationId: string): Promise<OperationEnd> {
    let last = await this.operation(operationId);
    await this.until(`operation at rest, last seen ${last.state} ${last.step}`, async () => {
      last = await this.operation(operationId);
      return last.state === 'done' || last.state === 'failed';
    });
    return last;
  }

  /** For preparations: the operation must end well; answers the resource's id. */
  async ended({ id, operationId }: Asked): Promise<string> {
    const end = await this.restOf(operationId);
    assert.equal(end.state, 'done', `preparation failed: ${JSON.stringify(end.error)}`);
    return id;
  }

  /** Makes a qcow2 file on the share as an outsider would; with a backing file it is an overlay. Answers its name. */
  async makeImage(backingFile: string | null): Promise<string> {
    const name = backingFile === null ? `old-${randomUUID()}` : `${backingFile}.${randomUUID().slice(0, 8)}`;
    const backing = backingFile === null ? [] : ['-b', backingFile, '-F', 'qcow2'];
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', ...backing, path.join(this.share, name), '1G']);
    this.outsiders.add(name);
    return name;
  }

  get shares(): readonly string[] {
    return [this.share, this.other.share];
  }

  /** Names of the image files on both shares: neither Cinder's records nor the service's own folders. */
  async imageFiles(): Promise<string[]> {
    const names = (await Promise.all(this.shares.map((share) => readdir(share)))).flat();
    return names.filter((name) => !name.endsWith('.info') && !name.startsWith('.')).sort();
  }
}
