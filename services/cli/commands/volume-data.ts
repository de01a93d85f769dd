// volume upload, volume download: a disk from and to a local file. The bytes go straight to the volume worker that has the share; the URL and
// the ticket for it come from the block-storage API.
import { open, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { CliError, UsageError } from '../cli-error.js';
import type { CommandRow, OneResult } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { downloadFile, uploadFile } from '../http/data-transfer.js';
import { givenOnly } from '../resources/given-only.js';
import { findSnapshot, findVolume } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { waitForVolume } from '../wait/wait-for-volume.js';
import { waitLimitMs, waitOptions } from '../wait/wait-options.js';
import { resourceFields } from './volume-fields.js';

const GIB = 1024 ** 3;
const formats = ['raw', 'qcow2'] as const;
type DiskFormat = (typeof formats)[number];

interface LocalDisk {
  readonly bytes: number;
  readonly format: DiskFormat;
  readonly virtualBytes: number;
}

function diskFormat(input: CommandInput): DiskFormat | undefined {
  return formats.find((one) => one === input.text('disk-format'));
}

/** Reads the first bytes. The service looks for itself; this is only so that nobody has to type what the file says. */
async function inspectDisk(file: string, said: DiskFormat | undefined): Promise<LocalDisk> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`${file} cannot be read: ${error.code ?? error.message}.`);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new CliError(`${file} is no regular file.`, 'Copy the device to a file first.');
    if (stats.size === 0) throw new CliError(`${file} is empty.`);
    const head = Buffer.alloc(32);
    await handle.read(head, 0, 32, 0);
    const isQcow2 = head.readUInt32BE(0) === 0x514649fb;
    const format = said ?? (isQcow2 ? 'qcow2' : 'raw');
    const virtualBytes = format === 'qcow2' && isQcow2 ? Number(head.readBigUInt64BE(24)) : stats.size;
    return { bytes: stats.size, format, virtualBytes };
  } finally {
    await handle.close();
  }
}

/** The URL while the transfer is on; its failure as an error. */
async function currentUrl(session: Session, id: string): Promise<string | null> {
  const path = { data_transfer_id: id };
  const { data_transfer: seen } = await session.volume.get('/v3/saggar/data-transfers/{data_transfer_id}', { path });
  if (seen.status === 'failed') throw new CliError(seen.error?.message ?? 'The transfer failed.');
  if (seen.status === 'done') throw new CliError('The transfer is over.', 'Begin it again.');
  return seen.url;
}

async function upload(session: Session, input: CommandInput): Promise<OneResult> {
  const file = input.need('file');
  const disk = await inspectDisk(file, diskFormat(input));
  const volume_upload = {
    size: input.integer('size') ?? Math.max(1, Math.ceil(disk.virtualBytes / GIB)),
    disk_format: disk.format,
    bytes: disk.bytes,
    ...givenOnly({
      name: input.text('name'),
      description: input.text('description'),
      volume_type: input.text('type'),
      availability_zone: input.text('availability-zone'),
      metadata: input.texts('property').length === 0 ? undefined : input.pairs('property'),
    }),
  };
  const { volume_upload: opened } = await session.volume.post('/v3/saggar/volume-uploads', { body: { volume_upload } });
  await uploadFile(file, disk.bytes, {
    url: () => currentUrl(session, opened.id),
    ticket: opened.ticket,
    tls: await session.tls(),
    progress: session.progress,
    openWithinMs: waitLimitMs(input),
  });
  const volume = { id: opened.volume_id, name: input.text('name') ?? null };
  const made = await waitForVolume(session, input, volume, ['available']);
  if (made === null) throw new CliError('The volume is gone.', 'Somebody deleted it.');
  return resourceFields(made);
}

interface Source {
  readonly of: { readonly volume_id: string } | { readonly snapshot_id: string };
  readonly file: string;
}

