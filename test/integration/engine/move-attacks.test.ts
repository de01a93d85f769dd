// What must never cost a disk: a copy that is not whole, a file that is somebody's already, an owner's file that was taken over half-way.
// Real image files, as in moves.test.ts.
import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import path from 'node:path';
import type { OperationParams } from '../../../services/core/operations/params.js';
import { DirectoryStage } from './directory-stage.js';
import * as requests from './requests.js';

const MIB = 1024 ** 2;

describe('moves of real image files under attack', function suite() {
  this.timeout(60_000);
  let stage: DirectoryStage;
  before(async () => {
    stage = await DirectoryStage.open();
  });
  after(() => stage.close());
  afterEach(() => {
    stage.before = () => undefined;
  });

  async function copyOf(operationId: string): Promise<string> {
    const row: { params: OperationParams['volume-migrate'] } | undefined = await stage
      .db('operations')
      .where({ id: operationId })
      .first('params');
    assert.ok(row);
    return path.join(stage.directory('other'), `volume-${row.params.nameId}`);
  }

  /** Keeps the file's length where that says something, and loses what was written behind its first part. */
  const losses = {
    raw: (file: string): void => {
      truncateSync(file, 8 * MIB);
      truncateSync(file, 1024 * MIB);
    },
    qcow2: (file: string): void => truncateSync(file, 4 * MIB),
  } as const;

  for (const [format, lose] of Object.entries(losses) as ['raw' | 'qcow2', (file: string) => void][]) {
    it(`keeps the source when a ${format} copy is not whole, though its header is`, async () => {
      const id = await stage.make();
      await stage.write(id, 'write -P 17 0 16M', 'write -P 34 700M 3M');
      const [before, own] = [await stage.picture(id), stage.files('plain')];
      const asked = await requests.migrateVolume(stage.db, id, stage.pool('other'), format);
      const copied = await stage.step();
      assert.equal(copied?.step, 'copy-image');
      lose(await copyOf(asked.operationId));
      await stage.ended(asked, 'failed');
      assert.deepEqual(
        [await stage.looksLike(id, before), stage.files('plain'), stage.files('other')],
        [true, own, []],
      );
      await stage.ended(await requests.deleteVolume(stage.db, id));
    });
  }
});
