// What disks under chaos hold: a few patterns in known places, written while nothing is under way and read back, through the whole chain and by
// qemu-io, at every look. Volumes and snapshots are found by the record; the patterns by what was written and never by what is there.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Stage } from '../../fault/stage.js';
import type { Dice } from '../../system/chain-torture/torture-plan.js';

const run = promisify(execFile);
const PLACES = 4;
const KIB64 = 64;

/** The pattern byte at each place; 0 where nothing was written. */
export type Patterns = readonly number[];
export const blank: Patterns = Array.from({ length: PLACES }, () => 0);

interface LayerRow {
  readonly file: string;
  readonly format: string;
  readonly snapshot_id: string | null;
}

interface Disk {
  readonly file: string;
  readonly format: string;
}

const offsetOf = (place: number): string => `${place * 16 * KIB64}k`;

/** The layer whose content it is: the active one of a volume, the one below the overlay of a snapshot. null: none is on record. */
async function diskOf(stage: Stage, volumeId: string, snapshotId: string | null): Promise<Disk | null> {
  const volume: { provider_location: string; backing_file: string | null } | undefined = await stage
    .db('volumes')
    .where({ id: volumeId })
    .first();
  const layers: LayerRow[] = await stage.db('chain_layers').where({ volume_id: volumeId }).orderBy('position');
  const directory = volume?.provider_location.slice('dir:'.length) ?? '';
  const at = ({ file, format }: Pick<LayerRow, 'file' | 'format'>): Disk => ({
    file: path.join(directory, file),
    format,
  });
  if (snapshotId === null) {
    const active = layers.at(-1);
    return active === undefined ? null : at(active);
  }
  const index = layers.findIndex((layer) => layer.snapshot_id === snapshotId);
  const below = layers[index - 1];
  if (index === -1) return null;
  if (below !== undefined) return at(below);
  if (volume?.backing_file === null || volume === undefined) return null;
  const foreign: LayerRow | undefined = await stage.db('chain_layers').where({ file: volume.backing_file }).first();
  return foreign === undefined ? null : at(foreign);
}

/** Writes one more pattern; answers all that the volume holds now. */
export async function writePattern(stage: Stage, volumeId: string, before: Patterns, dice: Dice): Promise<Patterns> {
  const disk = await diskOf(stage, volumeId, null);
  if (disk === null) return before;
  const place = dice.below(PLACES);
  const pattern = 1 + dice.below(255);
  const command = `write -q -P ${pattern} ${offsetOf(place)} ${KIB64}k`;
  await run('qemu-io', ['-f', disk.format, '-c', command, disk.file]);
  return before.map((old, index) => (index === place ? pattern : old));
}

/** In words what is not as it was written; null when all is. */
export async function findDamage(
  stage: Stage,
  { volumeId, snapshotId = null }: { readonly volumeId: string; readonly snapshotId?: string | null },
  wanted: Patterns,
): Promise<string | null> {
  const disk = await diskOf(stage, volumeId, snapshotId);
  if (disk === null) return 'is on no record';
  const reads = wanted.flatMap((pattern, place) => ['-c', `read -q -P ${pattern} ${offsetOf(place)} ${KIB64}k`]);
  try {
    // Opened like a guest's, but for reading: somebody may have it.
    const { stdout, stderr } = await run('qemu-io', ['-r', '-U', '-f', disk.format, ...reads, disk.file]);
    return /verification failed/i.test(stdout + stderr) ? `holds something else than ${wanted.join(' ')}` : null;
  } catch (thrown) {
    const { stdout = '', stderr = '' } = thrown as { stdout?: string; stderr?: string };
    return `holds something else than ${wanted.join(' ')}: ${(stdout + stderr).trim().slice(0, 200)}`;
  }
}
