// QEMU killed with SIGKILL in the midst of a live snapshot and of live merges, through the whole stack: conductor, workers, a real guest that
// writes. Each time the operation must come to its rest, record and files must agree, nothing that the guest was told to be written may be
// missing, the snapshots must show what they showed, and the guest must start again from the same disk.
// The moment of each kill is drawn from a seed (the commit's, harness/rotation.ts; or SAGGAR_KILL_SEED), which the test names. SAGGAR_KILLS says how many kills of each kind.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuestConsole } from '../../deploy/guest/console.js';
import { ensureGuestImage } from '../../deploy/guest/guest-image.js';
import { findGuestProcess, killGuest } from '../../drivers/qemu/guest-process.js';
import type { Chain } from '../../services/core/domain/chain.js';
import { projectRoot } from '../../services/core/runtime/spec-files.js';
import { closeOwnParts, freshBroker, freshDatabase, type TestDatabase } from '../harness/environment.js';
import { chooseRotation } from '../harness/rotation.js';
import { waitFor } from '../harness/wait-for.js';
import * as requests from '../integration/engine/requests.js';
import { DiskModel, demandSame, patternBytes } from '../system/chain-torture/disk-model.js';
import { writesSeen } from '../system/chain-torture/guest-writer.js';
import { Dice } from '../system/chain-torture/torture-plan.js';
import { Stage } from './stage.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const REGION_MIB = 1;
const seed = process.env['SAGGAR_KILL_SEED'] ?? String(chooseRotation().turn);
const kills = Number(process.env['SAGGAR_KILLS'] ?? 1);

