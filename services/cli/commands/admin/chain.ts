// admin chain tree, check: the image files behind a volume, for people and for scripts.
import type { components } from '../../../../api-spec/generated/admin.js';
import { CliError, UsageError } from '../../cli-error.js';
import type { CommandResult, CommandRow } from '../../command.js';
import type { CommandInput } from '../../command-input.js';
import { findingsText } from '../../output/findings-text.js';
import { readAllPages } from '../../resources/all-pages.js';
import { findVolume } from '../../resources/lookups.js';
import type { Session } from '../../session.js';
import { waitForStatus } from '../../wait/wait-for-status.js';
import { waitLimitMs, waitOptions } from '../../wait/wait-options.js';
import { volumeArgument } from '../volume-fields.js';
import { drawChain } from './chain-tree.js';

type Check = components['schemas']['ChainCheck'];

const timeout = {
  flags: '--timeout <seconds>',
  about: 'longest wait for a check (default 600)',
  integer: { min: 1, max: 86_400 },
};
const BATCH = 50;

const underWay: readonly string[] = ['pending', 'running', 'undoing', 'stuck'];

/** Waits for one check. A stuck one is an answer too: nobody else will end it soon. */
async function endOfCheck(session: Session, operationId: string, volumeId: string, timeoutMs: number): Promise<Check> {
  const look = async (): Promise<{ status: string; check: Check }> => {
    const { chain_check: check } = await session.admin.get('/v1/chain-checks/{operation_id}', {
      path: { operation_id: operationId },
    });
    return { status: check.state, check };
  };
  const seen = await waitForStatus(
    {
      what: `check of ${volumeId}`,
      look,
      done: ({ status }) => !underWay.includes(status) || status === 'stuck',
      pending: () => true,
      timeoutMs,
    },
    session.progress,
  );
  if (seen === null) throw new CliError(`The check of ${volumeId} is gone.`);
  return seen.check;
}

type Row = readonly [
  volume: string,
  severity: string,
  finding: string,
  file: string | null,
  what: string,
  cure: string,
];

function rowsOf(check: Check): Row[] {
  const { volume_id: id, state, error, findings } = check;
  const rows = findings.map(({ severity, code, file, text, cure }): Row => [id, severity, code, file, text, cure]);
  if (state === 'done') return rows;
  const [what, cure] =
    error === null
      ? ['the worker does not answer', `see "saggar admin operation show ${check.operation_id}"`]
      : [error.message, error.recovery];
  return [...rows, [id, 'error', 'not-checked', null, what, cure]];
}

async function volumesToCheck(session: Session, input: CommandInput): Promise<string[]> {
  const named = input.texts('volume');
  const pool = input.text('pool');
  const wide = input.flag('all') || pool !== undefined;
  if (wide === named.length > 0)
    throw new UsageError('Give volumes, or --all, or --pool.', 'See `saggar admin chain check --help`.');
  if (!wide) {
    const found: string[] = [];
    for (const name of named) found.push((await findVolume(session, name)).id);
    return found;
  }
  const volumes = await readAllPages(async (marker, limit) => {
    const query = { all_tenants: 1, host: pool, marker, limit };
    const page = await session.volume.get('/v3/volumes/detail', { query });
    return { items: page.volumes, more: page.volumes_links !== undefined };
  });
  // Without a host there are no files yet, or none any more.
  return volumes.filter((volume) => (volume['os-vol-host-attr:host'] ?? null) !== null).map(({ id }) => id);
}

async function checkBatch(session: Session, ids: readonly string[], timeoutMs: number): Promise<Row[]> {
  const body = { volume_ids: [...ids] as [string] };
  const { chain_checks: begun } = await session.admin.post('/v1/chain-checks', { body });
  const rows: Row[] = [];
  for (const { volume_id: id, operation_id: operation, refusal } of begun) {
    if (operation === null)
      rows.push([id, 'error', 'not-checked', null, refusal ?? '', 'see "saggar admin operation list"']);
    else rows.push(...rowsOf(await endOfCheck(session, operation, id, timeoutMs)));
  }
  return rows;
}

async function checkChains(session: Session, input: CommandInput): Promise<CommandResult> {
  const ids = await volumesToCheck(session, input);
  const rows: Row[] = [];
  for (let at = 0; at < ids.length; at += BATCH)
    rows.push(...(await checkBatch(session, ids.slice(at, at + BATCH), waitLimitMs(input))));
  const errors = input.flag('strict') ? rows : rows.filter(([, severity]) => severity === 'error');
  return {
    kind: 'many',
    columns: ['Volume', 'Severity', 'Finding', 'File', 'What', 'What To Do'],
    rows,
    reading:
      rows.length === 0
        ? `All witnesses agree: ${ids.length} volumes looked at.`
        : findingsText(
            rows.map(([id, severity, code, file, text, cure]) => ({
              ...{ subject: `volume ${id}`, severity, code, file, text, cure },
            })),
          ),
    exitCode: errors.length > 0 ? 1 : 0,
  };
}

