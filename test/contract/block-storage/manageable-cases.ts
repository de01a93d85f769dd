// What could be taken over is listed as Cinder lists it; a snapshot is let go and taken back without its data moving.
import assert from 'node:assert/strict';
import { type BlockRig, backendHost, missingId, poolName } from './block-rig.js';

const version = '3.71';
const admin = { as: 'admin', version } as const;

const file = (name: string, change: object = {}, verdict: object = { format: 'none', claims: null }) => ({
  ...{ kind: 'file', name, sizeBytes: 2 ** 30, allocatedBytes: 0, modifiedMs: 0, mode: 0o660, linkCount: 1, verdict },
  ...change,
});
const qcow2 = (change: object = {}) => ({
  ...{ format: 'qcow2', version: 3, virtualSizeBytes: 3 * 2 ** 30, backingFile: null, backingFormat: null },
  ...{ hostile: null, ...change },
});

export function manageableCases(getRig: () => BlockRig): void {
  describe('what could be taken over', () => {
    let rig: BlockRig;
    before(() => {
      rig = getRig();
    });
    afterEach(async () => {
      rig.engine.world.scanned = [];
      await rig.database('share_scans').delete();
      await rig.clear();
    });

    const list = async (query = '', path = '/manageable_volumes/detail'): Promise<Record<string, unknown>[]> => {
      const answer = await rig.ask('GET', `${path}?host=${backendHost}${query}`, admin);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return (answer.body['manageable-volumes'] ?? answer.body['manageable-snapshots']) as Record<string, unknown>[];
    };
    const names = (rows: Record<string, unknown>[]) =>
      rows.map((row) => (row['reference'] as Record<string, string>)['source-name']);

    it('are files, each with what keeps it from being taken over', async () => {
      const volume = await rig.volume();
      rig.engine.world.scanned = [
        file('good.raw'),
        file('good.qcow2', { sizeBytes: 196_608 }, qcow2()),
        file('odd.raw', { sizeBytes: 2 ** 30 + 1 }),
        file('empty', { sizeBytes: 0 }),
        file('linked', { linkCount: 2 }),
        file('disk.vmdk', {}, { format: 'none', claims: 'vmdk' }),
        file('data-file', {}, qcow2({ hostile: 'an external data file' })),
        file('overlay', {}, qcow2({ backingFile: 'below.raw' })),
        file('below.raw'),
        file('garbled', {}, { format: 'malformed', reason: 'the magic is cut off' }),
        file(`volume-${volume}`, { sizeBytes: 196_608 }, qcow2()),
        { kind: 'other', name: 'directory', reason: 'a directory' },
        { kind: 'info', name: `volume-${missingId}.info`, info: null, reason: 'it is empty' },
      ];
      const rows = await list('&sort=reference:asc');
      assert.deepEqual(
        rows.map((row) => [
          (row['reference'] as Record<string, string>)['source-name'],
          row['safe_to_manage'],
          row['reason_not_managed'],
        ]),
        [
          ['below.raw', false, 'another file stands on it'],
          ['data-file', false, 'it has an external data file'],
          ['disk.vmdk', false, 'it claims to be vmdk'],
          ['empty', false, 'the file is empty'],
          ['garbled', false, 'its header is malformed'],
          ['good.qcow2', true, null],
          ['good.raw', true, null],
          ['linked', false, 'the file has several names'],
          ['odd.raw', false, 'its size is no multiple of 512 bytes'],
          ['overlay', false, 'it stands on another file'],
          [`volume-${volume}`, false, 'already managed'],
        ],
      );
      const good = rows.find((row) => names([row])[0] === 'good.qcow2');
      assert.deepEqual([good?.['size'], good?.['extra_info'], good?.['cinder_id']], [3, 'format: qcow2', null]);
      assert.equal(rows.at(-1)?.['cinder_id'], volume);
      const [short] = await list('&limit=1', '/manageable_volumes');
      assert.deepEqual(Object.keys(short ?? {}).sort(), ['reference', 'safe_to_manage', 'size']);
      assert.equal((await list('', '/os-volume-manage')).length, 11);
      assert.equal((await list('', '/os-volume-manage/detail')).length, 11);
    });

    it('are sorted and paged: by default backwards by name, behind a marker in Cinder’s form', async () => {
      rig.engine.world.scanned = ['a', 'b', 'c', 'd', 'e'].map((name, index) =>
        file(name, { sizeBytes: (1 + (index % 2)) * 2 ** 30 }),
      );
      assert.deepEqual(names(await list()), ['e', 'd', 'c', 'b', 'a']);
      assert.deepEqual(names(await list('&sort=size:asc,reference:asc')), ['a', 'c', 'e', 'b', 'd']);
      assert.deepEqual(names(await list('&sort_key=size&sort_dir=desc&limit=2&offset=2')).length, 2);
      const seen: (string | undefined)[] = [];
      let next: string | null = `/manageable_volumes?host=${backendHost}&limit=2`;
      while (next !== null) {
        const { body } = await rig.ask('GET', next, admin);
        seen.push(...names(body['manageable-volumes'] as Record<string, unknown>[]));
        const href = (body['manageable-volumes_links'] as { href: string }[] | undefined)?.[0]?.href;
        next = href === undefined ? null : href.slice(href.indexOf('/manageable_volumes'));
      }
      assert.deepEqual(seen, ['e', 'd', 'c', 'b', 'a']);
      assert.deepEqual(names(await list('&marker=c')), ['b', 'a']);
    });

    it('are refused with a reason: no host, an unknown one, odd sorts and markers, and for users', async () => {
      const refusals: readonly (readonly [string, RegExp, string?])[] = [
        ['', /Host field is missing/, '3.8'],
        ['', /One and only one of cluster and host/],
        ['?cluster=c', /No service found with cluster=c/],
        ['?host=none', /Host 'none' was not found/],
        [`?host=${backendHost}&sort=colour`, /Invalid sort keys passed: colour/],
        [`?host=${backendHost}&marker=nobody`, /marker not found: nobody/],
        [`?host=${backendHost}&limit=-1`, /limit/],
      ];
      for (const [query, text, at = version] of refusals) {
        const answer = await rig.ask('GET', `/manageable_snapshots${query}`, { as: 'admin', version: at });
        assert.equal(answer.status, 400, query);
        assert.match(answer.body.badRequest.message, text);
      }
      assert.equal((await rig.ask('GET', `/manageable_volumes?host=${backendHost}`, { version })).status, 403);
      assert.equal(
        (await rig.ask('GET', `/manageable_volumes?host=${backendHost}`, { as: 'admin', version: '3.7' })).status,
        404,
      );
    });

    it('tell that a share was not read in time, instead of an empty list', async () => {
      await rig.database('share_scans').insert({
        ...{ id: missingId, pool: poolName, state: 'running', project_id: 'p', user_id: 'u', request_id: 'r' },
      });
      const answer = await rig.ask('GET', `/manageable_volumes?host=${backendHost}`, admin);
      assert.equal(answer.status, 503, JSON.stringify(answer.body));
      assert.match(answer.body.serviceUnavailable.message, /was not read in time/);
    });

    const unmanage = async (snapshot: string): Promise<number> => {
      const { status } = await rig.ask('POST', `/snapshots/${snapshot}/action`, {
        ...admin,
        body: { 'os-unmanage': null },
      });
      await rig.engine.settle();
      return status;
    };
    const takeBack = async (volume: string, source: string, path = '/manageable_snapshots') => {
      const snapshot = { volume_id: volume, ref: { 'source-name': source }, name: 'back', metadata: { a: 'b' } };
      const answer = await rig.ask('POST', path, { ...admin, body: { snapshot } });
      await rig.engine.settle();
      return answer;
    };

    it('a snapshot is let go and taken back: the layers stay, the record follows', async () => {
      const volume = await rig.volume();
      const [first, second] = [await rig.snapshot(volume), await rig.snapshot(volume)];
      const files = () => [...rig.engine.world.files.keys()].sort();
      const before = files();
      assert.equal(await unmanage(first), 202);
      assert.equal((await rig.ask('GET', `/snapshots/${first}`, admin)).status, 404);
      assert.deepEqual(files(), before);
      assert.deepEqual(
        (await list('&sort=reference:asc', '/manageable_snapshots/detail')).map((row) => [
          row['safe_to_manage'],
          row['cinder_id'],
        ]),
        [first, second].sort().map((id) => (id === first ? [true, null] : [false, second])),
      );
      assert.equal((await list('', '/os-snapshot-manage')).length, 2);
      assert.equal((await list('', '/os-snapshot-manage/detail')).length, 2);
      assert.equal((await list('', '/manageable_snapshots')).length, 2);
      const back = await takeBack(volume, `volume-${volume}.${first}`);
      assert.equal(back.status, 202, JSON.stringify(back.body));
      const { id, status } = back.body.snapshot as { id: string; status: string };
      assert.deepEqual([status, back.body.snapshot.size], ['creating', 1]);
      const shown = (await rig.ask('GET', `/snapshots/${id}`, admin)).body.snapshot;
      assert.deepEqual(
        [shown.status, shown.name, shown.metadata, shown.volume_id],
        ['available', 'back', { a: 'b' }, volume],
      );
      assert.deepEqual(files(), before);
      const record = rig.engine.world.records.get(volume) ?? [];
      assert.deepEqual(
        record.map((layer) => layer.snapshotId),
        [null, id, second],
      );
      // It is a snapshot like any other: restored from, and merged away in the middle of the chain.
      const copy = await rig.ask('POST', '/volumes', { ...admin, body: { volume: { snapshot_id: id } } });
      assert.equal(copy.status, 202);
      await rig.engine.settle();
      assert.equal((await rig.ask('DELETE', `/volumes/${String(copy.body.volume.id)}`, admin)).status, 202);
      await rig.engine.settle();
      assert.equal((await rig.ask('DELETE', `/snapshots/${id}`, admin)).status, 202);
      await rig.engine.settle();
      assert.deepEqual(
        (rig.engine.world.records.get(volume) ?? []).map((layer) => layer.snapshotId),
        [null, second],
      );
    });

    it('as Tempest does it: by the reference that Cinder’s drivers give a snapshot, at the older path', async () => {
      const volume = await rig.volume();
      const old = await rig.snapshot(volume);
      assert.equal(await unmanage(old), 202);
      const back = await takeBack(volume, `_snapshot-${old}`, '/os-snapshot-manage');
      assert.equal(back.status, 202, JSON.stringify(back.body));
      assert.notEqual(back.body.snapshot.id, old);
    });

    it('while it is let go, nothing loses its data: no deletion, no move, no unmanaging of the volume', async () => {
      const volume = await rig.volume();
      assert.equal(await unmanage(await rig.snapshot(volume)), 202);
      const refused = async (
        answer: Promise<{ status: number; body: { badRequest?: { message: string } } }>,
        text: RegExp,
      ) => {
        const { status, body } = await answer;
        assert.equal(status, 400, JSON.stringify(body));
        assert.match(body.badRequest?.message ?? '', text);
      };
      await refused(rig.ask('DELETE', `/volumes/${volume}`, admin), /1 unmanaged snapshots: take them back/);
      await refused(rig.act(volume, { 'os-unmanage': null }, admin), /still has snapshots/);
      assert.equal(await rig.statusOf(volume), 'available');
      assert.equal((await rig.ask('DELETE', `/volumes/${volume}?cascade=true`, admin)).status, 202);
      await rig.engine.settle();
      assert.equal(await rig.statusOf(volume), 404);
    });

    it('is refused for what is no unmanaged snapshot of the volume, and taken back only once', async () => {
      const volume = await rig.volume();
      const kept = await rig.snapshot(volume);
      const gone = await rig.snapshot(volume);
      const other = await rig.volume();
      assert.equal(await unmanage(gone), 202);
      const file = `volume-${volume}.${gone}`;
      for (const [where, source] of [
        [volume, `volume-${volume}`],
        [volume, `volume-${volume}.${kept}`],
        [volume, kept],
        [other, file],
        [volume, '../etc/passwd'],
        [volume, 'no such'],
      ] as const)
        assert.equal((await takeBack(where, source)).status, 400, source);
      assert.equal((await takeBack(missingId, file)).status, 404);
      assert.equal((await takeBack(volume, file)).status, 202);
      assert.equal((await takeBack(volume, file)).status, 400);
      assert.equal(await unmanage(missingId), 404);
    });

    it('is kept while volumes share its layers, while it belongs to a group, and in another status', async () => {
      const volume = await rig.volume();
      const snapshot = await rig.snapshot(volume);
      const copy = await rig.volume();
      await rig
        .database('volumes')
        .where({ id: copy })
        .update({ backing_volume_id: volume, backing_snapshot_id: snapshot });
      assert.equal(await unmanage(snapshot), 400);
      await rig.database('volumes').where({ id: copy }).update({ backing_volume_id: null, backing_snapshot_id: null });
      await rig.database('snapshots').where({ id: snapshot }).update({ status: 'error' });
      assert.equal(await unmanage(snapshot), 400);
    });
  });
}
