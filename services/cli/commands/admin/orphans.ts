// admin chain orphans: files on a share that no row explains, and their removal.
import type { components } from '../../../../api-spec/generated/admin.js';
import { CliError, UsageError } from '../../cli-error.js';
import type { CommandResult, CommandRow } from '../../command.js';
import type { CommandInput } from '../../command-input.js';
import { printable } from '../../output/value-text.js';
import type { Session } from '../../session.js';
import { waitForStatus } from '../../wait/wait-for-status.js';
import { waitLimitMs } from '../../wait/wait-options.js';
import { sizeText } from './chain-tree.js';

type Orphan = components['schemas']['Orphan'];

async function scanShare(session: Session, input: CommandInput): Promise<string> {
  const body = { share_scan: { pool: input.need('pool') } };
  const { share_scan: begun } = await session.admin.post('/v1/share-scans', { body });
  const look = async () => {
    const { share_scan: scan } = await session.admin.get('/v1/share-scans/{scan_id}', { path: { scan_id: begun.id } });
    return { status: scan.state, reason: scan.error?.message ?? null };
  };
  await waitForStatus(
    {
      what: 'scan of the share',
      look,
      done: ({ status }) => status === 'done',
      pending: ({ status }) => status === 'running',
      reason: async () => (await look()).reason,
      timeoutMs: waitLimitMs(input),
    },
    session.progress,
  );
  return begun.id;
}

async function readOrphans(session: Session, scanId: string): Promise<Orphan[]> {
  const found: Orphan[] = [];
  for (;;) {
    const query = { offset: found.length, limit: 1000 };
    const page = await session.admin.get('/v1/share-scans/{scan_id}/orphans', { path: { scan_id: scanId }, query });
    found.push(...page.orphans);
    if (page.orphans.length === 0 || found.length >= page.total) return found;
  }
}

async function remove(session: Session, scanId: string, files: string[], timeoutMs: number): Promise<void> {
  const path = { scan_id: scanId };
  const body = { files: files as [string] };
  const { orphan_removals: removals } = await session.admin.post('/v1/share-scans/{scan_id}/orphan-removals', {
    path,
    body,
  });
  for (const { operation_id: id } of removals) {
    const look = async () => {
      const { operation } = await session.admin.get('/v1/operations/{operation_id}', { path: { operation_id: id } });
      return { status: operation.state, reason: operation.error?.message ?? null };
    };
    const plan = {
      what: `removal ${id}`,
      look,
      done: ({ status }: { status: string }) => status === 'done',
      pending: ({ status }: { status: string }) => status !== 'failed' && status !== 'stuck',
      reason: async () => (await look()).reason,
      timeoutMs,
    };
    await waitForStatus(plan, session.progress);
  }
}

const BATCH = 100;

function outcomeOf({ kept_because: kept }: Orphan, removed: boolean): string {
  return kept ?? (removed ? '(in the trash)' : '');
}

/** Two lines for each file, and what can be done at the end. */
function readingOf(found: readonly Orphan[], removed: boolean): string {
  if (found.length === 0) return 'Every file that could be a volume is explained.';
  const files = found.map((one) => {
    const sizes = `${one.format}, ${sizeText(one.size_bytes)}, ${sizeText(one.allocated_bytes)} allocated`;
    const outcome = outcomeOf(one, removed) || 'can be removed';
    return `${printable(one.file, true)}\n  ${sizes}, changed ${one.modified_at.slice(0, 16)}\n  ${outcome}`;
  });
  const removable = found.filter((one) => one.removable).length;
  const end = removed
    ? `${removable} of ${found.length} files are in the trash of the share, for a week.`
    : `${removable} of ${found.length} files can be removed: --remove --yes moves them to the trash of the share.`;
  return `${files.join('\n')}\n\n${end}`;
}

async function orphans(session: Session, input: CommandInput): Promise<CommandResult> {
  const scanId = await scanShare(session, input);
  const found = await readOrphans(session, scanId);
  const removable = found.filter((one) => one.removable).map(({ file }) => file);
  if (input.flag('remove')) {
    if (!input.flag('yes') && removable.length > 0)
      throw new UsageError(
        `This moves ${removable.length} files to the trash of the share.`,
        'Look at the list without --remove, then repeat with --yes.',
      );
    for (let at = 0; at < removable.length; at += BATCH)
      await remove(session, scanId, removable.slice(at, at + BATCH), waitLimitMs(input));
  } else if (input.flag('yes')) throw new CliError('--yes says nothing without --remove.');
  return {
    kind: 'many',
    columns: [
      'File',
      'Format',
      'Size',
      'Allocated',
      'Changed',
      input.flag('remove') ? 'Kept Because' : 'Cannot Be Removed',
    ],
    rows: found.map((one) => [
      one.file,
      one.format,
      sizeText(one.size_bytes),
      sizeText(one.allocated_bytes),
      one.modified_at.slice(0, 16),
      outcomeOf(one, input.flag('remove')),
    ]),
    reading: readingOf(found, input.flag('remove')),
  };
}

export const adminOrphanCommands: readonly CommandRow[] = [
  {
    path: 'admin chain orphans',
    summary: 'List files of a share that no volume explains, and move them to the trash (administrators)',
    details: [
      'The share is scanned first. A file is kept, and the list says why, when a record beside it names',
      'its volume (the database may be wrong: see `admin rebuild`), when another file stands on it, when',
      'it was changed within the last hour, or when its name is none of ours. Before anything is moved,',
      'every header of the share is read again. Files stay in .saggar/trash of the share for a week.',
    ],
    args: [{ name: 'pool', about: 'host@backend#share as `volume backend pool list` shows it' }],
    options: [
      { flags: '--remove', about: 'move all that can be removed to the trash; needs --yes' },
      { flags: '--yes', about: 'the list was looked at' },
      {
        flags: '--timeout <seconds>',
        about: 'longest wait for the scan (default 600)',
        integer: { min: 1, max: 86_400 },
      },
    ],
    example: 'saggar admin chain orphans store1@gluster#10.0.0.1:/vols',
    moreExamples: ['saggar admin chain orphans --remove --yes store1@gluster#10.0.0.1:/vols'],
    output: 'many',
    run: orphans,
  },
];