describe(`QEMU killed in the midst of live block work (seed ${seed})`, function suite() {
  this.timeout(400_000);
  let database: TestDatabase;
  let stage: Stage;
  let model: DiskModel;
  let guest: GuestConsole | null = null;
  let [serverId, volumeId, device] = ['', '', ''];
  const dice = new Dice(seed);
  let untouched: Buffer = Buffer.alloc(MIB);

  const sh = (command: string) => (guest ?? assert.fail('no console')).check(command, 120_000);
  const guestFile = (name: string) => path.join(stage.directory, 'compute-worker', 'servers', serverId, name);
  const fileOf = (file: string) => path.join(stage.share, file);
  const fill = async (name: string, first: number, count: number) => {
    await sh(`pattern ${device} ${name} ${first} ${count}`);
    await model.write(first * MIB, patternBytes(name, first, count));
  };
  /** One letter all over: the guest's `pattern` takes a second for each MiB on a busy machine. */
  const fillBulk = async (letter: string, first: number, count: number) => {
    const copy = `dd of=${device} bs=1M seek=${first} iflag=fullblock conv=notrunc,fsync 2>/dev/null`;
    await sh(`dd if=/dev/zero bs=1M count=${count} 2>/dev/null | tr '\\000' '${letter}' | ${copy}`);
    await model.write(first * MIB, Buffer.alloc(count * MIB, letter));
  };
  const chainOf = async (): Promise<Chain> => {
    const rows: { file: string; format: 'raw' | 'qcow2'; virtual_size_bytes: string; snapshot_id: string | null }[] =
      await stage.db('chain_layers').where({ volume_id: volumeId }).orderBy('position');
    return rows.map(({ file, format, virtual_size_bytes: bytes, snapshot_id: snapshotId }) => {
      return { file, format, virtualSizeBytes: Number(bytes), snapshotId };
    });
  };
  const boot = async () => {
    guest?.close();
    guest = await GuestConsole.connect(guestFile('console.sock'));
    await guest.waitUntilReady(180_000);
    device = await sh(`disk ${volumeId.slice(0, 20)} 30`);
    // The writer counts from 0 again; what it wrote before the kill must not be taken for what it writes now.
    await fillBulk('z', REGION_MIB, 1);
    untouched = await model.read(REGION_MIB * MIB, MIB);
    await sh(`writer start ${device} ${REGION_MIB} 1`);
  };
  const acknowledged = async () => Number((await sh('writer status')).split(' ')[0]);

  /** The layer through its chain, with the writer's region taken over from it: at least so many writes, and no state that never was. */
  const demandLayer = async (layer: Chain[number], flat: string, atLeast: number) => {
    const part = path.join(stage.directory, 'region');
    const words = ['bs=1M', `skip=${REGION_MIB}`, `count=${REGION_MIB + 1}`, `if=${fileOf(layer.file)}`, `of=${part}`];
    execFileSync('qemu-img', ['dd', '-U', '-f', layer.format, '-O', 'raw', ...words]);
    const region = readFileSync(part);
    rmSync(part);
    const seen = writesSeen(region, untouched);
    assert.ok(seen >= atLeast, `${layer.file} shows ${seen} writes, ${atLeast} were acknowledged before`);
    await model.write(REGION_MIB * MIB, region, flat);
    await demandSame(flat, { path: fileOf(layer.file), format: layer.format });
  };

  /** Nobody runs: record, headers, qemu-img's opinion, and every byte. */
  const verifyAtRest = async (snapshotIds: readonly string[], atLeast: ReadonlyMap<string, number>, active: number) => {
    const chain = await chainOf();
    assert.deepEqual(
      chain.flatMap((layer) => layer.snapshotId ?? []),
      snapshotIds,
    );
    for (const [index, { file, format }] of chain.entries()) {
      if (format !== 'qcow2') continue;
      const info = JSON.parse(
        execFileSync('qemu-img', ['info', '-f', format, '--output=json', fileOf(file)], { encoding: 'utf8' }),
      ) as { 'backing-filename'?: string };
      assert.equal(info['backing-filename'] ?? null, chain[index - 1]?.file ?? null);
      // 3: leaked clusters, which a kill may leave and which harm nobody.
      const { status } = spawnSync('qemu-img', ['check', '-q', '-f', format, fileOf(file)]);
      assert.ok(status === 0 || status === 3, `qemu-img check of ${file} ended with ${status}`);
    }
    const own = (await stage.imageFiles()).filter((name) => name.includes(volumeId));
    assert.deepEqual(own, chain.map(({ file }) => file).sort(), 'files on the share');
    for (const [index, { snapshotId }] of chain.entries()) {
      const below = chain[index - 1];
      if (snapshotId === null || below === undefined) continue;
      await demandLayer(below, model.snapshotFile(snapshotId), atLeast.get(snapshotId) ?? 0);
    }
    const top = chain.at(-1) ?? assert.fail('no layer');
    await demandLayer(top, model.active, active);
  };

  before(async function open() {
    if (spawnSync('qemu-system-x86_64', ['--version']).status !== 0) {
      console.log('      skipped: qemu-system-x86_64 is not installed');
      this.skip();
    }
    const image = await ensureGuestImage(path.join(projectRoot(), 'node_modules', '.cache', 'saggar-guest'));
    database = await freshDatabase();
    const broker = await freshBroker();
    stage = await Stage.open({ databaseUrl: database.url, amqpUrl: broker.url }, [], 'qemu');
    const boots = await stage.ended(await requests.createVolume(stage.db, stage.place, 1, 'raw'));
    execFileSync('cp', ['--sparse=always', image.file, fileOf(`volume-${boots}`)]);
    volumeId = await stage.ended(await requests.createVolume(stage.db, stage.place));
    model = await DiskModel.make(path.join(stage.directory, 'model'), GIB);
    const server = await requests.createServer(stage.db, stage.place, [boots, volumeId], false, 256);
    serverId = await stage.ended(server);
    await boot();
  });
  after(async () => {
    guest?.close();
    const process = serverId === '' ? null : await findGuestProcess(guestFile('pid'));
    await stage?.close(false);
    if (process !== null) await killGuest(process);
    await database?.drop();
    await closeOwnParts();
  });

  /** Asks, kills after a while, waits for the rest, looks at everything, and starts the guest again. */
  async function killDuring(ask: () => Promise<requests.Asked>, longestMs: number, know: Map<string, number>) {
    await waitFor('the writer', async () => (await acknowledged()) >= 3, { timeoutMs: 60_000 });
    const before = await acknowledged();
    const asked = await ask();
    const afterMs = dice.below(longestMs);
    await sleep(afterMs); // the very point of this test: any moment
    const victim = (await findGuestProcess(guestFile('pid'))) ?? assert.fail('no guest');
    await killGuest(victim);
    const { state, step, visited } = await stage.restOf(asked.operationId);
    console.log(`      killed after ${afterMs} ms: ${state} (${step ?? visited.at(-1) ?? 'before the first step'})`);
    const stopped = async () => (await stage.db('servers').where({ id: serverId, vm_state: 'stopped' })).length === 1;
    await waitFor('the server to be seen as stopped', stopped, { timeoutMs: 60_000 });
    const ids = (await chainOf()).flatMap(({ snapshotId }) => snapshotId ?? []);
    for (const id of ids) {
      if (model.snapshotIds.includes(id)) continue;
      await model.keep(id);
      know.set(id, before);
    }
    await verifyAtRest(ids, know, before);
    const start = await requests.actOnServer(stage.db, 'server-start', serverId);
    await stage.ended(start);
    await boot();
    return { state, id: asked.id };
  }

  for (let round = 1; round <= kills; round += 1) {
    it(`snapshot, kill ${round}`, async () => {
      const know = new Map<string, number>();
      await fill(`create-${round}`, 8, 8);
      const { state, id } = await killDuring(() => requests.createSnapshot(stage.db, volumeId), 400, know);
      if (state === 'done') await stage.ended(await requests.deleteSnapshot(stage.db, volumeId, id));
      await model.forget(id);
      assert.equal((await chainOf()).length, 1);
    });

    for (const [direction, below, above] of [
      ['down', 32, 24],
      ['up', 0, 72],
    ] as const) {
      it(`delete, data merged ${direction}, kill ${round}`, async () => {
        if (below > 0) await fillBulk('b', 32, below);
        await fill(`below-${direction}-${round}`, 44, 2);
        const snapshotId = await stage.ended(await requests.createSnapshot(stage.db, volumeId));
        await model.keep(snapshotId);
        await fillBulk('c', 48, above);
        await fill(`above-${direction}-${round}`, 45, 4);
        const know = new Map<string, number>([[snapshotId, 0]]);
        const { state } = await killDuring(() => requests.deleteSnapshot(stage.db, volumeId, snapshotId), 1_500, know);
        assert.equal(state, 'done', 'a merge that has begun goes on to its end');
        assert.equal((await chainOf()).length, 1);
      });
    }
  }
});
