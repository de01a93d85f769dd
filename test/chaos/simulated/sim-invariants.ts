// What must be true when nothing is under way, whatever was asked and whatever went wrong; numbered as in the list of invariants. Two of them
// (secrets in logs, headers after a crash of QEMU) need a real world and are looked at elsewhere.
//
//   I1 a volume has one active file, as on record         I6 promises are the sum of sizes
//   I2 record = headers = what a guest has open = .info   I7 every row rests
//   I3 no file that no row names, no row without a file   I8 operations have ended, once; nothing waits to be sent
//   I4 one guest at most has a volume open                I9 a snapshot shows what it showed when it was taken
//   I5 attachments = disks of guests                      I10 a volume holds what was written to it
import type { Database } from '../../../services/core/db/connection.js';
import { restingVolumeStatuses } from '../../../services/core/domain/volume.js';
import { contentOf } from '../../integration/engine/fake-contents.js';
import type { FakeWorld } from '../../integration/engine/fake-world.js';
import { type DiskModel, sameBlocks } from './disk-model.js';

interface VolumeRow {
  readonly id: string;
  readonly status: string;
  readonly backing_file: string | null;
}

interface LayerRow {
  readonly volume_id: string;
  readonly file: string;
  readonly format: string;
  readonly virtual_size_bytes: number;
  readonly snapshot_id: string | null;
}

export interface Looked {
  readonly db: Database;
  readonly world: FakeWorld;
  readonly model: DiskModel;
}

/** Everything that is wrong, in words; empty when all is well. */
export async function findViolations({ db, world, model }: Looked): Promise<readonly string[]> {
  const volumes: VolumeRow[] = await db('volumes').select('id', 'status', 'backing_file');
  const layers: LayerRow[] = await db('chain_layers').orderBy(['volume_id', 'position']);
  const byVolume = groupByVolume(layers);
  const found: string[] = [];
  for (const volume of volumes) {
    const chain = byVolume.get(volume.id) ?? [];
    found.push(...judgeVolume(world, volume, chain), ...(await judgeContent({ db, world, model }, volume, chain)));
  }
  found.push(...(await judgeRest(db)), ...judgeFiles(world, layers), ...(await judgeGuests(db, world)));
  return found;
}

function groupByVolume(layers: readonly LayerRow[]): Map<string, LayerRow[]> {
  const found = new Map<string, LayerRow[]>();
  for (const layer of layers) found.set(layer.volume_id, [...(found.get(layer.volume_id) ?? []), layer]);
  return found;
}

/** One whose growth failed for good may be larger than on record; its status says so. */
function judgeVolume(world: FakeWorld, { id, status, backing_file }: VolumeRow, chain: readonly LayerRow[]): string[] {
  const found: string[] = [];
  const isResting = restingVolumeStatuses.some((one) => one === status) || status.startsWith('error');
  if (!isResting || ['attaching', 'detaching', 'maintenance', 'reserved'].includes(status))
    found.push(`I7: volume ${id} is ${status}`);
  if (chain.length === 0 && status !== 'error') found.push(`I1: volume ${id} (${status}) has no file on record`);
  let below = backing_file;
  for (const { file, format, virtual_size_bytes } of chain) {
    const stored = world.files.get(file);
    if (stored === undefined) found.push(`I1: ${file} of volume ${id} is not there`);
    else {
      if (stored.format !== format) found.push(`I1: ${file} is ${stored.format}, on record ${format}`);
      if (stored.backingFile !== below) found.push(`I2: ${file} names ${stored.backingFile}, on record ${below}`);
      if (stored.virtualSizeBytes !== virtual_size_bytes && status !== 'error_extending')
        found.push(`I1: ${file} has ${stored.virtualSizeBytes} bytes, on record ${virtual_size_bytes} (${status})`);
    }
    below = file;
  }
  const info = world.records.get(id);
  const told = info?.map(({ file }) => file).join(' <- ');
  const wanted = chain.map(({ file }) => file).join(' <- ');
  if (info !== undefined && told !== wanted)
    found.push(`I2: the record beside volume ${id} says ${told}, not ${wanted}`);
  if (info === undefined && chain.length > 1) found.push(`I2: volume ${id} has overlays and no record beside it`);
  return found;
}

