// Whose a file is, asked by several at one moment: a removal of orphans against an adoption, a taking over and a second removal of the same
// files. One of them wins, whichever; no volume on record is ever without its file. Real files, and every race is run many times.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { loadOrphans, removeOrphans } from '../../../services/core/db/admin/orphans.js';
import { manageVolume } from '../../../services/core/db/block-storage/volume-manage.js';
import { recordVolumes } from '../../../services/core/db/custody/record-volumes.js';
import { loadScan } from '../../../services/core/db/custody/scans.js';
import { asServiceError } from '../../../services/core/domain/errors.js';
import { DirectoryStage } from '../engine/directory-stage.js';
import { scan, who } from './custody-stage.js';

const ROUNDS = 12;
const requester = { ...who, visibleProjectId: null, isService: false };

/** What became of a request: null when it was accepted. */
async function refusalOf(asked: Promise<unknown>): Promise<string | null> {
  try {
    await asked;
    return null;
  } catch (thrown) {
    return asServiceError(thrown).code;
  }
}

describe('a removal of orphans and whoever claims the same file', function () {
  this.timeout(120_000);
  let stage: DirectoryStage;
  let directory: string;
  before(async () => {
    stage = await DirectoryStage.open();
    directory = stage.directory('plain');
  });
  after(() => stage.close());

  /** A file of two hours ago that nothing explains. */
  function lostFile(): { id: string; file: string } {
    const id = randomUUID();
    const file = `volume-${id}`;
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path.join(directory, file), '1G']);
    const then = Date.now() / 1000 - 7200;
    utimesSync(path.join(directory, file), then, then);
    return { id, file };
  }

  const adopt = (scanId: string, id: string): Promise<void> =>
    recordVolumes(stage.db, {
      ...{ scanId, apply: true, volumes: [{ fileId: id }], projectId: who.projectId, userId: who.userId },
      ...{ type: null, baseFormat: null, useRecords: false, requestId: who.requestId },
    }).then(({ recorded, refused }) => {
      if (recorded.length === 0) throw Object.assign(new Error(refused[0]?.reason ?? ''), { code: 'refused' });
    });
  const manage = (file: string): Promise<unknown> =>
    manageVolume(
      stage.db,
      {
        ...{ host: stage.pool('plain'), sourceFile: file, format: 'qcow2', name: null, description: null },
        ...{ type: null, zone: null, bootable: false, metadata: {} },
      },
      requester,
    );
  const remove = (scanId: string, file: string): Promise<unknown> => removeOrphans(stage.db, scanId, [file], requester);
  const finish = async (): Promise<void> => {
    while ((await stage.step()) !== null);
  };

  /** Every layer on record is a file, and nothing is under way. */
  async function demandWhole(): Promise<void> {
    const layers: { file: string }[] = await stage.db('chain_layers').select('file');
    for (const { file } of layers) assert.ok(existsSync(path.join(directory, file)), `${file} is on record and gone`);
    const open: unknown[] = await stage.db('operations').whereNotIn('state', ['done', 'failed']).select('type');
    assert.deepEqual(open, []);
  }

  it('either adopts the volume or removes its file, never both', async () => {
    const won = { adoption: 0, removal: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const { id, file } = lostFile();
      const scanId = await scan(stage);
      const deeds = [() => adopt(scanId, id), () => remove(scanId, file)];
      const [first, second] = round % 2 === 0 ? deeds : deeds.reverse();
      assert.ok(first && second);
      const refusals = await Promise.all([refusalOf(first()), refusalOf(second())]);
      assert.equal(refusals.filter((one) => one === null).length, 1, refusals.join());
      await finish();
      const volume: unknown = await stage.db('volumes').where({ id }).first('id');
      assert.equal(existsSync(path.join(directory, file)), volume !== undefined);
      if (volume === undefined) won.removal += 1;
      else won.adoption += 1;
      await demandWhole();
    }
    console.log(`      ${ROUNDS} races: the adoption won ${won.adoption}, the removal ${won.removal}`);
  });

  it('either takes the file over or removes it, never both', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { file } = lostFile();
      const scanId = await scan(stage);
      const deeds = [() => manage(file), () => remove(scanId, file)];
      const [first, second] = round % 2 === 0 ? deeds : deeds.reverse();
      assert.ok(first && second);
      const refusals = await Promise.all([refusalOf(first()), refusalOf(second())]);
      assert.equal(refusals.filter((one) => one === null).length, 1, refusals.join());
      await finish();
      await demandWhole();
    }
  });

  it('removes a file once, though it is asked for twice at a time', async () => {
    const { file } = lostFile();
    const scanId = await scan(stage);
    const refusals = await Promise.all([refusalOf(remove(scanId, file)), refusalOf(remove(scanId, file))]);
    assert.deepEqual(refusals.sort(), ['conflict', null].sort());
    await finish();
    assert.equal(existsSync(path.join(directory, file)), false);
  });

  it('goes on while the share is scanned anew, which lists the file no more and adopts it not', async () => {
    const { id, file } = lostFile();
    const old = await scan(stage);
    await remove(old, file);
    const command = await stage.rig.takeCommand();
    assert.ok(command);
    assert.equal(command.step, 'remove-orphans');
    // The worker has not begun when a new scan takes the place of the old one.
    const fresh = await scan(stage);
    await assert.rejects(loadScan(stage.db, old), { code: 'not_found' });
    assert.ok(!(await loadOrphans(stage.db, fresh)).some((orphan) => orphan.file === file));
    assert.notEqual(await refusalOf(adopt(fresh, id)), null);
    assert.equal(await refusalOf(manage(file)), 'bad_request');
    await stage.rig.answer(command, await stage.perform(command, 'host@plain'));
    const row = await stage.rig.operation(command.operationId);
    assert.equal(row.state, 'done', JSON.stringify(row.error));
    assert.equal(existsSync(path.join(directory, file)), false);
    // The scan has seen it before it went.
    assert.notEqual(await refusalOf(adopt(fresh, id)), null);
    await demandWhole();
  });
});