async function drawTree(session: Session, input: CommandInput): Promise<CommandResult> {
  const { id } = await findVolume(session, input.need('volume'));
  if (input.flag('measure')) await checkBatch(session, [id], waitLimitMs(input));
  const { chain } = await session.admin.get('/v1/volumes/{volume_id}/chain', { path: { volume_id: id } });
  return { kind: 'text', text: input.flag('json') ? JSON.stringify(chain, null, 2) : drawChain(chain) };
}

/** Until no layer of the chain is another volume's. */
async function flattenVolume(session: Session, input: CommandInput): Promise<undefined> {
  const { id } = await findVolume(session, input.need('volume'));
  const path = { volume_id: id };
  await session.admin.post('/v1/volumes/{volume_id}/flatten', { path });
  if (!input.flag('wait')) return undefined;
  const look = async (): Promise<{ status: string; shared: boolean; failures: number; reason: string | null }> => {
    const { chain } = await session.admin.get('/v1/volumes/{volume_id}/chain', { path });
    const work = chain.operations.find(({ type }) => type === 'volume-flatten');
    const status = work === undefined ? 'waiting for its turn' : `${work.state} ${Math.round(work.progress)}%`;
    const { failures = 0, error = null } = chain.flatten ?? {};
    return { status, shared: chain.flatten !== null, failures, reason: error?.message ?? null };
  };
  const before = await look();
  let last = before;
  await waitForStatus(
    {
      what: `flatten of ${id}`,
      look: async () => {
        last = await look();
        return last;
      },
      done: ({ shared }) => !shared,
      pending: ({ failures }) => failures <= before.failures,
      reason: () => Promise.resolve(last.reason),
      timeoutMs: waitLimitMs(input),
    },
    session.progress,
  );
  return undefined;
}

export const adminChainCommands: readonly CommandRow[] = [
  {
    path: 'admin chain tree',
    summary: 'Draw the files behind a volume: layers, snapshots, sizes, who uses them (administrators)',
    details: [
      'The oldest layer is at the top, the one that is written to at the bottom. A snapshot’s data is',
      'everything above its line. Layers of other volumes are marked; they are shared, and never changed',
      'on behalf of this volume. The tree is what is on record: `admin chain check` says whether files',
      'and guest agree.',
    ],
    args: [volumeArgument],
    options: [
      { flags: '--measure', about: 'ask the share first what the files take' },
      { flags: '--json', about: 'as data, for scripts' },
      timeout,
    ],
    example: 'saggar admin chain tree data',
    moreExamples: ['saggar admin chain tree --measure data', 'saggar admin chain tree --json data'],
    output: 'text',
    run: drawTree,
  },
  {
    path: 'admin chain check',
    summary: 'Compare what is on record of volumes with their files and guests (administrators)',
    details: [
      'Four witnesses are compared: the record of the service, the headers of the image files, the file',
      '.info that Cinder’s drivers read, and the block graph of the guest that has the disk. Nothing is',
      'changed or repaired. Each difference is a row with what to do about it; no rows mean that all',
      'agree.',
      '',
      'Use it after a crash of a share, a worker or a host, before and after maintenance, and from a',
      'timer. A volume whose layers an operation is changing waits for that operation; see --timeout.',
      '',
      'Exit code 0: all agree (warnings do not count without --strict). 1: a difference, or a volume that',
      'could not be checked (finding not-checked). 2: the command line was wrong.',
    ],
    args: [{ ...volumeArgument, many: true, optional: true }],
    options: [
      { flags: '--all', about: 'all volumes of all projects', conflicts: ['pool'] },
      { flags: '--pool <pool>', about: 'all volumes on this pool' },
      { flags: '--strict', about: 'exit code 1 for warnings too' },
      timeout,
    ],
    example: 'saggar admin chain check data',
    moreExamples: [
      'saggar admin chain check --all -f json',
      'saggar admin chain check --pool store1@gluster#10.0.0.1:/vols',
    ],
    output: 'many',
    run: checkChains,
  },
  {
    path: 'admin chain flatten',
    summary: 'Make a volume independent of the one that it was copied from (administrators)',
    details: [
      'An instant copy shares the frozen layers of its source until they are copied into its own base,',
      'which happens by itself in the background. This puts the volume at the head of the queue.',
      'Contents, name and the snapshots of the volume stay as they are; it may be in use.',
    ],
    args: [volumeArgument],
    options: waitOptions,
    example: 'saggar admin chain flatten data',
    moreExamples: ['saggar admin chain flatten --wait --timeout 3600 data'],
    output: 'none',
    run: flattenVolume,
  },
];
