// What must be true whenever no operation runs: no lock, no message waiting, no file that no record names, headers equal to the chain
// on record, promises equal to sizes, an empty trash, no key, backup object, hidden volume or guest of nobody, no row that says that something
// is going on, and guests on the files on record. The words of each failure name the thing that was left.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { demandThat, demandThatAll } from './left-behind.js';
import type { Stage } from './stage.js';

const run = promisify(execFile);
/** Each look at a volume's headers is a process. */
const LOOKS_AT_ONCE = 4;

interface LayerRow {
  readonly volume_id: string;
  readonly file: string;
  readonly format: string;
  readonly virtual_size_bytes: number;
}

export interface Allowed {
  /** Image files that an outsider put on the share and that no record names (any more). */
  readonly files: ReadonlySet<string>;
  /** Volumes whose file may be larger than on record; their status says so. */
  readonly outgrown: ReadonlySet<string>;
}

async function assertRest({ db }: Stage): Promise<void> {
  const open: unknown[] = await db('operations')
    .whereNotIn('state', ['done', 'failed'])
    .select('id', 'type', 'state', 'step');
  const locks: unknown[] = await db('resource_locks').select('resource', 'operation_id');
  demandThat('stuck', () => {
    assert.deepEqual(open, [], 'operations that do not rest');
    assert.deepEqual(locks, [], 'locks');
  });
}

async function assertPromises({ db }: Stage): Promise<void> {
  const { rows } = (await db.raw(
    `select p.name, p.provisioned_gib as promised,
       (select coalesce(sum(v.size_gib), 0)::int from volumes v where v.host = p.name) as sizes from pools p`,
  )) as { rows: { name: string; promised: number; sizes: number }[] };
  for (const { name, promised, sizes } of rows)
    demandThat('double', () => assert.equal(promised, sizes, `promised by ${name}`));
}

async function assertFiles(stage: Stage, { files }: Allowed): Promise<void> {
  const rows: { file: string }[] = await stage.db('chain_layers').select('file');
  const onRecord = new Set(rows.map((row) => row.file));
  const present = await stage.imageFiles();
  const nobodys = present.filter((name) => !onRecord.has(name) && !files.has(name));
  demandThat('orphans', () => assert.deepEqual(nobodys, [], 'files that no record names'));
  const there = new Set(present);
  const missing = [...onRecord].filter((name) => !there.has(name));
  demandThat('lost', () => assert.deepEqual(missing, [], 'files on record that are not there'));
  for (const share of stage.shares) {
    const trash = path.join(share, '.saggar', 'trash');
    const thrown = existsSync(trash) ? readdirSync(trash) : [];
    demandThat('orphans', () => assert.deepEqual(thrown, [], 'trash'));
  }
}

/** A key that nobody names is a file that nobody will ever remove; a layer without its key is lost. */
async function assertKeys({ db, directory }: Stage): Promise<void> {
  const keys = path.join(directory, 'keys');
  const present = existsSync(keys) ? readdirSync(keys) : [];
  const named: { key: string }[] = await db('volumes')
    .whereNotNull('encryption_key_id')
    .select('encryption_key_id as key')
    .union(db('backups').whereNotNull('encryption_key_id').select('encryption_key_id as key'));
  const wanted: { key: string }[] = await db('chain_layers').whereNotNull('key_id').select('key_id as key');
  const known = new Set(named.map(({ key }) => `${key}.key`));
  const nobodys = present.filter((name) => !known.has(name));
  demandThat('orphans', () => assert.deepEqual(nobodys, [], 'keys that no volume or backup names'));
  const keyless = wanted.filter(({ key }) => !present.includes(`${key}.key`));
  demandThat('lost', () => assert.deepEqual(keyless, [], 'layers whose key is gone'));
}

/** Where no operation is at work, no row may say that something is going on, and no hidden volume may be nobody's. */
async function assertRows({ db }: Stage): Promise<void> {
  const busy: string[] = [];
  for (const [table, column, words] of transient) {
    const rows: { id: string; word: string }[] = await db(table)
      .whereIn(column, [...words])
      .select('id', `${column} as word`);
    busy.push(...rows.map(({ id, word }) => `${table} ${id}: ${word}`));
  }
  demandThat('stuck', () => assert.deepEqual(busy, [], 'rows that say that something is going on'));
  const hidden: string[] = await db('volumes as v')
    .where('v.purpose', 'image')
    .whereNotExists(db('images as i').whereRaw('i.volume_id = v.id'))
    .pluck('v.id');
  demandThat('orphans', () => assert.deepEqual(hidden, [], 'hidden volumes of no image'));
  const cached: string[] = await db('image_cache as c')
    .whereNotExists(db('volumes as v').whereRaw('v.id = c.volume_id'))
    .pluck('c.volume_id');
  demandThat('orphans', () => assert.deepEqual(cached, [], 'rows of the image cache without a volume'));
}

/** Words that belong to an operation. An assisted snapshot keeps its own until its caller ends it. */
const transient = [
  ['volumes', 'status', ['creating', 'deleting', 'extending', 'attaching', 'detaching', 'downloading', 'uploading']],
  ['volumes', 'status', ['restoring-backup', 'backing-up', 'reverting', 'retyping', 'maintenance', 'unmanaging']],
  ['volumes', 'migration_status', ['migrating', 'starting', 'completing']],
  ['snapshots', 'status', ['backing-up', 'restoring', 'unmanaging']],
  ['backups', 'status', ['creating', 'deleting', 'restoring']],
  ['images', 'status', ['saving']],
  ['group_snapshots', 'status', ['creating', 'deleting']],
] as const;

