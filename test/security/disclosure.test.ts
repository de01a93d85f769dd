// T-F02, T-F03, T-F07, T-F08: a guest writes an image header that names a file of the host into its own raw disk. Whatever is then done
// with the volume, the result holds exactly the guest's bytes, and the canaries are never opened.
// On real parts: the engine over PostgreSQL, the worker's handlers, real image files.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { chainNodes, passOnGroup } from '../../drivers/qemu/disk-options.js';
import { transportOf } from '../../drivers/qemu/share-transport.js';
import { reimageVolume } from '../../services/core/db/block-storage/volume-reimage.js';
import { uploadVolume } from '../../services/core/db/block-storage/volume-to-image.js';
import type { Chain } from '../../services/core/domain/chain.js';
import type { Command, CommandParams } from '../../services/core/messages/envelope.js';
import { DirectoryStage } from '../integration/engine/directory-stage.js';
import * as requests from '../integration/engine/requests.js';
import { Canaries } from './canaries.js';
import { makePoisons, overwriteStart, type PoisonName, poisonNames } from './poisons.js';
import { tenant, volumeOfImage } from './stored-image.js';

const GIB = 1024 ** 3;

type Start = Command & { readonly type: 'server.start'; readonly params: CommandParams<'server.start'> };
const isStart = (command: Command): command is Start => command.type === 'server.start';