async function judgeContent(
  { db, world, model }: Looked,
  { id, status, backing_file }: VolumeRow,
  chain: readonly LayerRow[],
): Promise<string[]> {
  const active = chain.at(-1);
  if (active === undefined || status === 'error') return [];
  const found: string[] = [];
  const seen = contentOf(world.files, active.file);
  const wrong = model.judgeDisk(id, seen);
  if (wrong !== null) found.push(`I10: volume ${id} ${wrong}`);
  for (const [server, { running, disks }] of world.guests) {
    if (running && disks.has(id) && !sameBlocks(world.readOpen(server, id), seen))
      found.push(`I10: the guest ${server} reads another volume ${id} than its files hold`);
  }
  const snapshots: { id: string; status: string }[] = await db('snapshots')
    .where({ volume_id: id })
    .select('id', 'status');
  for (const snapshot of snapshots) {
    if (snapshot.status !== 'available') continue;
    const index = chain.findIndex((layer) => layer.snapshot_id === snapshot.id);
    const frozen = index === -1 ? undefined : (chain[index - 1]?.file ?? backing_file ?? undefined);
    if (frozen === undefined) {
      found.push(`I2: snapshot ${snapshot.id} has no layer in volume ${id}`);
      continue;
    }
    const changed = model.judgeSnapshot(snapshot.id, contentOf(world.files, frozen));
    if (changed !== null) found.push(`I9: snapshot ${snapshot.id} of ${id} ${changed}`);
  }
  return found;
}

async function judgeRest(db: Database): Promise<string[]> {
  const found: string[] = [];
  const open: { type: string; state: string; step: string | null; error: unknown }[] = await db('operations')
    .whereNotIn('state', ['done', 'failed'])
    .select('type', 'state', 'step', 'error');
  for (const { type, state, step, error } of open)
    found.push(`I8: ${type} is ${state} at ${step} ${JSON.stringify(error)}`);
  const outbox: unknown[] = await db('outbox').select('id');
  if (outbox.length > 0) found.push(`I8: ${outbox.length} messages wait to be sent`);
  const locks: { resource: string }[] = await db('resource_locks').select('resource');
  for (const { resource } of locks) found.push(`I7: ${resource} is locked`);
  const snapshots: { id: string; status: string }[] = await db('snapshots')
    .whereNotIn('status', ['available', 'error', 'error_deleting'])
    .select('id', 'status');
  for (const { id, status } of snapshots) found.push(`I7: snapshot ${id} is ${status}`);
  const { rows } = (await db.raw(
    `select p.name, p.provisioned_gib as promised,
       (select coalesce(sum(size_gib), 0)::int from volumes v where v.host = p.name) as sizes from pools p`,
  )) as { rows: { name: string; promised: number; sizes: number }[] };
  for (const { name, promised, sizes } of rows)
    if (promised !== sizes) found.push(`I6: ${name} has promised ${promised} GiB, its volumes have ${sizes}`);
  return found;
}

function judgeFiles(world: FakeWorld, layers: readonly LayerRow[]): string[] {
  const named = new Set(layers.map(({ file }) => file));
  return [...world.files.keys()].filter((file) => !named.has(file)).map((file) => `I3: ${file} is on no record`);
}

async function judgeGuests(db: Database, world: FakeWorld): Promise<string[]> {
  const rows: { volume_id: string; managed_server_id: string; status: string }[] = await db('attachments').select(
    'volume_id',
    'managed_server_id',
    'status',
  );
  const layers: LayerRow[] = await db('chain_layers').orderBy(['volume_id', 'position']);
  const found: string[] = [];
  const open: string[] = [];
  for (const [server, { running, disks }] of world.guests) {
    for (const [volume, files] of running ? disks : []) {
      open.push(`${volume} at ${server}`);
      const own = layers.filter((layer) => layer.volume_id === volume).map(({ file }) => file);
      const tail = own.length === 0 ? [] : files.slice(-own.length);
      if (tail.join() !== own.join())
        found.push(`I2: the guest ${server} has ${files.join(' <- ')} open, not ${own.join(' <- ')}`);
    }
  }
  const volumes = open.map((one) => one.split(' ')[0]);
  if (new Set(volumes).size !== volumes.length) found.push(`I4: a volume is open in two guests: ${open.join(', ')}`);
  const told = rows.map((row) => `${row.volume_id} at ${row.managed_server_id}`);
  for (const one of open) if (!told.includes(one)) found.push(`I5: a guest has ${one}, and no attachment says so`);
  for (const [index, one] of told.entries()) {
    if (!open.includes(one)) found.push(`I5: attachment ${one} is in no guest`);
    if (rows[index]?.status !== 'attached') found.push(`I7: attachment ${one} is ${rows[index]?.status}`);
  }
  return found;
}
