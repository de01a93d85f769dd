// admin share list, show, maintain, resume: how the shares do, and taking one out of service without losing a disk.
import type { components } from '../../../../api-spec/generated/admin.js';
import type { CommandResult, CommandRow } from '../../command.js';
import type { CommandInput } from '../../command-input.js';
import { findingsText } from '../../output/findings-text.js';
import type { Session } from '../../session.js';

type Pool = components['schemas']['Pool'];
type Evacuation = components['schemas']['Evacuation'];

const GIB = 1024 ** 3;
const severities = ['error', 'warning', 'info'] as const;

function gibText(bytes: number | null): string {
  return bytes === null ? 'unknown' : (bytes / GIB).toFixed(1);
}

/** `up`, `down`, `up, maintenance`; what is heard of no more is `silent`. */
function stateText({ state, alive, maintenance, retired }: Pool): string {
  const words = [
    alive ? state : 'silent',
    ...(maintenance === null ? [] : ['maintenance']),
    ...(retired ? ['retired'] : []),
  ];
  return words.join(', ');
}

/** `1 error, 2 warning`; what is only good to know is not counted. */
function troubleText({ findings }: Pool): string {
  const counts = severities
    .filter((severity) => severity !== 'info')
    .map((severity) => ({ severity, count: findings.filter((one) => one.severity === severity).length }))
    .filter(({ count }) => count > 0);
  return counts.length === 0 ? 'none' : counts.map(({ severity, count }) => `${count} ${severity}`).join(', ');
}

async function listShares(session: Session, input: CommandInput): Promise<CommandResult> {
  const { pools } = await session.admin.get('/v1/pools', {});
  if (input.flag('findings')) {
    const found = pools.flatMap(({ name, findings }) => findings.map((one) => ({ ...one, subject: name })));
    return {
      kind: 'many',
      columns: ['Pool', 'Severity', 'Code', 'Finding', 'What To Do'],
      rows: found.map(({ subject, severity, code, text, cure }) => [subject, severity, code, text, cure]),
      reading: found.length === 0 ? `${pools.length} pools, no findings.` : findingsText(found),
    };
  }
  return {
    kind: 'many',
    columns: ['Pool', 'State', 'Trouble', 'Volumes', 'Promised GiB', 'Free GiB', 'Total GiB'],
    rows: pools.map((pool) => [
      pool.name,
      stateText(pool),
      troubleText(pool),
      pool.volumes,
      pool.promised_gib,
      gibText(pool.free_bytes),
      gibText(pool.total_bytes),
    ]),
  };
}

function evacuationFields(evacuation: Evacuation | null): Record<string, unknown> {
  if (evacuation === null) return {};
  const { total, gone, moving, waiting, volumes } = evacuation;
  const stays = volumes.filter(({ outlook }) => outlook === 'stays');
  return {
    evacuation: `${gone} of ${total} gone, ${moving} moving, ${waiting} waiting, ${stays.length} stay`,
    staying_volumes: stays.map(({ volume_id: id, reason }) => `${id}: ${reason ?? ''}`),
  };
}

function detailOf({ pool: all, evacuation }: components['schemas']['PoolAnswer']): CommandResult {
  const { findings, servers, maintenance, ...pool } = all;
  return {
    kind: 'one',
    fields: {
      ...pool,
      servers: servers.map(({ host, port }) => `${host}:${port}`),
      maintenance:
        maintenance === null ? null : `since ${maintenance.since}: ${maintenance.reason ?? 'no reason given'}`,
      findings: findings.map(({ severity, code, text, cure }) => `${severity} ${code}: ${text}. ${cure}`),
      ...evacuationFields(evacuation),
    },
  };
}

async function showShare(session: Session, input: CommandInput): Promise<CommandResult> {
  const path = { pool_name: input.need('pool') };
  return detailOf(await session.admin.get('/v1/pools/{pool_name}', { path }));
}

async function maintainShare(session: Session, input: CommandInput): Promise<CommandResult> {
  const path = { pool_name: input.need('pool') };
  const atOnce = input.flag('evacuate') ? (input.integer('at-once') ?? 2) : null;
  const maintenance = { reason: input.text('reason') ?? null, force: input.flag('force'), evacuate_at_once: atOnce };
  const answer = await session.admin.put('/v1/pools/{pool_name}/maintenance', { path, body: { maintenance } });
  return detailOf(answer);
}

const poolArgument = { name: 'pool', about: 'pool, as admin share list shows it' } as const;

export const adminShareCommands: readonly CommandRow[] = [
  {
    path: 'admin share list',
    summary: 'List shares, whether they do well and what room they have (administrators)',
    options: [{ flags: '--findings', about: 'one row for each finding, with what to do about it' }],
    example: 'saggar admin share list',
    moreExamples: ['saggar admin share list --findings'],
    output: 'many',
    run: listShares,
  },
  {
    path: 'admin share show',
    summary: 'Show a share: findings, maintenance, and how far it has been emptied (administrators)',
    args: [poolArgument],
    example: 'saggar admin share show store1@gluster#10.0.0.1:/vols',
    output: 'one',
    run: showShare,
  },
  {
    path: 'admin share maintain',
    summary: 'Take a share out of service: it gets no new volumes (administrators)',
    details: [
      'Volumes that are there go on. It is refused while files are healed, because a further server may',
      'hold the last good copy; --force does it all the same. With --evacuate the volumes move to other',
      'shares of the same worker, some at a time, with their snapshots and under running servers. Data of',
      'images, members of groups, and volumes that others than one server of ours have stay, and',
      '`admin share show` says so of each. Given again, it tries again what had failed.',
    ],
    args: [poolArgument],
    options: [
      { flags: '--reason <reason>', about: 'shown to other administrators' },
      { flags: '--force', about: 'also while files are healed' },
      { flags: '--evacuate', about: 'move its volumes away' },
      {
        flags: '--at-once <number>',
        about: 'so many moves at the same time (default 2)',
        integer: { min: 1, max: 100 },
      },
    ],
    example: 'saggar admin share maintain --reason disks store1@gluster#10.0.0.1:/vols',
    moreExamples: ['saggar admin share maintain --evacuate --at-once 4 store1@gluster#10.0.0.1:/vols'],
    output: 'one',
    run: maintainShare,
  },
  {
    path: 'admin share resume',
    summary: 'Put a share back into service (administrators)',
    details: ['An evacuation ends too; moves under way go on.'],
    args: [poolArgument],
    example: 'saggar admin share resume store1@gluster#10.0.0.1:/vols',
    output: 'none',
    run: async (session, input) => {
      await session.admin.delete('/v1/pools/{pool_name}/maintenance', { path: { pool_name: input.need('pool') } });
      return undefined;
    },
  },
];
