// The world in memory, on which the simulation rests, against real image files: the same random histories are performed by the volume driver on a
// directory and by the world, command by command, some of them twice. Both must do or refuse the same; afterwards both have the same files with the same headers,
// and every volume and snapshot shows the same blocks.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { ServiceError } from '../../../services/core/domain/errors.js';
import type { Command, StepOutcome } from '../../../services/core/messages/envelope.js';
import { Dice } from '../../system/chain-torture/torture-plan.js';
import { DirectoryStage } from './directory-stage.js';
import { contentOf, tellEmpty } from './fake-contents.js';
import { FakeWorld } from './fake-world.js';
import * as requests from './requests.js';

const BLOCKS = 4;
const BLOCK_KIB = 64;
const ACTS = 14;
const HISTORIES = 3;

interface Header {
  readonly format: string;
  readonly 'virtual-size': number;
  readonly 'backing-filename'?: string;
}

interface LayerRow {
  readonly volume_id: string;
  readonly file: string;
  readonly format: string;
}

describe('the world in memory and real image files', function () {
  this.timeout(120_000);
  let stage: DirectoryStage;
  let world: FakeWorld;
  /** What both have been asked, for a history that fails. */
  let history: string[];
  /** Whether the next command is performed twice. */
  let again: () => boolean;

  beforeEach(async () => {
    stage = await DirectoryStage.open();
    world = new FakeWorld();
    history = [];
    again = () => false;
    const onFiles = stage.perform.bind(stage);
    stage.perform = async (command, backendHost) => {
      const real = await onFiles(command, backendHost);
      const simulated = inWorld(command);
      history.push(`${command.type} ${command.step}: ${real.kind}`);
      assert.equal(simulated, real.kind, `${history.join('; ')}: ${JSON.stringify(real)}`);
      if (!again()) return real;
      // The worker died before its answer, and its successor does it once more.
      const repeated = await onFiles(command, backendHost);
      history.push(`again: ${repeated.kind}`);
      assert.equal(inWorld(command), repeated.kind, `${history.join('; ')}: ${JSON.stringify(repeated)}`);
      assert.equal(repeated.kind, real.kind, `${history.join('; ')}: ${JSON.stringify(repeated)}`);
      return repeated;
    };
  });
  afterEach(() => stage.close());

  function inWorld(command: Command): StepOutcome['kind'] {
    tellEmpty(world);
    try {
      return 'forward' in world.perform(command) ? 'forward' : 'done';
    } catch (thrown) {
      if (thrown instanceof ServiceError) return 'failed';
      throw thrown;
    }
  }

  const layers = (): Promise<LayerRow[]> => stage.db('chain_layers').orderBy(['volume_id', 'position']);

  async function write(volumeId: string, block: number, pattern: number): Promise<void> {
    const { name } = await stage.activeFile(volumeId);
    await stage.write(volumeId, `write -q -P ${pattern} ${block * BLOCK_KIB}k ${BLOCK_KIB}k`);
    const stored = world.files.get(path.basename(name)) ?? assert.fail(name);
    stored.blocks = { ...stored.blocks, [block]: String(pattern) };
  }

  function headersAgree(rows: readonly LayerRow[]): void {
    const directory = stage.directory('plain');
    assert.deepEqual([...world.files.keys()].sort(), rows.map(({ file }) => file).sort(), 'files of the world');
    const present = stage.files('plain').filter((name) => !name.endsWith('.info'));
    assert.deepEqual(present.sort(), [...world.files.keys()].sort(), 'files on the share');
    for (const { file, format } of rows) {
      const text = execFileSync('qemu-img', ['info', '--output=json', '-f', format, path.join(directory, file)], {
        encoding: 'utf8',
      });
      const header = JSON.parse(text) as Header;
      const stored = world.files.get(file);
      assert.equal(stored?.format, header.format, `format of ${file}`);
      assert.equal(stored?.virtualSizeBytes, header['virtual-size'], `size of ${file}`);
      assert.equal(stored?.backingFile ?? undefined, header['backing-filename'], `what ${file} names`);
    }
  }

  /** Every layer, so that snapshots are among them. */
  function contentsAgree(rows: readonly LayerRow[]): void {
    for (const { file, format } of rows) {
      const blocks = contentOf(world.files, file);
      const reads = Array.from({ length: BLOCKS }, (_, block) => {
        return `read -q -P ${blocks[block] ?? 0} ${block * BLOCK_KIB}k ${BLOCK_KIB}k`;
      });
      const argv = ['-r', '-f', format, ...reads.flatMap((read) => ['-c', read])];
      const said = execFileSync('qemu-io', [...argv, path.join(stage.directory('plain'), file)], { encoding: 'utf8' });
      assert.doesNotMatch(
        said,
        /failed/,
        `${file} holds ${JSON.stringify(blocks)} in the world; ${history.join('; ')}`,
      );
    }
  }

  /** What a client could ask for now, and its performance to the end. */
  async function act(dice: Dice, place: requests.Place): Promise<void> {
    const { db } = stage;
    const volumes: string[] = await db('volumes').where({ status: 'available' }).orderBy('created_at').pluck('id');
    const volumeId = volumes[dice.below(Math.max(1, volumes.length))];
    if (volumeId === undefined || (volumes.length < 3 && dice.below(5) === 0)) {
      await stage.ended(await requests.createVolume(db, place));
      return;
    }
    const snapshots: string[] = await db('snapshots')
      .where({ volume_id: volumeId, status: 'available', internal: false })
      .orderBy('created_at')
      .pluck('id');
    const copies: string[] = await db('volumes').whereNotNull('backing_volume_id').orderBy('created_at').pluck('id');
    const isShared = (await db('volumes').where({ backing_volume_id: volumeId }).first('id')) !== undefined;
    const snapshotId = snapshots[dice.below(Math.max(1, snapshots.length))];
    const chance = dice.below(10);
    if (chance < 3) await stage.ended(await requests.createSnapshot(db, volumeId));
    else if (chance < 6 && snapshotId !== undefined && !isShared)
      await stage.ended(await requests.deleteSnapshot(db, volumeId, snapshotId));
    else if (chance < 7 && snapshotId !== undefined && volumes.length < 5) {
      const source = { volumeId, snapshotId };
      await stage.ended(await requests.createVolumeFromSnapshot(db, place, source, { maxLayers: 32 }));
    } else if (chance < 8 && copies[0] !== undefined) await stage.ended(await requests.flattenVolume(db, copies[0]));
    else if (chance < 9 && !isShared && snapshots.at(-1) !== undefined)
      await stage.ended(await requests.revertVolume(db, volumeId, snapshots.at(-1) ?? ''));
    else await write(volumeId, dice.below(BLOCKS), 1 + dice.below(250));
  }

  for (let seed = 0; seed < HISTORIES; seed += 1) {
    it(`tell the same after the same ${ACTS} acts, seed ${seed}`, async () => {
      const dice = new Dice(`history ${seed}`);
      again = () => dice.below(4) === 0;
      const place = { pool: stage.pool('plain'), computeHost: 'host' };
      for (let count = 0; count < ACTS; count += 1) {
        await act(dice, place);
        if (dice.below(2) === 0) {
          const volumes: string[] = await stage
            .db('volumes')
            .where({ status: 'available' })
            .orderBy('created_at')
            .pluck('id');
          const chosen = volumes[dice.below(Math.max(1, volumes.length))];
          const isShared =
            (await stage
              .db('volumes')
              .where({ backing_volume_id: chosen ?? '' })
              .first('id')
              .catch(() => undefined)) !== undefined;
          if (chosen !== undefined && !isShared) await write(chosen, dice.below(BLOCKS), 1 + dice.below(250));
        }
        const rows = await layers();
        headersAgree(rows);
        contentsAgree(rows);
      }
      assert.ok(history.length >= 4, 'commands were performed by both');
    });
  }
});