describe('poisoned volumes', function suite() {
  this.timeout(60_000);
  let stage: DirectoryStage;
  let canaries: Canaries;
  let poisons: Readonly<Record<PoisonName, Buffer>>;
  const place = () => ({ pool: stage.pool('other'), computeHost: 'host' });

  before(async () => {
    stage = await DirectoryStage.open();
    // Of a tenant's images many volumes are made here, and none is deleted.
    await stage.db('quota_limits').insert({ project_id: tenant.projectId, resource: 'volumes', hard_limit: -1 });
    canaries = await Canaries.place(stage.folder);
    poisons = makePoisons(path.join(stage.folder, 'poisons'), canaries);
  });
  after(async () => {
    await canaries.remove();
    await stage.close();
  });

  interface Poisoned {
    readonly id: string;
    readonly file: string;
    readonly bytes: Buffer;
    /** A flat copy of what the guest sees. */
    readonly picture: string;
  }

  async function makePoisoned(name: PoisonName): Promise<Poisoned> {
    const id = await stage.ended(await requests.createVolume(stage.db, place(), 1, 'raw'));
    const { name: file, format } = await stage.activeFile(id);
    assert.equal(format, 'raw');
    await stage.write(id, 'write -P 17 512M 1M');
    const bytes = poisons[name];
    overwriteStart(file, bytes);
    return { id, file, bytes, picture: await stage.picture(id) };
  }

  function startOf(file: string, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    const handle = openSync(file, 'r');
    readSync(handle, bytes, 0, length, 0);
    closeSync(handle);
    return bytes;
  }

  async function expectSame(id: string, { picture }: Poisoned): Promise<void> {
    assert.equal(await stage.looksLike(id, picture), true, 'byte for byte the same disk');
    await canaries.expectUntouched();
  }

  const snapshot = (id: string) => requests.createSnapshot(stage.db, id).then((asked) => stage.ended(asked));
  const remove = (id: string) => requests.deleteVolume(stage.db, id).then((asked) => stage.ended(asked));

  /** Works until a guest is to be started; how its disk is described to the compute worker. */
  async function diskOfStart(): Promise<{ readonly chain: Chain } | undefined> {
    for (;;) {
      const command = await stage.rig.takeCommand();
      assert.ok(command !== null, 'the guest is never started');
      if (isStart(command)) return command.params.disks[0] as { readonly chain: Chain } | undefined;
      const byWorld = command.type.startsWith('server.');
      const outcome = byWorld ? stage.rig.perform(command) : await stage.perform(command, 'host@other');
      await stage.rig.answer(command, outcome);
    }
  }

  /** What is done to the volume; each answers the volume whose contents must be the source's afterwards. */
  const deeds: Readonly<Record<string, (source: Poisoned) => Promise<string>>> = {
    clone: ({ id }) =>
      requests
        .cloneVolume(stage.db, place(), id)
        .then(({ id: copy, operationId }) => stage.ended({ id: copy, operationId })),
    snapshot: async ({ id }) => {
      await snapshot(id);
      return id;
    },
    'create-from-snapshot, a full copy': async ({ id }) => {
      const source = { volumeId: id, snapshotId: await snapshot(id) };
      return stage.ended(await requests.createVolumeFromSnapshot(stage.db, place(), source));
    },
    'create-from-snapshot, at once': async ({ id }) => {
      const source = { volumeId: id, snapshotId: await snapshot(id) };
      return stage.ended(await requests.createVolumeFromSnapshot(stage.db, place(), source, { maxLayers: 8 }));
    },
    'create-from-snapshot, at once, then flatten': async ({ id }) => {
      const source = { volumeId: id, snapshotId: await snapshot(id) };
      const copy = await stage.ended(
        await requests.createVolumeFromSnapshot(stage.db, place(), source, { maxLayers: 8 }),
      );
      return stage.ended(await requests.flattenVolume(stage.db, copy));
    },
    'backup, restored to a volume of another format': async ({ id }) => {
      const backup = await stage.ended(await requests.backUp(stage.db, id, await snapshot(id)));
      const target = await stage.make('plain');
      return stage.ended(await requests.restoreBackup(stage.db, backup, target));
    },
    'backup, restored to where it came from': async ({ id }) => {
      const backup = await stage.ended(await requests.backUp(stage.db, id, await snapshot(id)));
      await stage.write(id, 'write -P 9 0 8M');
      return stage.ended(await requests.restoreBackup(stage.db, backup, id));
    },
    extend: async ({ id }) => stage.ended(await requests.extendVolume(stage.db, place(), id, 2)),
    'migrate to another pool': async ({ id }) =>
      stage.ended(await requests.migrateVolume(stage.db, id, stage.pool('plain'), 'qcow2')),
    'retype to another format': async ({ id }) =>
      stage.ended(await requests.migrateVolume(stage.db, id, stage.pool('other'), 'qcow2')),
    'delete of a snapshot': async ({ id }) => {
      await stage.ended(await requests.deleteSnapshot(stage.db, id, await snapshot(id)));
      return id;
    },
    'upload-to-image, and a volume of the image': async ({ id }) => {
      const wish = { name: 'poisoned', force: false, containerFormat: 'bare', visibility: 'private' } as const;
      const { imageId } = await uploadVolume(
        stage.db,
        id,
        { ...wish, isProtected: false, diskFormat: 'qcow2' },
        tenant,
      );
      while ((await stage.step()) !== null);
      return (await volumeOfImage(stage, imageId)).id;
    },
    'upload-to-image, and new content from it': async ({ id }) => {
      const wish = { name: 'poisoned', force: false, containerFormat: 'bare', visibility: 'private' } as const;
      const { imageId } = await uploadVolume(stage.db, id, { ...wish, isProtected: false, diskFormat: 'vmdk' }, tenant);
      const target = await stage.make('plain');
      while ((await stage.step()) !== null);
      await reimageVolume(stage.db, target, { imageId, reimageReserved: false }, tenant);
      while ((await stage.step()) !== null);
      return target;
    },
    revert: async ({ id }) => {
      const taken = await snapshot(id);
      await stage.write(id, 'write -P 9 0 8M');
      return stage.ended(await requests.revertVolume(stage.db, id, taken));
    },
  };

  describe('T-F03', () => {
    for (const name of poisonNames) {
      for (const [deed, act] of Object.entries(deeds)) {
        it(`${deed} of a volume with ${name}`, async () => {
          const source = await makePoisoned(name);
          const result = await act(source);
          if (deed === 'extend') assert.equal(statSync(source.file).size, 2 * GIB);
          await expectSame(result, source);
          // A move has removed it.
          if (existsSync(source.file)) assert.deepEqual(startOf(source.file, source.bytes.length), source.bytes);
        });
      }
    }
  });

  describe('T-F02', () => {
    for (const name of poisonNames) {
      it(`a disk with ${name} is described as raw to every guest, and read back as written`, async () => {
        const source = await makePoisoned(name);
        await requests.createServer(stage.db, place(), [source.id]);
        const chain = (await diskOfStart())?.chain;
        assert.deepEqual(
          chain?.map(({ format }) => format),
          ['raw'],
        );
        const directory = stage.directory('other');
        const access = { share: `dir:${directory}`, glusterVolumeName: '', directory, servers: [], mountOptions: null };
        const nodes = chainNodes(source.id, chain, transportOf(access), false).map(({ options }) => options);
        // Two nodes, and within the lower one that of the share's file: nothing anywhere looks for a format.
        assert.equal(nodes.length, 2);
        const [filter = {}, format = {}] = nodes;
        assert.equal(format['driver'], 'raw');
        assert.equal(format['file'], filter['node-name']);
        assert.equal(filter['driver'], 'throttle');
        const onShare = filter['file'];
        assert.ok(onShare !== null && typeof onShare === 'object' && 'driver' in onShare && 'filename' in onShare);
        const { driver, filename } = onShare;
        assert.deepEqual({ driver, filename }, { driver: 'file', filename: source.file });
        // The guest's nodes, opened by a tool that ends: the same drivers on the same file, and nothing else said.
        const lower = { driver: filter['driver'], 'throttle-group': passOnGroup.id, file: { driver, filename } };
        const node = JSON.stringify({ driver: format['driver'], file: lower });
        const group = `${passOnGroup['qom-type']},id=${passOnGroup.id}`;
        const out = path.join(stage.folder, 'read-back');
        execFileSync('qemu-img', ['convert', '--object', group, '-O', 'raw', `json:${node}`, out]);
        assert.deepEqual(startOf(out, source.bytes.length), source.bytes);
        await canaries.expectUntouched();
      });
    }
  });

  describe('T-F07', () => {
    for (const name of poisonNames) {
      it(`extending a disk with ${name} makes the file larger and leaves the inner header alone`, async () => {
        const source = await makePoisoned(name);
        await stage.ended(await requests.extendVolume(stage.db, place(), source.id, 3));
        assert.equal(statSync(source.file).size, 3 * GIB);
        assert.deepEqual(startOf(source.file, source.bytes.length), source.bytes);
        await canaries.expectUntouched();
        await remove(source.id);
      });
    }
  });

  describe('T-F08', () => {
    for (const depth of [1, 2, 5, 16]) {
      it(`a volume from each of ${depth} snapshots holds the bytes of that snapshot`, async function deep() {
        this.timeout(20_000 + depth * 10_000);
        const id = await stage.make('plain');
        const taken: { snapshotId: string; picture: string }[] = [];
        const where = { pool: stage.pool('plain'), computeHost: 'host' };
        for (let n = 1; n <= depth; n++) {
          await stage.write(id, `write -P ${n} ${n}M 1M`);
          const picture = await stage.picture(id);
          taken.push({ snapshotId: await snapshot(id), picture });
        }
        for (const { snapshotId, picture } of taken) {
          const source = { volumeId: id, snapshotId };
          const copy = await stage.ended(await requests.createVolumeFromSnapshot(stage.db, where, source));
          assert.equal(await stage.looksLike(copy, picture), true);
          await remove(copy);
        }
      });
    }
  });
});
