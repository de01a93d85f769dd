// Every metric: its name, what it says, and its samples, made of the rows of this moment. The alerting rules under deploy/prometheus, and the
// runbook, name these and no others (a test holds them to it).
import type { PoolHealth } from '../../core/db/block-storage/pool-health.js';
import type { ServiceFigures } from '../../core/db/metrics/service-figures.js';
import { auditRules } from '../../core/domain/audit-rules.js';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

type PoolFigure = (pool: PoolHealth) => number | null | undefined;

/** One gauge per pool; a figure that nobody knows has no sample, which a rule can ask for with `absent`. */
const poolGauges: Readonly<Record<string, readonly [help: string, figure: PoolFigure]>> = {
  saggar_pool_up: [
    'Whether the pool can be used: its share is mounted and takes writes, and its worker is alive.',
    (pool) => Number(pool.state === 'up' && pool.fresh),
  ],
  saggar_pool_worker_up: ['Whether the worker of the pool was heard of within a minute.', (pool) => Number(pool.fresh)],
  saggar_pool_maintenance: [
    'Whether the pool is in maintenance, so that nothing new is placed there.',
    (pool) => Number(pool.maintenance_since !== null),
  ],
  saggar_pool_retired: ['Whether the shares file names the share no more.', (pool) => Number(pool.retired)],
  saggar_pool_total_bytes: ['Size of the file system behind the share, in bytes.', (pool) => pool.total_bytes],
  saggar_pool_free_bytes: ['Room that is left on the share, in bytes.', (pool) => pool.free_bytes],
  saggar_pool_provisioned_gib: ['Sizes of all volumes of the pool together, in GiB.', (pool) => pool.provisioned_gib],
  saggar_pool_volumes: ['Volumes of the pool.', (pool) => pool.volumes],
  saggar_pool_bricks: ['Bricks of the Gluster volume.', (pool) => pool.figures.bricks],
  saggar_pool_bricks_up: ['Bricks of the Gluster volume that run.', (pool) => pool.figures.bricksUp],
  saggar_pool_heal_pending: [
    'Entries that wait to be healed, without those in split brain.',
    (pool) => pool.figures.healPending,
  ],
  saggar_pool_split_brain: [
    'Entries whose copies contradict each other, so that reading them fails.',
    (pool) => pool.figures.splitBrain,
  ],
};

function poolMetric(pools: readonly PoolHealth[], name: string, help: string, figure: PoolFigure): Metric {
  const samples = pools.flatMap((pool): Sample[] => {
    const value = figure(pool);
    return typeof value === 'number' ? [{ labels: labelsOf(pool), value }] : [];
  });
  return { name, help, samples };
}

function labelsOf({ name, backend_host: backend, share }: PoolHealth): Record<string, string> {
  return { pool: name, backend, share };
}

/** Findings count by severity and code; the text of each is in `saggar admin share show`. */
function findingsOf(pools: readonly PoolHealth[]): Sample[] {
  return pools.flatMap((pool) => {
    const counts = new Map<string, Sample>();
    for (const { code, severity } of pool.findings) {
      const value = (counts.get(`${severity} ${code}`)?.value ?? 0) + 1;
      counts.set(`${severity} ${code}`, { labels: { ...labelsOf(pool), severity, code }, value });
    }
    return [...counts.values()];
  });
}

const unfinishedStates = ['pending', 'running', 'undoing', 'stuck'] as const;

export function metricsOf(pools: readonly PoolHealth[], figures: ServiceFigures): readonly Metric[] {
  return [
    ...Object.entries(poolGauges).map(([name, [help, figure]]) => poolMetric(pools, name, help, figure)),
    { name: 'saggar_pool_findings', help: 'What is wrong with the share, by code.', samples: findingsOf(pools) },
    {
      name: 'saggar_service_up',
      help: 'Whether the process was heard of within a minute.',
      samples: figures.services.map(({ binary, host, up }) => ({ labels: { binary, host }, value: Number(up) })),
    },
    {
      name: 'saggar_operations_unfinished',
      help: 'Operations that have not ended; a stuck one needs a person.',
      samples: unfinishedStates.map((state) => ({ labels: { state }, value: figures.operations[state] ?? 0 })),
    },
    {
      name: 'saggar_outbox_oldest_seconds',
      help: 'Age of the oldest command that the broker has not taken.',
      samples: [{ labels: {}, value: figures.outboxSeconds }],
    },
    {
      name: 'saggar_audit_findings',
      help: 'What the audit found and did not repair, by rule.',
      samples: [...auditRules].map(([rule, { severity }]) => ({
        labels: { rule, severity },
        value: figures.auditFindings[rule] ?? 0,
      })),
    },
    {
      name: 'saggar_audit_age_seconds',
      help: 'Time since the audit has looked at everything; none before the first look.',
      samples: figures.auditAgeSeconds === null ? [] : [{ labels: {}, value: figures.auditAgeSeconds }],
    },
  ];
}
