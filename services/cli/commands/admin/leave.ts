// admin leave: every volume of a share or a project as a plain file with a text that says what it is, so that people can walk away. Shows what it
// would do, and does it with --apply. Nothing of the original is changed; what is there already is not copied again.
import type { components } from '../../../../api-spec/generated/admin.js';
import { CliError, UsageError } from '../../cli-error.js';
import type { CommandResult, CommandRow } from '../../command.js';
import type { CommandInput } from '../../command-input.js';
import { readAllPages } from '../../resources/all-pages.js';
import { findProject, type Snapshot, type Volume } from '../../resources/lookups.js';
import type { Session } from '../../session.js';
import { waitForStatus } from '../../wait/wait-for-status.js';
import { waitForSnapshot } from '../../wait/wait-for-volume.js';
import { waitLimitMs } from '../../wait/wait-options.js';

type ExportWish = components['schemas']['ExportWish'];

/** One file to be. */
interface Item {
  readonly volume: Volume;
  readonly snapshot: Snapshot | null;
  readonly deed: 'copy' | 'stays' | 'copy of a moment' | 'refused';
  readonly why: string;
  /** It is encrypted, and the file is not. */
  readonly decrypted: boolean;
}

const encryptedWhy = 'encrypted: the file would be plain; give --decrypt';

async function readVolumes(session: Session, input: CommandInput): Promise<readonly Volume[]> {
  const [pool, project] = [input.text('share'), input.text('project')];
  if ((pool === undefined) === (project === undefined))
    throw new UsageError('Give --share or --project.', 'See `saggar admin leave --help`.');
  const projectId = project === undefined ? undefined : (await findProject(session, project)).id;
  return readAllPages(async (marker, limit) => {
    const query = { all_tenants: 1, host: pool, project_id: projectId, marker, limit };
    const page = await session.volume.get('/v3/volumes/detail', { query });
    return { items: page.volumes, more: page.volumes_links !== undefined };
  });
}

async function snapshotsOf(session: Session, volumeId: string): Promise<readonly Snapshot[]> {
  return readAllPages(async (marker, limit) => {
    const query = { all_tenants: 1, volume_id: volumeId, marker, limit };
    const page = await session.volume.get('/v3/snapshots/detail', { query });
    return { items: page.snapshots, more: page.snapshots_links !== undefined };
  });
}

function formatOf(input: CommandInput): 'raw' | 'qcow2' | undefined {
  const format = input.text('image-format');
  return format === 'raw' || format === 'qcow2' ? format : undefined;
}

async function planVolume(session: Session, input: CommandInput, volume: Volume): Promise<Item> {
  const decrypted = volume.encrypted;
  const item = { volume, snapshot: null, decrypted };
  if (decrypted && !input.flag('decrypt')) return { ...item, deed: 'refused', why: encryptedWhy };
  const { chain } = await session.admin.get('/v1/volumes/{volume_id}/chain', { path: { volume_id: volume.id } });
  const [only, ...more] = chain.layers;
  if (only === undefined) return { ...item, deed: 'refused', why: 'it has no files' };
  if (chain.attachments.length > 0) {
    if (input.flag('live')) return { ...item, deed: 'copy of a moment', why: 'attached' };
    return { ...item, deed: 'refused', why: 'attached: detach it, or give --live' };
  }
  if (volume.status !== 'available') return { ...item, deed: 'refused', why: `it is ${volume.status}` };
  const wanted = formatOf(input);
  if (decrypted) return { ...item, deed: 'copy', why: 'encrypted: the file is plain' };
  const isPlain = more.length === 0 && !only.foreign && (wanted === undefined || wanted === only.format);
  return isPlain
    ? { ...item, deed: 'stays', why: 'one plain file already' }
    : { ...item, deed: 'copy', why: `${chain.layers.length} layers` };
}

function planSnapshot(input: CommandInput, volume: Volume, snapshot: Snapshot): Item {
  const decrypted = volume.encrypted;
  const item = { volume, snapshot, decrypted };
  if (decrypted && !input.flag('decrypt')) return { ...item, deed: 'refused', why: encryptedWhy };
  if (snapshot.status !== 'available') return { ...item, deed: 'refused', why: `it is ${snapshot.status}` };
  return { ...item, deed: 'copy', why: decrypted ? 'snapshot, encrypted: the file is plain' : 'snapshot' };
}

async function planAll(session: Session, input: CommandInput): Promise<Item[]> {
  const items: Item[] = [];
  for (const volume of await readVolumes(session, input)) {
    items.push(await planVolume(session, input, volume));
    if (!input.flag('snapshots')) continue;
    for (const snapshot of await snapshotsOf(session, volume.id)) {
      items.push(planSnapshot(input, volume, snapshot));
    }
  }
  return items;
}

/** Relative to the share. */
async function doExport(session: Session, wish: ExportWish, timeoutMs: number): Promise<string> {
  const { volume_export: begun } = await session.admin.post('/v1/volume-exports', { body: wish });
  const look = async () => {
    const path = { operation_id: begun.operation_id };
    const { operation } = await session.admin.get('/v1/operations/{operation_id}', { path });
    return { status: operation.state, percent: operation.progress, reason: operation.error?.message ?? null };
  };
  await waitForStatus(
    {
      what: `export of ${wish.snapshot_id ?? wish.volume_id}`,
      look,
      done: ({ status }) => status === 'done',
      pending: ({ status }) => !['failed', 'stuck'].includes(status),
      reason: async () => (await look()).reason,
      timeoutMs,
    },
    session.progress,
  );
  return begun.file;
}