/** Objects of a backup that no row tells of are never removed; one that can be restored has its manifest, and nothing half written. */
async function assertBackups({ db, directory }: Stage): Promise<void> {
  const rows: { id: string; status: string; container: string | null }[] = await db('backups').select(
    'id',
    'status',
    'container',
  );
  const root = path.join(directory, 'backups');
  const stored = readdirSync(root).flatMap((container) => readdirSync(path.join(root, container)));
  const known = new Set(rows.map(({ id }) => id));
  const nobodys = stored.filter((id) => !known.has(id));
  demandThat('orphans', () => assert.deepEqual(nobodys, [], 'objects of no backup'));
  for (const { id, container } of rows.filter(({ status }) => status === 'available')) {
    const objects = readdirSync(path.join(root, container ?? '', id));
    demandThat('lost', () => assert.ok(objects.includes('manifest'), `manifest of backup ${id}`));
  }
}

/** Cinder's records beside the files; those of volumes that are gone would make an adoption find them. */
async function assertRecords({ db, shares }: Stage, { files }: Allowed): Promise<void> {
  const ids = new Set<string>(await db('volumes').pluck('id'));
  for (const share of shares) {
    const names = readdirSync(share).filter((name) => name.endsWith('.info'));
    const left = names.filter((name) => !ids.has(/^volume-(.{36})\.info$/.exec(name)?.[1] ?? ''));
    const nobodys = left.filter((name) => !files.has(name.slice(0, -'.info'.length)));
    demandThat('orphans', () => assert.deepEqual(nobodys, [], 'records of no volume'));
  }
}

interface FakeDisk {
  readonly volumeId: string;
  readonly chain: readonly { readonly file: string }[];
}

/** What a guest has open is what the record says: else it writes where nobody looks. */
async function assertGuests({ db, directory }: Stage): Promise<void> {
  const file = path.join(directory, 'compute-worker', 'fake-hypervisor.json');
  if (!existsSync(file)) return;
  const guests = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { running: boolean; disks: FakeDisk[] }>;
  const known = new Set<string>(await db('servers').pluck('id'));
  const running = Object.entries(guests).filter(([, guest]) => guest.running);
  const nobodys = Object.keys(guests).filter((id) => !known.has(id));
  demandThat('orphans', () => assert.deepEqual(nobodys, [], 'guests of no server'));
  const rows: LayerRow[] = await db('chain_layers').orderBy(['volume_id', 'position']);
  for (const { volumeId, chain } of running.flatMap(([, guest]) => guest.disks)) {
    const own = rows.filter((row) => row.volume_id === volumeId).map((row) => row.file);
    const open = chain.map((layer) => layer.file);
    demandThat('corrupt', () =>
      assert.deepEqual(open.slice(-own.length), own, `files of ${volumeId} that a guest has open`),
    );
  }
}

interface HeaderText {
  readonly format: string;
  readonly 'virtual-size': number;
  readonly 'backing-filename'?: string;
}

/** An independent reader of the headers: qemu-img, not the service's own parser. */
async function assertHeaders(stage: Stage, volumeId: string, mayBeLarger: boolean): Promise<void> {
  const chain: LayerRow[] = await stage.db('chain_layers').where({ volume_id: volumeId }).orderBy('position');
  const newest = chain.at(-1);
  if (newest === undefined) return;
  const place: { provider_location: string } | undefined = await stage.db('volumes').where({ id: volumeId }).first();
  const file = path.join(place?.provider_location.slice('dir:'.length) ?? '', newest.file);
  const { stdout } = await run('qemu-img', [
    'info',
    '-U',
    '--output=json',
    '--backing-chain',
    '-f',
    newest.format,
    file,
  ]);
  const whole = (JSON.parse(stdout) as HeaderText[]).reverse();
  const backing: { backing_file: string | null } | undefined = await stage
    .db('volumes')
    .where({ id: volumeId })
    .first();
  const standsOn = backing?.backing_file ?? undefined;
  if (standsOn === undefined) assert.equal(whole.length, chain.length, `layers of ${volumeId}`);
  else assert.ok(whole.length > chain.length, `layers of ${volumeId}`);
  const seen = whole.slice(-chain.length);
  for (const [index, layer] of chain.entries()) {
    const header = seen[index];
    const below = index === 0 ? standsOn : chain[index - 1]?.file;
    assert.equal(
      header?.['backing-filename'] === undefined ? undefined : path.basename(header['backing-filename']),
      below,
    );
    assert.equal(header?.format, layer.format, `format of ${layer.file}`);
    if (!mayBeLarger) assert.equal(header?.['virtual-size'], layer.virtual_size_bytes, `size of ${layer.file}`);
  }
}

/** Everything, with the headers of the given volumes; the outbox may need a moment to be emptied. */
export async function assertNothingLeft(stage: Stage, volumeIds: readonly string[], allowed: Allowed): Promise<void> {
  await assertRest(stage);
  await stage.until('the outbox to be empty', async () => (await stage.db('outbox').select('id')).length === 0);
  await assertPromises(stage);
  await assertKeys(stage);
  await assertFiles(stage, allowed);
  await assertRows(stage);
  await assertBackups(stage);
  await assertRecords(stage, allowed);
  await assertGuests(stage);
  const waiting = [...volumeIds];
  const look = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const volumeId = id;
      await demandThatAll('corrupt', () => assertHeaders(stage, volumeId, allowed.outgrown.has(volumeId)));
    }
  };
  await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, look));
}
