// The figures for a monitoring system: a report of a worker comes out as samples in Prometheus' text format, what is unknown has none, and the
// alerting rules and the runbook name no metric that does not exist.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import pino from 'pino';
import { parse } from 'yaml';
import { writeExposition } from '../../../services/api/metrics/exposition.js';
import { metricsOf } from '../../../services/api/metrics/metric-table.js';
import { type MetricsServer, startMetricsServer } from '../../../services/api/metrics/metrics-server.js';
import { storeRound } from '../../../services/core/db/audit/findings.js';
import { endRound, tryTakeRound } from '../../../services/core/db/audit/rounds.js';
import { storeReport } from '../../../services/core/db/conductor/reports.js';
import { type Database, openDatabase } from '../../../services/core/db/connection.js';
import { keyOf } from '../../../services/core/domain/audit.js';
import type { Report } from '../../../services/core/messages/envelope.js';
import { projectRoot } from '../../../services/core/runtime/spec-files.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';

/** As a volume worker of two shares sends it. */
function reportOf(pools: readonly Partial<Report['pools'][number]>[], shares: readonly string[]): Report {
  const service = {
    binary: 'saggar-volume' as const,
    host: 'host1@gluster',
    zone: 'nova',
    bootId: randomUUID(),
    url: 'http://127.0.0.1:1',
  };
  const capabilities = {
    ...{ volumeBackendName: 'gluster', vendorName: 'v', driverVersion: '1', storageProtocol: 'glusterfs' },
    ...{ reservedPercentage: 0, maxOverSubscriptionRatio: 20, thinProvisioning: true, thickProvisioning: false },
    ...{ volumeFormat: 'qcow2' as const, preallocation: 'off' as const },
  };
  const plain = { state: 'up' as const, totalBytes: 2 ** 40, freeBytes: 2 ** 39, findings: [], capabilities };
  const accessOf = (share: string) => ({
    share,
    glusterVolumeName: 'disks',
    directory: '',
    servers: [],
    mountOptions: null,
  });
  const full = pools.map((pool, index) => ({ access: accessOf(shares[index] ?? ''), ...plain, ...pool }));
  return { version: 1, kind: 'report', service, pools: full, servers: [] };
}

type Samples = ReadonlyMap<string, number>;

/** Lines of the page by name and labels. Demands that each has a value, and a type and a help before it. */
function parsePage(text: string): Samples {
  const samples = new Map<string, number>();
  const described = new Set<string>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const comment = /^# (?:HELP|TYPE) (\w+) (.+)$/.exec(line);
    if (comment !== null) {
      described.add(comment[1] ?? '');
      continue;
    }
    const sample = /^(\w+)(\{(?:\w+="(?:[^"\\]|\\.)*",?)+\})? (-?[0-9.e+]+)$/.exec(line);
    assert.ok(sample, line);
    assert.ok(described.has(sample[1] ?? ''), line);
    assert.ok(!samples.has(`${sample[1]}${sample[2] ?? ''}`), `twice: ${line}`);
    samples.set(`${sample[1]}${sample[2] ?? ''}`, Number(sample[3]));
  }
  return samples;
}