/** A snapshot that is made for the export and deleted after it, whatever came of it. */
async function exportMoment(session: Session, input: CommandInput, wish: ExportWish): Promise<string> {
  const body = { snapshot: { volume_id: wish.volume_id, name: `for ${wish.directory}` } };
  const { snapshot } = await session.volume.post('/v3/snapshots', { body });
  try {
    await waitForSnapshot(session, input, snapshot, false);
    return await doExport(session, { ...wish, snapshot_id: snapshot.id }, waitLimitMs(input));
  } finally {
    await session.volume.delete('/v3/snapshots/{snapshot_id}', { path: { snapshot_id: snapshot.id } });
  }
}

async function carryOut(
  session: Session,
  input: CommandInput,
  { volume, snapshot, deed, decrypted }: Item,
  directory: string,
): Promise<string> {
  const format = formatOf(input);
  const checksum = input.flag('no-checksum') ? { checksum: false } : {};
  const wish: ExportWish = {
    volume_id: volume.id,
    directory,
    ...checksum,
    ...(decrypted ? { decrypt: true } : {}),
    ...(format === undefined ? {} : { format }),
  };
  if (deed === 'copy of a moment') return exportMoment(session, input, wish);
  return doExport(session, snapshot === null ? wish : { ...wish, snapshot_id: snapshot.id }, waitLimitMs(input));
}

async function leave(session: Session, input: CommandInput): Promise<CommandResult> {
  const directory = input.text('to') ?? `leave-${new Date().toISOString().slice(0, 10)}`;
  if (!/^leave-[A-Za-z0-9-]{1,64}$/.test(directory))
    throw new UsageError('--to is leave-... with letters, digits and dashes.');
  const items = await planAll(session, input);
  const results: (readonly [string, number])[] = [];
  for (const item of items) {
    const apply = input.flag('apply') && item.deed !== 'refused';
    if (!apply) results.push([item.why, item.deed === 'refused' ? 1 : 0]);
    else
      results.push(
        await carryOut(session, input, item, directory).then(
          (file) => [file, 0] as const,
          (thrown: unknown) => {
            if (thrown instanceof CliError) return [thrown.message, 1] as const;
            throw thrown;
          },
        ),
      );
  }
  return {
    kind: 'many',
    columns: ['Volume', 'Snapshot', 'Name', 'Size', 'Deed', input.flag('apply') ? 'File' : 'Why'],
    rows: items.map(({ volume, snapshot, deed, decrypted }, index) => [
      volume.id,
      snapshot?.id ?? null,
      (snapshot ?? volume).name ?? '',
      (snapshot ?? volume).size,
      decrypted && deed !== 'refused' ? `${deed}, decrypted` : deed,
      results[index]?.[0] ?? '',
    ]),
    exitCode: results.some(([, failed]) => failed > 0) ? 1 : 0,
  };
}

export const adminLeaveCommands: readonly CommandRow[] = [
  {
    path: 'admin leave',
    summary: 'Make plain files of volumes, to walk away with (administrators)',
    details: [
      'Each volume becomes one plain file in a directory on its own share, and beside it a JSON text with',
      'id, name, project, size, format, metadata and what it is a copy of. A volume that is one plain',
      'file already stays where it is; its text names it. All texts together are in manifest.jsonl of the',
      'directory, one a line; `sha256sum -c SHA256SUMS`, asked in the directory, checks the files.',
      'Without --apply nothing is done but shown.',
      'Nothing of the original is changed or removed.',
      '',
      'It can be interrupted and repeated with the same --to: what is complete is not copied again.',
      'Sparse files stay sparse. An attached volume is refused, or, with --live, copied as it was at one',
      'moment. Exit code 1: something was refused or failed; the list says what.',
      'An encrypted volume is refused, or, with --decrypt, becomes a plain file, and its text says so:',
      'whoever can read the share can read it from then on.',
    ],
    options: [
      { flags: '--share <pool>', about: 'all volumes of this pool', conflicts: ['project'] },
      { flags: '--project <project>', about: 'all volumes of this project (name or ID)' },
      { flags: '--to <directory>', about: 'directory on the share, leave-...; with the date of today by default' },
      {
        flags: '--image-format <format>',
        about: 'raw or qcow2; keep (default): as it is, layers become one qcow2',
        choices: ['raw', 'qcow2', 'keep'],
      },
      { flags: '--snapshots', about: 'each snapshot as a file of its own, too' },
      { flags: '--live', about: 'attached volumes as of a moment, by a snapshot that is deleted afterwards' },
      { flags: '--decrypt', about: 'encrypted volumes too, as plain files' },
      { flags: '--no-checksum', about: 'do not read files that stay where they are; copies are always hashed' },
      { flags: '--apply', about: 'do it' },
      {
        flags: '--timeout <seconds>',
        about: 'longest wait for one file (default 600)',
        integer: { min: 1, max: 86_400 },
      },
    ],
    example: 'saggar admin leave --share store1@gluster#10.0.0.1:/vols',
    moreExamples: [
      'saggar admin leave --project demo --to leave-demo --image-format raw --snapshots --apply --timeout 86400',
    ],
    output: 'many',
    run: leave,
  },
];
