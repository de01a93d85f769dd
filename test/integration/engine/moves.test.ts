// Moves and reverts with real image files: the engine over a real database, and the volume worker's own handlers over two backends on
// plain directories. The disk as a guest reads it is compared byte by byte, before and after.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseBackendOptions } from '../../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../../drivers/gluster/create-volume-driver.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import type { LongWork, VolumeDriver } from '../../../drivers/volume-driver.js';
import { type Database, migrate, openDatabase } from '../../../services/core/db/connection.js';
import { asServiceError } from '../../../services/core/domain/errors.js';
import type { Command, StepOutcome } from '../../../services/core/messages/envelope.js';
import { volumeCommandHandlers } from '../../../services/volume-worker/command-handlers.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import * as requests from './requests.js';
import { Rig } from './rig.js';

interface LayerRow {
  readonly file: string;
  readonly format: string;
}

describe('moves of real image files', function suite() {
  this.timeout(60_000);
  let database: TestDatabase;
  let db: Database;
  let rig: Rig;
  let folder = '';
  const drivers = new Map<string, VolumeDriver>();
  const refused: string[] = [];
  const backends = { plain: 'qcow2', other: 'raw' } as const;
  type Backend = keyof typeof backends;
  const directory = (backend: Backend) => path.join(folder, backend);
  const pool = (backend: Backend) => `host@${backend}#dir:${directory(backend)}`;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'saggar-moves-'));
    database = await freshDatabase();
    db = openDatabase({ url: database.url });
    await migrate(db);
    rig = new Rig(db);
    for (const [backend, format] of Object.entries(backends) as [Backend, string][]) {
      mkdirSync(directory(backend));
      const options = { driver: 'directory', saggar_directories: [directory(backend)], saggar_volume_format: format };
      const driver = createVolumeDriver(parseBackendOptions(backend, options), { runner: systemCommandRunner });
      await driver.setup();
      drivers.set(`host@${backend}`, driver);
      const share = `dir:${directory(backend)}`;
      await db('pools').insert({
        name: pool(backend),
        backend_host: `host@${backend}`,
        share,
        state: 'up',
        access: JSON.stringify({ share, glusterVolumeName: '', directory: '', servers: [], mountOptions: null }),
        capabilities: JSON.stringify({ volumeFormat: format, preallocation: 'off' }),
      });
    }
  });
  after(async () => {
    for (const driver of drivers.values()) await driver.close();
    await db.destroy();
    await database.drop();
    await closeOwnParts();
    rmSync(folder, { recursive: true });
  });

  /** As the worker of the command's queue would. */
  async function perform(command: Command, backendHost: string): Promise<StepOutcome> {
    const driver = drivers.get(backendHost);
    assert.ok(driver, backendHost);
    if (refused.includes(command.step) && command.phase === 'do')
      return { kind: 'failed', error: { code: 'no_space', message: 'full' }, partial: true };
    const handlers = volumeCommandHandlers(driver, drivers) as unknown as Record<
      string,
      (params: object, work: LongWork) => Promise<object>
    >;
    const work = { onProgress: () => undefined, signal: new AbortController().signal };
    try {
      return { kind: 'done', output: (await handlers[command.type]?.(command.params, work)) ?? {} };
    } catch (thrown) {
      const { code, message } = asServiceError(thrown);
      return { kind: 'failed', error: { code, message }, partial: false };
    }
  }

  async function ended({ id, operationId }: requests.Asked, state = 'done'): Promise<string> {
    for (;;) {
      const { rows } = (await db.raw('select routing_key from outbox order by id limit 1')) as {
        rows: { routing_key: string }[];
      };
      const command = await rig.takeCommand();
      if (command === null) break;
      await rig.answer(command, await perform(command, (rows[0]?.routing_key ?? '').slice('commands.volume.'.length)));
    }
    const operation = await rig.operation(operationId);
    assert.equal(operation.state, state, JSON.stringify(operation.error));
    return id;
  }

  async function activeFile(volumeId: string): Promise<{ name: string; format: string }> {
    const layer: LayerRow | undefined = await db('chain_layers')
      .where({ volume_id: volumeId })
      .orderBy('position', 'desc')
      .first();
    const place: { provider_location: string } | undefined = await db('volumes').where({ id: volumeId }).first();
    assert.ok(layer !== undefined && place !== undefined);
    return { name: path.join(place.provider_location.slice('dir:'.length), layer.file), format: layer.format };
  }

  /** Writes as a guest would. */
  async function write(volumeId: string, ...commands: string[]): Promise<void> {
    const { name, format } = await activeFile(volumeId);
    execFileSync('qemu-io', ['-f', format, ...commands.flatMap((command) => ['-c', command]), name]);
  }

  /** A flat copy of the whole disk as a guest would read it; the name of the file. */
  async function picture(volumeId: string): Promise<string> {
    const { name, format } = await activeFile(volumeId);
    const flat = path.join(folder, `picture-${randomUUID()}`);
    execFileSync('qemu-img', ['convert', '-f', format, '-O', 'raw', name, flat]);
    return flat;
  }

  /** Whether every byte of the disk is as in the picture. */
  async function looksLike(volumeId: string, flat: string): Promise<boolean> {
    const { name, format } = await activeFile(volumeId);
    const compared = spawnSync('qemu-img', ['compare', '-f', 'raw', '-F', format, flat, name], {
      encoding: 'utf8',
    });
    assert.ok(compared.status === 0 || compared.status === 1, compared.stderr);
    return compared.status === 0;
  }

  const files = (backend: Backend) => readdirSync(directory(backend)).filter((name) => !name.startsWith('.'));
  const make = async (place: Backend = 'plain') =>
    ended(await requests.createVolume(db, { pool: pool(place), computeHost: 'host' }));

  it('keeps every byte when a volume moves to another backend and back, and leaves nothing behind', async () => {
    const id = await make();
    await write(id, 'write -P 17 0 1M', 'write -P 34 700M 3M', 'write -P 51 1023M 1M');
    const before = await picture(id);
    await ended(await requests.migrateVolume(db, id, pool('other')));
    assert.deepEqual([await looksLike(id, before), (await activeFile(id)).format], [true, 'raw']);
    assert.deepEqual(files('plain'), []);
    assert.equal(files('other').length, 2, 'the copy and its record');
    await write(id, 'write -P 68 5M 1M');
    assert.equal(await looksLike(id, before), false);
    const changed = await picture(id);
    await ended(await requests.migrateVolume(db, id, pool('plain')));
    assert.equal(await looksLike(id, changed), true);
    assert.deepEqual(files('other'), []);
    await ended(await requests.deleteVolume(db, id));
    assert.deepEqual(files('plain'), []);
  });

  it('keeps every byte when the pool stays and only the format changes', async () => {
    const id = await make();
    await write(id, 'write -P 85 10M 2M');
    const before = await picture(id);
    await ended(await requests.migrateVolume(db, id, pool('plain')));
    assert.deepEqual([await looksLike(id, before), (await activeFile(id)).format], [true, 'raw']);
    assert.deepEqual(files('plain').length, 2);
    await ended(await requests.deleteVolume(db, id));
  });

  it('leaves the source untouched and no copy when the copy cannot be verified', async () => {
    const id = await make();
    await write(id, 'write -P 102 0 4M');
    const [before, own] = [await picture(id), files('plain')];
    refused.push('verify-chain');
    await ended(await requests.migrateVolume(db, id, pool('other')), 'failed');
    refused.pop();
    assert.deepEqual([await looksLike(id, before), files('plain'), files('other')], [true, own, []]);
    await ended(await requests.deleteVolume(db, id));
  });

  it('goes back to the bytes of the snapshot, over raw and qcow2 bases, again and again', async () => {
    for (const backend of Object.keys(backends) as Backend[]) {
      const id = await make(backend);
      if (backend === 'other') await db('volumes').where({ id }).update({ base_format: 'raw' });
      await write(id, 'write -P 1 0 2M');
      const older = await ended(await requests.createSnapshot(db, id));
      await write(id, 'write -P 2 1M 2M');
      const snapshot = await ended(await requests.createSnapshot(db, id));
      const frozen = await picture(id);
      for (const pattern of [3, 4]) {
        await write(id, `write -P ${pattern} 0 8M`);
        assert.equal(await looksLike(id, frozen), false);
        await ended(await requests.revertVolume(db, id, snapshot));
        assert.equal(await looksLike(id, frozen), true, backend);
        assert.equal(files(backend).filter((name) => !name.endsWith('.info')).length, 3);
      }
      await write(id, 'write -P 5 4M 1M');
      const last = await picture(id);
      for (const one of [older, snapshot]) await ended(await requests.deleteSnapshot(db, id, one));
      assert.equal(await looksLike(id, last), true, 'merged after a revert');
      await ended(await requests.deleteVolume(db, id));
      assert.deepEqual(files(backend), []);
    }
  });

  it('keeps what was written when a revert fails', async () => {
    const id = await make();
    const snapshot = await ended(await requests.createSnapshot(db, id));
    await write(id, 'write -P 9 0 1M');
    const [before, own] = [await picture(id), files('plain')];
    refused.push('verify-chain');
    await ended(await requests.revertVolume(db, id, snapshot), 'failed');
    refused.pop();
    assert.deepEqual([await looksLike(id, before), files('plain')], [true, own]);
    await ended(await requests.deleteSnapshot(db, id, snapshot));
    await ended(await requests.deleteVolume(db, id));
  });

  it('takes a volume over again that it has let go', async () => {
    const id = await make();
    await write(id, 'write -P 77 0 1M');
    const before = await picture(id);
    const { name } = await activeFile(id);
    await ended(await requests.unmanageVolume(db, id));
    assert.deepEqual(files('plain'), [path.basename(name)]);
    const place = { pool: pool('plain'), computeHost: 'host' };
    const again = await ended(await requests.manageVolume(db, place, path.basename(name)));
    assert.equal(await looksLike(again, before), true);
    await ended(await requests.deleteVolume(db, again));
    assert.deepEqual(files('plain'), []);
  });
});