async function sourceOf(session: Session, input: CommandInput): Promise<Source> {
  const snapshot = input.text('snapshot');
  const first = input.need('volume');
  const second = input.text('file');
  if (snapshot !== undefined) {
    if (second !== undefined) throw new UsageError('Give a volume or --snapshot, and one file.');
    return { of: { snapshot_id: (await findSnapshot(session, snapshot)).id }, file: first };
  }
  if (second === undefined) throw new UsageError('The file to write is missing.');
  return { of: { volume_id: (await findVolume(session, first)).id }, file: second };
}

async function download(session: Session, input: CommandInput): Promise<OneResult> {
  const { of, file } = await sourceOf(session, input);
  const there = await stat(file).catch(() => null);
  if (there !== null && !input.flag('force')) throw new CliError(`${file} exists.`, 'Replace it with --force.');
  if (there !== null && !there.isFile()) throw new CliError(`${file} is no regular file.`);
  const disk_format = diskFormat(input) ?? 'qcow2';
  const body = { volume_download: { ...of, disk_format } };
  const { volume_download: opened } = await session.volume.post('/v3/saggar/volume-downloads', { body });
  // Under another name until it is complete, so that nobody takes a part for the whole.
  const part = path.join(path.dirname(file), `.${path.basename(file)}.${opened.id}.part`);
  const bytes = await downloadFile(part, {
    url: () => currentUrl(session, opened.id),
    ticket: opened.ticket,
    tls: await session.tls(),
    progress: session.progress,
    openWithinMs: waitLimitMs(input),
  });
  await rename(part, file);
  const { volume_id, snapshot_id } = opened;
  return { kind: 'one', fields: { file, disk_format, bytes, volume_id, snapshot_id } };
}

const formatOption = (about: string) => ({ flags: '--disk-format <format>', about, choices: formats });
const [, timeoutOption] = waitOptions;

export const volumeDataCommands: readonly CommandRow[] = [
  {
    path: 'volume upload',
    summary: 'Make a volume of a local disk image; waits until it is there',
    details: [
      'The bytes go straight to the volume worker of the pool. A qcow2 must stand alone: one that names',
      'other files, is encrypted or damaged is refused, and the volume is then in error.',
    ],
    args: [
      { name: 'file', about: 'local file' },
      { name: 'name', about: 'name of the volume', optional: true },
    ],
    options: [
      { flags: '--size <gib>', about: 'GiB; default: what the disk needs', integer: { min: 1, max: 2_147_483_647 } },
      formatOption('what the file is; default: what it looks like'),
      { flags: '--type <volume-type>', about: 'volume type (name or ID)' },
      { flags: '--availability-zone <zone>', about: 'where it is to be' },
      { flags: '--description <text>', about: 'what it is' },
      { flags: '--property <key=value>', about: 'property of the volume (repeatable)', repeat: true },
      ...(timeoutOption === undefined ? [] : [timeoutOption]),
    ],
    example: 'saggar volume upload disk.qcow2 data',
    moreExamples: ['saggar volume upload --disk-format raw --size 20 disk.img data'],
    output: 'one',
    run: upload,
  },
  {
    path: 'volume download',
    summary: 'Read a volume, or what a snapshot has kept, into a local file',
    details: [
      'A volume in use is read as it is at this moment, from a snapshot that is made for the time of the',
      'download. A broken connection is taken up where it broke. The file is sparse; SHA-256 is compared.',
    ],
    args: [
      { name: 'volume', about: 'volume (name or ID); with --snapshot: the file to write' },
      { name: 'file', about: 'local file to write', optional: true },
    ],
    options: [
      { flags: '--snapshot <snapshot>', about: 'read this snapshot (name or ID) and no volume' },
      formatOption('format of the file (default qcow2)'),
      { flags: '--force', about: 'replace the file when it exists' },
      ...(timeoutOption === undefined ? [] : [timeoutOption]),
    ],
    example: 'saggar volume download --force data data.qcow2',
    moreExamples: ['saggar volume download --snapshot before-upgrade --disk-format raw data.img'],
    output: 'one',
    run: download,
  },
];
