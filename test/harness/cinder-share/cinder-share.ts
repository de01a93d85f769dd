// Makes shares as a Cinder leaves them behind, for tests of taking them over. Two ways:
// - few volumes by Debian's own remotefs code (peer-cinder/make_share.py), whatever its version does;
// - many volumes in the layout of the GlusterFS driver, which is gone from Cinder: one chain of each shape is made with qemu-img, and copied
//   with other ids in names, headers and records. All ids have the same length, so a header stays valid.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const peerScript = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'peer-cinder', 'make_share.py');

export type PeerStep =
  | readonly ['snapshot' | 'delete' | 'delete-online', string]
  | readonly ['extend', number]
  /** Offset in bytes, pattern; 64 KiB are written. */
  | readonly ['write', number, number];

export interface PeerVolume {
  readonly id: string;
  /** GiB. */
  readonly size: number;
  readonly format: 'raw' | 'qcow2';
  readonly steps: readonly PeerStep[];
}

/** Why volumes cannot be made by Cinder's own code here; null when they can. */
export function whyNoPeer(): string | null {
  const { status } = spawnSync('/usr/bin/python3', ['-c', 'import cinder.volume.drivers.remotefs']);
  return status === 0 || spawnSync('dpkg-query', ['-W', 'python3-cinder']).status === 0
    ? null
    : 'python3-cinder is not installed';
}

