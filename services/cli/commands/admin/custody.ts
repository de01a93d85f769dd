// admin share adopt, admin rebuild: what lies on shares becomes volumes again. Both show what they would do, and do it only with --apply.
import { readFile } from 'node:fs/promises';
import { UsageError } from '../../cli-error.js';
import type { CommandResult, CommandRow, OptionSpec } from '../../command.js';
import type { CommandInput } from '../../command-input.js';
import { readAdoptionMap } from '../../custody/adoption-map.js';
import { type TakeOver, takeOver } from '../../custody/take-over.js';
import { rebuildLosses, takeOverText } from '../../custody/take-over-text.js';
import type { Session } from '../../session.js';
import { waitLimitMs } from '../../wait/wait-options.js';

const options: readonly OptionSpec[] = [
  { flags: '--apply', about: 'record it; without this nothing is changed' },
  { flags: '--project <id>', about: 'project of volumes of which none is known' },
  { flags: '--user <id>', about: 'user of volumes of which none is known' },
  { flags: '--type <name>', about: 'volume type of volumes of which none is known' },
  {
    flags: '--base-format <format>',
    about: 'format of single files whose beginning is a qcow2 header that nothing else explains',
    choices: ['raw', 'qcow2'],
  },
  { flags: '--json', about: 'everything, as JSON' },
  { flags: '--timeout <seconds>', about: 'longest wait for a scan (default 600)', integer: { min: 1, max: 86_400 } },
];

function baseFormatOf(input: CommandInput): 'raw' | 'qcow2' | undefined {
  const text = input.text('base-format');
  return text === 'raw' || text === 'qcow2' ? text : undefined;
}

function commonWish(input: CommandInput) {
  return {
    apply: input.flag('apply'),
    projectId: input.text('project'),
    userId: input.text('user'),
    type: input.text('type'),
    baseFormat: baseFormatOf(input),
    timeoutMs: waitLimitMs(input),
  };
}

/** What could not be recorded is a failure only when it was to be. */
function resultOf(input: CommandInput, results: readonly TakeOver[]): CommandResult {
  const failed = results.some(({ applied, refused, totals }) => applied && refused.length + totals.refused > 0);
  const text = input.flag('json')
    ? JSON.stringify(results.length === 1 ? results[0] : results, null, 2)
    : results.map(takeOverText).join('\n\n');
  return { kind: 'text', text, exitCode: failed ? 1 : 0 };
}

async function adoptShare(session: Session, input: CommandInput): Promise<CommandResult> {
  const files = await Promise.all(
    input.texts('map').map(async (name) => ({
      name,
      text: await readFile(name, 'utf8').catch((cause: unknown) => {
        throw new UsageError(`${name} cannot be read.`, 'Check the path given with --map.', { cause });
      }),
    })),
  );
  const login = await session.login();
  const wish = commonWish(input);
  const result = await takeOver(session, {
    ...wish,
    pool: input.need('pool'),
    map: readAdoptionMap(files),
    useRecords: input.flag('records'),
    projectId: wish.projectId ?? login.projectId ?? undefined,
    userId: wish.userId ?? login.userId,
  });
  return resultOf(input, [result]);
}

async function rebuild(session: Session, input: CommandInput): Promise<CommandResult> {
  const named = input.texts('pool');
  const pools =
    named.length > 0
      ? named
      : (await session.volume.get('/v3/scheduler-stats/get_pools', {})).pools.map(({ name }) => name);
  const results: TakeOver[] = [];
  for (const pool of pools) {
    results.push(await takeOver(session, { ...commonWish(input), pool, map: new Map(), useRecords: true }));
  }
  const result = resultOf(input, results);
  if (result.kind !== 'text' || input.flag('json')) return result;
  return { ...result, text: `${result.text}\n\n${rebuildLosses}` };
}

export const adminAdoptCommands: readonly CommandRow[] = [
  {
    path: 'admin share adopt',
    summary: 'Take over volumes that lie on a share, as a Cinder has left them (administrators)',
    args: [{ name: 'pool', about: 'host@backend#share as `volume backend pool list` shows it' }],
    options: [
      ...options,
      {
        flags: '--map <file>',
        about:
          'names, projects and types: JSON or CSV, by hand or dumped from Cinder’s tables volumes, snapshots, volume_types',
        repeat: true,
      },
      { flags: '--records', about: 'also believe the records that a Saggar has left beside the data' },
    ],
    example: 'saggar admin share adopt store1@gluster#10.0.0.1:/vols',
    output: 'text',
    run: adoptShare,
  },
];

export const adminRebuildCommands: readonly CommandRow[] = [
  {
    path: 'admin rebuild',
    summary: 'Bring volumes back from the shares into a database that was lost (administrators)',
    options: [...options, { flags: '--pool <pool>', about: 'only this one; default: all that report', repeat: true }],
    example: 'saggar admin rebuild --apply',
    output: 'text',
    run: rebuild,
  },
];