describe('figures for a monitoring system', function () {
  this.timeout(60_000);
  let testDatabase: TestDatabase;
  let database: Database;
  let server: MetricsServer;
  before(async () => {
    testDatabase = await freshDatabase();
    database = openDatabase({ url: testDatabase.url });
    server = await startMetricsServer(database, { host: '127.0.0.1', port: 0 }, pino({ level: 'silent' }));
  });
  after(async () => {
    await server.stop();
    await database.destroy();
    await testDatabase.drop();
    await closeOwnParts();
  });

  const ask = (name = '/metrics', method = 'GET') => fetch(`http://127.0.0.1:${server.port}${name}`, { method });

  it('are what the workers have reported', async () => {
    const error = { severity: 'error' as const, text: 't', cure: 'c' };
    const report = reportOf(
      [
        {
          figures: { bricks: 3, bricksUp: 2, healPending: 7, splitBrain: 1 },
          findings: [
            { code: 'heal.split-brain', ...error },
            { code: 'bricks.down', ...error, severity: 'warning' },
          ],
        },
        { state: 'down', totalBytes: null, freeBytes: null },
      ],
      ['10.0.0.1:/disks', '10.0.0.1:/"odd"'],
    );
    await database.transaction((tx) => storeReport(tx, report));
    const answer = await ask();
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    const samples = parsePage(await answer.text());
    const labels = (share: string) =>
      `pool="${report.service.host}#${share}",backend="${report.service.host}",share="${share}"`;
    const of = (name: string, share = '10.0.0.1:/disks', more = '') => samples.get(`${name}{${labels(share)}${more}}`);
    assert.deepEqual(
      ['up', 'worker_up', 'bricks', 'bricks_up', 'heal_pending', 'split_brain', 'maintenance', 'volumes'].map((one) =>
        of(`saggar_pool_${one}`),
      ),
      [1, 1, 3, 2, 7, 1, 0, 0],
    );
    assert.equal(of('saggar_pool_findings', undefined, ',severity="error",code="heal.split-brain"'), 1);
    assert.ok((of('saggar_pool_total_bytes') ?? 0) >= (of('saggar_pool_free_bytes') ?? 1));
    const odd = '10.0.0.1:/\\"odd\\"';
    assert.deepEqual(
      [of('saggar_pool_up', odd), of('saggar_pool_bricks', odd), of('saggar_pool_free_bytes', odd)],
      [0, undefined, undefined],
    );
    assert.equal(samples.get(`saggar_service_up{binary="saggar-volume",host="${report.service.host}"}`), 1);
    assert.equal(samples.get('saggar_operations_unfinished{state="stuck"}'), 0);
    assert.equal(samples.get('saggar_outbox_oldest_seconds'), 0);
  });

  it('say that a worker is silent, and count what is stuck', async () => {
    await database.raw(`update services set updated_at = utc_now() - interval '2 minutes'`);
    const samples = parsePage(await (await ask()).text());
    const silent = [...samples].filter(([name]) => /^saggar_(service_up|pool_up|pool_worker_up)/.test(name));
    assert.ok(silent.length >= 5);
    assert.ok(silent.every(([, value]) => value === 0));
  });

  it('are there alone: nothing else is answered, and no method but GET', async () => {
    for (const [name, method] of [
      ['/', 'GET'],
      ['/v3', 'GET'],
      ['/metrics', 'POST'],
      ['/metrics/x', 'GET'],
    ] as const)
      assert.equal((await ask(name, method)).status, 404, `${method} ${name}`);
  });

  it('count what the audit found and did not repair, and say when it looked', async () => {
    const round = await tryTakeRound(database, 'test', 0);
    assert.ok(round !== null);
    const found = { kind: 'volume' as const, id: 'v', file: null, text: 't' };
    const confirmed = [
      { ...found, rule: 'record-lost' as const },
      { ...found, rule: 'volume-abandoned' as const },
    ];
    const repaired = new Set([keyOf({ ...found, rule: 'volume-abandoned' })]);
    const coverage = { windows: new Map(), computeHosts: new Set<string>() };
    await database.transaction(async (tx) => {
      await storeRound(tx, round, { suspected: confirmed, confirmed, repaired, coverage });
      await endRound(tx, round, true);
    });
    const samples = parsePage(await (await ask()).text());
    assert.equal(samples.get('saggar_audit_findings{rule="record-lost",severity="error"}'), 1);
    assert.equal(samples.get('saggar_audit_findings{rule="volume-abandoned",severity="error"}'), 0);
    assert.ok((samples.get('saggar_audit_age_seconds') ?? -1) >= 0);
  });

  const nothing = { services: [], operations: {}, outboxSeconds: 0, auditFindings: {}, auditAgeSeconds: null };
  const known = new Set(metricsOf([], nothing).map(({ name }) => name));

  it('are named by the alerting rules and the runbook as they are', () => {
    const rules = readFileSync(path.join(projectRoot(), 'deploy', 'prometheus', 'saggar-alerts.yml'), 'utf8');
    const parsed = parse(rules) as { groups: { rules: { alert: string; expr: string; annotations: object }[] }[] };
    const alerts = parsed.groups.flatMap((group) => group.rules);
    assert.ok(alerts.length > 8);
    for (const { alert, expr, annotations } of alerts) {
      const used = expr.match(/saggar_\w+/g) ?? [];
      assert.ok(used.length > 0, alert);
      for (const name of used) assert.ok(known.has(name), `${alert}: ${name}`);
      assert.deepEqual(Object.keys(annotations), ['summary', 'description'], alert);
    }
    const runbook = readFileSync(path.join(projectRoot(), 'deploy', 'RUNBOOK.md'), 'utf8');
    const told = runbook.match(/`saggar_\w+`/g) ?? [];
    for (const name of told
      .map((one) => one.slice(1, -1))
      .filter((one) => /^saggar_(pool|service|operations|outbox|audit)_/.test(one)))
      assert.ok(known.has(name), name);
  });

  it('write labels so that no text can break a line', async () => {
    const text = await writeExposition([
      { name: 'saggar_x', help: 'h', samples: [{ labels: { share: 'a"b\\c\nd' }, value: 1 }] },
      { name: 'saggar_y', help: 'nothing', samples: [] },
    ]);
    assert.equal(text, '# HELP saggar_x h\n# TYPE saggar_x gauge\nsaggar_x{share="a\\"b\\\\c\\nd"} 1\n');
  });
});