export function makeByCinder(directory: string, volumes: readonly PeerVolume[]): void {
  execFileSync('/usr/bin/python3', [peerScript, directory], {
    input: JSON.stringify(volumes),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}

/** A disk in the layout of the GlusterFS driver, 1 GiB. */
export interface ShapeOfVolume {
  readonly base: 'raw' | 'qcow2';
  /** Of the qcow2 files: 0.10 is version 2. */
  readonly compat: '0.10' | '1.1';
  readonly snapshots: number;
}

export const shapes: readonly ShapeOfVolume[] = [
  { base: 'qcow2', compat: '1.1', snapshots: 0 },
  { base: 'raw', compat: '1.1', snapshots: 2 },
  { base: 'qcow2', compat: '0.10', snapshots: 2 },
  { base: 'raw', compat: '1.1', snapshots: 0 },
  { base: 'qcow2', compat: '1.1', snapshots: 3 },
];

export interface MadeVolume {
  readonly id: string;
  /** Oldest first. */
  readonly snapshotIds: readonly string[];
  readonly shape: ShapeOfVolume;
}

/** As the GlusterFS driver of Cinder 9 does: metadata in advance for qcow2, relative names, mode 666, `.info` only with snapshots. */
export function makeByLayout(directory: string, { base, compat, snapshots }: ShapeOfVolume): MadeVolume {
  const id = randomUUID();
  const made = {
    id,
    snapshotIds: Array.from({ length: snapshots }, () => randomUUID()),
    shape: { base, compat, snapshots },
  };
  const qemuImg = (...words: string[]) =>
    execFileSync('qemu-img', words, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
  const name = `volume-${id}`;
  if (base === 'raw') {
    writeFileSync(path.join(directory, name), '');
    truncateSync(path.join(directory, name), 1024 ** 3);
  } else qemuImg('create', '-q', '-f', 'qcow2', '-o', `preallocation=metadata,compat=${compat}`, name, '1G');
  chmodSync(path.join(directory, name), 0o666);
  write(directory, name, base, 0, 1);
  let below = { name, format: base as string };
  const info: Record<string, string> = {};
  for (const [index, snapshotId] of made.snapshotIds.entries()) {
    const overlay = `${name}.${snapshotId}`;
    const full = path.join(directory, below.name);
    qemuImg(
      'create',
      '-q',
      '-f',
      'qcow2',
      '-o',
      `compat=${compat},backing_file=${full},backing_fmt=${below.format}`,
      overlay,
      '1G',
    );
    qemuImg('rebase', '-u', '-b', below.name, '-F', below.format, overlay);
    chmodSync(path.join(directory, overlay), 0o666);
    write(directory, overlay, 'qcow2', (index + 1) * 65_536, index + 2);
    below = { name: overlay, format: 'qcow2' };
    info[snapshotId] = overlay;
  }
  if (snapshots > 0) writeInfo(directory, id, below.name, info);
  return made;
}

export function writeInfo(
  directory: string,
  id: string,
  active: string,
  snapshots: Readonly<Record<string, string>>,
): void {
  const sorted = Object.fromEntries(Object.entries({ ...snapshots, active }).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(path.join(directory, `volume-${id}.info`), JSON.stringify(sorted, null, 1));
}

/** Writes 64 KiB as a guest would. */
export function write(directory: string, file: string, format: string, offset: number, pattern: number): void {
  execFileSync('qemu-io', ['-f', format, '-c', `write -P ${pattern} ${offset} 64k`, path.join(directory, file)], {
    stdio: 'ignore',
  });
}

/** So many volumes, the shapes in turn. A thousand with some 1,400 snapshots take a few seconds. */
export function makeMany(directory: string, count: number): MadeVolume[] {
  const templates = shapes.map((shape) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'saggar-shape-'));
    const made = makeByLayout(folder, shape);
    const files = readdirSync(folder).map((name) => readTemplate(folder, name));
    return { folder, made, files };
  });
  const all: MadeVolume[] = [];
  for (let index = 0; index < count; index += 1) {
    const template = templates[index % templates.length];
    if (template === undefined) continue;
    all.push(copyOf(directory, template));
  }
  for (const { folder } of templates) rmSync(folder, { recursive: true });
  return all;
}

interface TemplateFile {
  readonly name: string;
  readonly mode: number;
  readonly sizeBytes: number;
  /** Everything but holes. */
  readonly pieces: readonly { readonly at: number; readonly bytes: Buffer }[];
}

interface Template {
  readonly folder: string;
  readonly made: MadeVolume;
  readonly files: readonly TemplateFile[];
}

/** Read once, so that a copy takes no program of its own: thousands of `cp` take half a minute. */
function readTemplate(folder: string, name: string): TemplateFile {
  const full = path.join(folder, name);
  const { size, mode } = statSync(full);
  const pieces: { at: number; bytes: Buffer }[] = [];
  const file = openSync(full, 'r');
  const map = execFileSync('qemu-img', ['map', '-f', 'raw', '--output=json', full], { encoding: 'utf8' });
  for (const { start, length, zero } of JSON.parse(map) as { start: number; length: number; zero: boolean }[]) {
    if (zero) continue; // a hole
    const bytes = Buffer.alloc(length);
    pieces.push({ at: start, bytes: bytes.subarray(0, readSync(file, bytes, 0, length, start)) });
  }
  closeSync(file);
  return { name, mode: mode & 0o777, sizeBytes: size, pieces };
}

/** Ids stand in names, in the first bytes of headers, and in the record. */
function copyOf(directory: string, { made, files }: Template): MadeVolume {
  const renamed = new Map([made.id, ...made.snapshotIds].map((id) => [id, randomUUID() as string]));
  const rename = (text: string) => [...renamed].reduce((named, [from, to]) => named.replaceAll(from, to), text);
  const renamedIn = (bytes: Buffer) => Buffer.from(rename(bytes.toString('latin1')), 'latin1');
  for (const { name, mode, sizeBytes, pieces } of files) {
    const to = path.join(directory, rename(name));
    const hasNames = name.includes('.');
    const file = openSync(to, 'wx');
    for (const { at, bytes } of pieces) writeSync(file, hasNames && at === 0 ? renamedIn(bytes) : bytes, 0, null, at);
    ftruncateSync(file, sizeBytes);
    closeSync(file);
    chmodSync(to, mode);
  }
  return {
    id: renamed.get(made.id) ?? '',
    snapshotIds: made.snapshotIds.map((id) => renamed.get(id) ?? ''),
    shape: made.shape,
  };
}

export const breakages = [
  'orphan',
  'tmp-snap',
  'garbled-info',
  'empty-info',
  'missing-base',
  'two-children',
  'overlay-above-active',
  'absolute-name',
  'gluster-name',
  'json-name',
  'no-backing-format',
  'poisoned-raw',
  'info-disagrees',
  'linked',
  'cycle',
  'foreign-backing',
] as const;
export type Breakage = (typeof breakages)[number];

/** A volume with one thing wrong about it; its id. */
export function makeBroken(directory: string, breakage: Breakage): string {
  const { id, snapshotIds } = makeByLayout(directory, { base: 'raw', compat: '1.1', snapshots: 2 });
  const [first = '', second = ''] = snapshotIds;
  const base = `volume-${id}`;
  const at = (name: string) => path.join(directory, name);
  const qemuImg = (...words: string[]) =>
    execFileSync('qemu-img', words, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
  const overlay = (name: string, below: string, format: string) =>
    qemuImg('create', '-q', '-f', 'qcow2', '-u', '-b', below, '-F', format, name, '1G');
  const deeds: Readonly<Record<Breakage, () => void>> = {
    orphan: () => void overlay(`${base}.${randomUUID()}`, `${base}.${first}`, 'qcow2'),
    'tmp-snap': () => void overlay(`${base}.tmp-snap-${id}`, `${base}.${second}`, 'qcow2'),
    'garbled-info': () => writeFileSync(at(`${base}.info`), '{"active": "volu'),
    'empty-info': () => writeFileSync(at(`${base}.info`), ''),
    'missing-base': () => rmSync(at(base)),
    'two-children': () => {
      rmSync(at(`${base}.info`));
      overlay(`${base}.${randomUUID()}`, `${base}.${first}`, 'qcow2');
    },
    'overlay-above-active': () => void overlay(`${base}.${randomUUID()}`, `${base}.${second}`, 'qcow2'),
    'absolute-name': () =>
      void qemuImg('rebase', '-u', '-b', at(`${base}.${first}`), '-F', 'qcow2', `${base}.${second}`),
    'gluster-name': () =>
      void qemuImg(
        'rebase',
        '-u',
        '-b',
        `gluster://10.0.0.1/vols/${base}.${first}`,
        '-F',
        'qcow2',
        `${base}.${second}`,
      ),
    'json-name': () =>
      void qemuImg(
        'rebase',
        '-u',
        '-b',
        'json:{"driver":"file","filename":"/etc/passwd"}',
        '-F',
        'raw',
        `${base}.${second}`,
      ),
    'no-backing-format': () => stripFormat(at(`${base}.${second}`)),
    'poisoned-raw': () => {
      for (const name of [`${base}.${first}`, `${base}.${second}`, `${base}.info`]) rmSync(at(name));
      poison(at(base), '/etc/passwd');
    },
    'info-disagrees': () => writeInfo(directory, id, `${base}.${second}`, { [second]: `${base}.${second}` }),
    linked: () => execFileSync('ln', [at(base), at(`${base}-other-name`)]),
    cycle: () => void qemuImg('rebase', '-u', '-b', `${base}.${second}`, '-F', 'qcow2', `${base}.${first}`),
    'foreign-backing': () => {
      const victim = makeByLayout(directory, { base: 'raw', compat: '1.1', snapshots: 1 });
      qemuImg('rebase', '-u', '-b', `volume-${victim.id}`, '-F', 'raw', `${base}.${first}`);
    },
  };
  deeds[breakage]();
  return id;
}

/** What a guest can do to its raw disk: a qcow2 header at its beginning that names a file of the host. */
export function poison(file: string, target: string): void {
  const crafted = `${file}.crafted`;
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-u', '-b', target, '-F', 'raw', crafted, '1G']);
  execFileSync('dd', [`if=${crafted}`, `of=${file}`, 'conv=notrunc', 'status=none']);
  rmSync(crafted);
}

/** Old Cinders state no format: turns the header's extension into one that nobody knows. */
function stripFormat(file: string): void {
  const head = execFileSync('head', ['-c', '4096', file]);
  const at = head.indexOf(Buffer.from('e2792aca', 'hex'));
  if (at < 0) throw new Error(`${file} states no format`);
  head.writeUInt32BE(0x12345678, at);
  execFileSync('dd', [`of=${file}`, 'conv=notrunc', 'status=none'], { input: head });
}
