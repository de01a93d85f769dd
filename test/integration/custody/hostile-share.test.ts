// Shares that somebody hostile has written to, or that changed between the look and the deed: what a scan sees of them never breaks the service,
// and recording takes nothing that is another volume's, whatever `.info` and our own records beside the data are made to say.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { recordVolumes } from '../../../services/core/db/custody/record-volumes.js';
import { loadScan } from '../../../services/core/db/custody/scans.js';
import { GIB } from '../../../services/core/domain/size.js';
import { poison } from '../../harness/cinder-share/cinder-share.js';
import { DirectoryStage } from '../engine/directory-stage.js';
import * as requests from '../engine/requests.js';
import { planOf, scan, who } from './custody-stage.js';

type Facts = Record<string, unknown>;

describe('a hostile share', function () {
  this.timeout(120_000);
  let stage: DirectoryStage;

  before(async () => {
    stage = await DirectoryStage.open();
  });
  afterEach(async () => {
    await stage.db.raw(
      'truncate volumes, snapshots, chain_layers, attachments, operations, outbox, resource_locks, share_scans, custody_changes cascade',
    );
    for (const backend of ['plain', 'other'] as const) {
      const directory = stage.directory(backend);
      // Names of any bytes, so not by JavaScript's strings.
      execFileSync('find', [
        directory,
        '-mindepth',
        '1',
        '!',
        '-path',
        '*/.saggar',
        '!',
        '-path',
        '*/.saggar/anchor',
        '!',
        '-path',
        '*/.saggar/trash*',
        '-delete',
      ]);
    }
  });
  after(async () => {
    await stage.close();
  });

  const at = (...names: string[]) => path.join(stage.directory('plain'), ...names);

  /** A raw disk of one GiB. */
  function disk(volumeId: string = randomUUID()): string {
    writeFileSync(at(`volume-${volumeId}`), '');
    truncateSync(at(`volume-${volumeId}`), GIB);
    return volumeId;
  }

  function forge(volumeId: string, changes: Facts = {}, volume: Facts = {}): void {
    const chain = [{ file: `volume-${volumeId}`, format: 'raw', virtualSizeBytes: GIB, snapshotId: null }];
    const record = {
      version: 1,
      volumeId,
      writtenAt: '2026-01-01T00:00:00Z',
      volume: { id: volumeId, project_id: 'c'.repeat(32), user_id: 'd'.repeat(32), name: 'forged', ...volume },
      type: null,
      chain,
      backing: null,
      snapshots: [],
      attachments: [],
      ...changes,
    };
    writeFileSync(at('.saggar', `${volumeId}.json`), JSON.stringify(record));
  }

  function overlay(name: string, below: string, format: string): void {
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', below, '-F', format, '-u', at(name), '1G']);
  }

  async function baseOf(volumeId: string): Promise<{ file: string; format: string }> {
    const layer = await stage.db('chain_layers').where({ volume_id: volumeId, position: 0 }).first('file', 'format');
    return layer as { file: string; format: string };
  }

  const tryRecord = (scanId: string, volumeIds: readonly string[], more: object = {}) =>
    recordVolumes(stage.db, {
      scanId,
      apply: true,
      volumes: volumeIds.map((fileId) => ({ fileId })),
      projectId: who.projectId,
      userId: who.userId,
      type: null,
      baseFormat: null,
      useRecords: true,
      requestId: who.requestId,
      ...more,
    });

  it('the header that a guest writes into its disk cannot end the scans of its share', async () => {
    const [guest, neighbour] = [disk(), disk()];
    poison(at(`volume-${guest}`), 'aXb');
    const image = openSync(at(`volume-${guest}`), 'r+');
    const head = Buffer.alloc(4096);
    readSync(image, head, 0, head.length, 0);
    for (const text of ['raw', 'aXb']) writeSync(image, '\0', head.indexOf(text) + 1);
    closeSync(image);
    const found = await planOf(stage, await scan(stage));
    assert.deepEqual(
      found.fresh.map(({ volumeId }) => volumeId),
      [neighbour],
    );
    assert.deepEqual(found.refused, [guest]);
  });

  it('names, links, pipes and huge records: each is told, none waits, none is followed, the rest is read', async () => {
    const good = disk();
    const [linked, swapped, huge, bytes] = [disk(), randomUUID(), randomUUID(), randomUUID()];
    linkSync(at(`volume-${linked}`), at('elsewhere'));
    symlinkSync(at(`volume-${good}`), at(`volume-${swapped}`));
    execFileSync('mkfifo', [at(`volume-${randomUUID()}`)]);
    execFileSync('mkfifo', [at(`volume-${randomUUID()}.info`)]);
    execFileSync('mkfifo', [at('.saggar', `${randomUUID()}.json`)]);
    writeFileSync(at(`volume-${huge}.info`), '');
    truncateSync(at(`volume-${huge}.info`), 100 * 1024 * 1024);
    writeFileSync(at('.saggar', `${bytes}.json`), Buffer.from('{"a":"\0\xff"}', 'latin1'));
    for (const name of [
      'a\nb',
      'ünï',
      `volume-${good}\n`,
      `volume-${good} `,
      `VOLUME-${good}`,
      '-rf',
      '--help',
      '$(id)',
    ])
      writeFileSync(at(name), '');
    writeFileSync(Buffer.concat([Buffer.from(`${at('x')}`), Buffer.from([0xff, 0xfe])]), '');
    const found = await planOf(stage, await scan(stage));
    assert.deepEqual(
      found.fresh.map(({ volumeId }) => volumeId),
      [good],
    );
    assert.ok(found.refused.includes(linked) && found.refused.includes(huge));
    const shown = JSON.stringify(found.findings);
    assert.ok(!/\\u0000|\\n/.test(shown), shown);
  });

  it('no row is made of a file that another volume has on record, by whatever record beside it', async () => {
    const victim = await stage.make();
    await stage.ended(await requests.createSnapshot(stage.db, victim));
    const base = await baseOf(victim);
    const thief = randomUUID();
    overlay(`volume-${thief}`, base.file, base.format);
    const layer = { virtualSizeBytes: GIB, snapshotId: null };
    forge(thief, {
      chain: [
        { file: base.file, format: base.format, ...layer },
        { file: `volume-${thief}`, format: 'qcow2', ...layer, snapshotId: randomUUID() },
      ],
    });
    const { recorded, refused } = await tryRecord(await scan(stage), [thief]);
    assert.deepEqual(recorded, []);
    assert.match(refused[0]?.reason ?? '', /belongs to volume/);
    const rows: unknown[] = await stage.db('chain_layers').where({ file: base.file }).select('volume_id');
    assert.equal(rows.length, 1);
  });

  it('an overlay that somebody puts above the files of a moved volume takes nothing from it', async () => {
    const named = disk();
    const owner = randomUUID();
    await tryRecord(await scan(stage), [named], { volumes: [{ fileId: named, id: owner }] });
    const snapshotId = randomUUID();
    overlay(`volume-${named}.${snapshotId}`, `volume-${named}`, 'raw');
    const found = await planOf(stage, await scan(stage));
    assert.deepEqual(found.fresh, []);
    assert.deepEqual(found.refused, [named]);
  });

  it('a share that is known under another pool’s name is not adopted a second time', async () => {
    const named = disk();
    await tryRecord(await scan(stage), [named], { volumes: [{ fileId: named, id: randomUUID() }] });
    await stage.db('volumes').update({ host: stage.pool('other') });
    const found = await planOf(stage, await scan(stage));
    assert.deepEqual([found.fresh, found.refused], [[], [named]]);
    assert.deepEqual(
      found.findings.map(({ code }) => code),
      ['known-elsewhere'],
    );
  });

  it('of two records that claim one file, neither is believed', async () => {
    const victim = disk(`f${randomUUID().slice(1)}`);
    forge(victim, {}, { name: 'mine' });
    const thief = `0${randomUUID().slice(1)}`;
    forge(thief, { chain: [{ file: `volume-${victim}`, format: 'raw', virtualSizeBytes: GIB, snapshotId: null }] });
    const found = await planOf(stage, await scan(stage));
    assert.deepEqual(found.fresh, []);
    assert.deepEqual(found.refused, [thief, victim]);
  });

  it('a record cannot put a volume on the layer that another one writes to', async () => {
    const victim = await stage.make();
    const active = await baseOf(victim);
    const thief = randomUUID();
    overlay(`volume-${thief}`, active.file, active.format);
    forge(thief, {
      chain: [{ file: `volume-${thief}`, format: 'qcow2', virtualSizeBytes: GIB, snapshotId: null }],
      backing: { volumeId: victim, file: active.file },
    });
    const { recorded, refused } = await tryRecord(await scan(stage), [thief]);
    assert.deepEqual(recorded, []);
    assert.match(refused[0]?.reason ?? '', /written to/);
  });

  it('what was deleted, let go or begun since the scan is not recorded from it', async () => {
    const gone = await stage.make();
    const scanId = await scan(stage);
    await stage.ended(await requests.deleteVolume(stage.db, gone));
    const found = await planOf(stage, scanId);
    assert.deepEqual([found.fresh, found.refused], [[], [gone]]);
    assert.deepEqual(
      found.findings.map(({ code }) => code),
      ['changed-since'],
    );
    const { recorded, refused } = await tryRecord(scanId, [gone]);
    assert.deepEqual(recorded, []);
    assert.match(refused[0]?.reason ?? '', /since the scan/);
    assert.deepEqual((await planOf(stage, await scan(stage))).refused, []);
  });

  it('the copy of a move that is under way is nobody’s to adopt', async () => {
    const volume = await stage.make();
    await requests.migrateVolume(stage.db, volume, stage.pool('other'));
    const [operation] = (await stage.db('operations').where({ type: 'volume-migrate' }).select('params')) as {
      params: { nameId: string };
    }[];
    assert.ok(operation);
    const file = path.join(stage.directory('other'), `volume-${operation.params.nameId}`);
    writeFileSync(file, '');
    truncateSync(file, GIB);
    await stage
      .db('pools')
      .where({ name: stage.pool('other') })
      .first('name');
    const scanId = randomUUID();
    const entry = {
      kind: 'file',
      name: path.basename(file),
      sizeBytes: GIB,
      allocatedBytes: 0,
      modifiedMs: 0,
      mode: 384,
    };
    await stage.db('share_scans').insert({
      id: scanId,
      pool: stage.pool('other'),
      state: 'done',
      project_id: who.projectId,
      user_id: who.userId,
      request_id: who.requestId,
      entries: 1,
      finished_at: stage.db.raw('utc_now()'),
    });
    const entries = JSON.stringify([{ ...entry, linkCount: 1, verdict: { format: 'none', claims: null } }]);
    await stage.db('share_scan_pages').insert({ scan_id: scanId, page: 0, entries });
    const found = await planOf(stage, scanId);
    assert.deepEqual([found.fresh, found.findings.map(({ code }) => code)], [[], ['changed-since']]);
  });

  it('two volumes of one batch cannot get one id, nor the id of a third on the share', async () => {
    const [a, b, c] = [disk(), disk(), disk()];
    const id = randomUUID();
    const { recorded, refused } = await tryRecord(await scan(stage), [], {
      volumes: [
        { fileId: a, id },
        { fileId: b, id },
        { fileId: c, id: a },
      ],
    });
    assert.equal(recorded.length, 1);
    assert.equal(refused.length, 2);
    for (const { reason } of refused) assert.match(reason, /id/);
  });

  const snapshotId = randomUUID();
  const forgeries: Readonly<Record<string, { readonly record?: Facts; readonly volume?: Facts }>> = {
    'a project with a NUL': { volume: { project_id: 'a\0b' } },
    'half a character': { volume: { name: '\ud800' } },
    'a name that is a number': { volume: { name: 7 } },
    'an id that is none': { volume: { snapshot_id: "'; drop table volumes; --" } },
    'a list for metadata': { volume: { metadata: ['a'] } },
    'deep metadata': { volume: { metadata: { a: { b: 'c' } } } },
    'a NUL in metadata': { volume: { image_metadata: { 'a\0': 'b' } } },
    'a time that is none': { volume: { created_at: 'yesterday' } },
    'the thirtieth of February': { volume: { created_at: '2026-02-30T00:00:00' } },
    'a word for a truth': { volume: { bootable: 'perhaps' } },
    'nothing for a truth': { volume: { consumes_quota: null } },
    'a preallocation that does not exist': { volume: { preallocation: 5 } },
    'specs that are text': { record: { type: { id: randomUUID(), name: 'gold', extra_specs: 'x' } } },
    'a type of a NUL': { record: { type: { id: randomUUID(), name: 'go\0ld', extra_specs: {} } } },
    'a snapshot whose size is words': { record: { snapshots: [{ id: snapshotId, size_gib: 'large' }] } },
    'a snapshot beyond measure': { record: { snapshots: [{ id: snapshotId, size_gib: 2 ** 40 }] } },
    'a snapshot of a type that is none': { record: { snapshots: [{ id: snapshotId, volume_type_id: 'gold' }] } },
    'a layer of half a byte': {
      record: { chain: [{ file: 'volume-x', format: 'raw', virtualSizeBytes: 0.5, snapshotId: null }] },
    },
    'a version of tomorrow': { record: { version: 2 } },
    'deep nesting': { record: { attachments: JSON.parse(`${'['.repeat(2000)}${']'.repeat(2000)}`) } },
  };
  it('a forged record costs its own volume at most; the others of the batch are recorded', async () => {
    const honest = disk();
    forge(honest, {}, { name: 'honest' });
    const forged = Object.entries(forgeries).map(([what, { record, volume }]) => {
      const volumeId = disk();
      forge(volumeId, record, volume);
      return { what, volumeId };
    });
    const scanId = await scan(stage);
    const all = [...forged.map(({ volumeId }) => volumeId), honest];
    const { recorded, refused } = await tryRecord(scanId, all, { projectId: null, userId: null });
    assert.deepEqual(recorded, [honest]);
    assert.deepEqual(
      forged.filter(({ volumeId }) => !refused.some(({ id }) => id === volumeId)).map(({ what }) => what),
      [],
    );
    const codes = new Set((await planOf(stage, scanId)).findings.map(({ code }) => code));
    assert.ok(codes.has('record-garbled'));
  });

  it('a time or a text that no table takes costs its own volume, and is answered in words', async () => {
    const [honest, wrong, nul, old] = [disk(), disk(), disk(), disk()];
    overlay(`volume-${old}.${snapshotId}`, `volume-${old}`, 'raw');
    const { recorded, refused } = await tryRecord(await scan(stage), [], {
      volumes: [
        { fileId: honest, createdAt: '2026-01-31 23:59:59' },
        { fileId: wrong, createdAt: '2026-13-45 99:99:99' },
        { fileId: nul, metadata: { a: 'b\0' } },
        { fileId: old, snapshots: [{ id: snapshotId, createdAt: '2026-02-30T00:00:00' }] },
      ],
    });
    assert.deepEqual(recorded, [honest]);
    assert.deepEqual(refused.map(({ reason }) => reason).sort(), [
      'its created_at cannot be used',
      'its metadata cannot be used',
      'its snapshot’s created_at cannot be used',
    ]);
  });

  it('a directory in the place of a record or a file of the trash keeps neither scans nor the trash from working', async () => {
    const kept = disk();
    mkdirSync(at('.saggar', `${randomUUID()}.json`));
    const found = await planOf(stage, await scan(stage));
    assert.deepEqual(
      found.fresh.map(({ volumeId }) => volumeId),
      [kept],
    );
    assert.equal((await loadScan(stage.db, await scan(stage))).state, 'done');
  });
});
