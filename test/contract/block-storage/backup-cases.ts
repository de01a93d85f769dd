// Backups: create, lists, show, update, restore, records, deletion, statuses, versions, quotas, races with other words.
import assert from 'node:assert/strict';
import { type BlockRig, backendHost, missingId, type Person, projectOf } from './block-rig.js';

const NEWEST = '3.71';

export function backupCases(rig: () => BlockRig): void {
  const serviceIs = async (up: boolean): Promise<void> => {
    const db = rig().database;
    await db('services').where({ binary: 'saggar-backup' }).delete();
    if (!up) return;
    await db('services').insert({
      binary: 'saggar-backup',
      host: backendHost,
      zone: 'nova',
      updated_at: db.raw('utc_now()'),
    });
  };
  beforeEach(() => serviceIs(true));
  afterEach(async () => {
    await rig().engine.settle();
    await rig().database('backups').update({ parent_id: null });
    await rig().database('backups').delete();
    rig().engine.world.backups.clear();
    await rig().clear();
    await serviceIs(false);
  });

  const create = (volumeId: string, more: object = {}, version = NEWEST, as: Person = 'ann') =>
    rig().ask('POST', '/backups', { as, version, body: { backup: { volume_id: volumeId, ...more } } });

  async function backup(volumeId: string, more: object = {}): Promise<string> {
    const answer = await create(volumeId, more);
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    await rig().engine.settle();
    return answer.body.backup.id as string;
  }

  const show = async (id: string, version = NEWEST, as: Person = 'ann') =>
    (await rig().ask('GET', `/backups/${id}`, { version, as })).body.backup;

  const messageOf = (body: Record<string, { message: string }>): string => Object.values(body)[0]?.message ?? '';

  it('makes a backup of a volume at rest, through an internal snapshot that goes again', async () => {
    const volume = await rig().volume({ name: 'data' });
    const made = await create(volume, { name: ' kept ', description: 'why', metadata: { a: 'b' } });
    assert.equal(made.status, 202, JSON.stringify(made.body));
    const { id, name, links } = made.body.backup;
    assert.equal(name, 'kept');
    assert.match(links[0].href as string, new RegExp(`/backups/${id as string}$`));
    assert.equal(await rig().statusOf(volume), 'backing-up');
    assert.equal((await show(id as string)).status, 'creating');
    await rig().engine.settle();
    assert.equal(await rig().statusOf(volume), 'available');
    const shown = await show(id as string);
    assert.deepEqual(
      [shown.status, shown.size, shown.object_count, shown.container, shown.volume_id, shown.is_incremental],
      ['available', 1, 1, 'volumebackups', volume, false],
    );
    assert.deepEqual([shown.metadata, shown.fail_reason, shown.snapshot_id], [{ a: 'b' }, null, null]);
    assert.equal(shown.data_timestamp, shown.created_at);
    assert.deepEqual(await rig().database('snapshots').where({ volume_id: volume }), []);
    assert.equal((await rig().ask('GET', `/backups/${id as string}`, { as: 'bob' })).status, 404);
  });

  it('makes an incremental one upon the latest, and none of what is not finished', async () => {
    const volume = await rig().volume();
    const alone = await create(volume, { incremental: true });
    assert.equal(alone.status, 400);
    assert.equal(messageOf(alone.body), 'Invalid backup: No backups available to do an incremental backup.');
    const full = await backup(volume);
    const second = await backup(volume, { incremental: 'true' });
    const third = await backup(volume, { incremental: true });
    assert.deepEqual((await show(second)).is_incremental, true);
    assert.deepEqual(
      [(await show(full)).has_dependent_backups, (await show(third)).has_dependent_backups],
      [true, false],
    );
    const refused = await rig().ask('DELETE', `/backups/${full}`);
    assert.equal(refused.status, 400);
    assert.equal(messageOf(refused.body), 'Invalid backup: Incremental backups exist for this backup.');
    await rig().ask('POST', `/backups/${third}/action`, {
      as: 'admin',
      body: { 'os-reset_status': { status: 'error' } },
    });
    const unfinished = await create(volume, { incremental: true });
    assert.equal(
      messageOf(unfinished.body),
      'Invalid backup: The parent backup must be available for incremental backup.',
    );
    for (const id of [third, second, full]) {
      assert.equal((await rig().ask('DELETE', `/backups/${id}`)).status, 202);
      await rig().engine.settle();
      assert.equal((await rig().ask('GET', `/backups/${id}`)).status, 404);
    }
    assert.equal(rig().engine.world.backups.size, 0);
  });

  it('makes one of a snapshot, whose volume goes on', async () => {
    const volume = await rig().volume();
    const snapshot = await rig().snapshot(volume);
    const made = await create(volume, { snapshot_id: snapshot });
    assert.equal(made.status, 202, JSON.stringify(made.body));
    assert.equal(await rig().statusOf(volume), 'available');
    assert.equal((await rig().ask('GET', `/snapshots/${snapshot}`)).body.snapshot.status, 'backing-up');
    assert.equal((await rig().ask('DELETE', `/snapshots/${snapshot}`)).status, 400);
    await rig().engine.settle();
    assert.equal((await rig().ask('GET', `/snapshots/${snapshot}`)).body.snapshot.status, 'available');
    assert.equal((await show(made.body.backup.id as string)).snapshot_id, snapshot);
    const other = await rig().volume();
    assert.equal((await create(other, { snapshot_id: snapshot })).status, 400);
    assert.equal((await create(other, { snapshot_id: missingId })).status, 404);
  });

  it('refuses by words: volumes that are gone, in use or not at rest, containers, keys of later versions', async () => {
    const volume = await rig().volume();
    assert.equal((await create(missingId)).status, 404);
    assert.equal((await create(volume, {}, NEWEST, 'bob')).status, 404);
    assert.equal((await create(volume, {}, NEWEST, 'reader')).status, 403);
    await rig().database('volumes').where({ id: volume }).update({ status: 'in-use' });
    const unforced = await create(volume);
    assert.deepEqual(
      [unforced.status, messageOf(unforced.body)],
      [400, 'Invalid volume: Backing up an in-use volume must use the force flag.'],
    );
    await rig().database('volumes').where({ id: volume }).update({ status: 'error' });
    assert.equal((await create(volume, { force: true })).status, 400);
    await rig().database('volumes').where({ id: volume }).update({ status: 'available' });
    for (const container of ['..', '.hidden', 'a/b', '/abs', 'a\0b', '%2e%2e', 'ａ', 'x'.repeat(65), '']) {
      assert.equal((await create(volume, { container })).status, 400, JSON.stringify(container));
    }
    assert.equal((await create(volume, { metadata: {} }, '3.42')).status, 400);
    assert.equal((await create(volume, { availability_zone: 'nova' }, '3.50')).status, 400);
    assert.equal((await create(volume, { colour: 'red' })).status, 400);
    assert.equal((await create(volume, { availability_zone: 'mars' })).status, 503);
    assert.equal(await rig().statusOf(volume), 'available', 'nothing was changed');
    assert.equal((await rig().database('backups')).length, 0);
  });

  it('answers 503 while no backup service is up', async () => {
    const volume = await rig().volume();
    const kept = await backup(volume);
    await serviceIs(false);
    for (const answer of [
      await create(volume),
      await rig().ask('DELETE', `/backups/${kept}`),
      await rig().ask('POST', `/backups/${kept}/restore`, { body: { restore: {} } }),
    ]) {
      assert.equal(answer.status, 503);
      assert.equal(messageOf(answer.body), 'Service cinder-backup could not be found.');
    }
    assert.deepEqual([await rig().statusOf(volume), (await show(kept)).status], ['available', 'available']);
  });

  it('lists, pages, sorts, filters and counts', async () => {
    const volume = await rig().volume();
    const ids = [await backup(volume, { name: 'b' }), await backup(volume, { name: 'a' }), await backup(volume)];
    const list = async (query: string, version = NEWEST) =>
      (await rig().ask('GET', `/backups${query}`, { version })).body;
    assert.deepEqual((await list('')).backups.map(({ id }: { id: string }) => id).sort(), [...ids].sort());
    assert.equal((await list('/detail?with_count=true')).count, 3);
    assert.equal('count' in (await list('?with_count=true', '3.44')), false);
    const page = await list(`?limit=1&sort=name:asc&marker=${ids[1] ?? ''}`);
    assert.deepEqual([page.backups[0].id, page.backups_links[0].rel], [ids[0], 'next']);
    assert.equal((await rig().ask('GET', '/backups?sort=name', { version: '3.36' })).status, 400);
    assert.deepEqual((await list('?name=a')).backups.length, 1);
    assert.deepEqual((await list('?status=error')).backups, []);
    assert.equal((await list(`?volume_id=${volume}`)).backups.length, 3);
    assert.equal((await rig().ask('GET', '/backups?colour=red', { version: NEWEST })).status, 400);
    assert.equal((await rig().ask('GET', `/backups?marker=${missingId}`)).status, 404);
    assert.deepEqual((await rig().ask('GET', '/backups/detail', { as: 'bob' })).body.backups, []);
    assert.equal((await rig().ask('GET', '/backups?all_tenants=1', { as: 'admin' })).body.backups.length, 3);
  });

  it('shows to administrators whose it is, by version', async () => {
    const id = await backup(await rig().volume());
    const at = async (version: string, as: Person = 'admin') => show(id, version, as);
    assert.equal('os-backup-project-attr:project_id' in (await at('3.17')), false);
    assert.equal((await at('3.18'))['os-backup-project-attr:project_id'], projectOf('ann'));
    assert.deepEqual(['user_id' in (await at('3.55')), 'user_id' in (await at('3.56'))], [false, true]);
    assert.deepEqual(['metadata' in (await at('3.42')), 'metadata' in (await at('3.43'))], [false, true]);
    assert.equal('user_id' in (await at(NEWEST, 'ann')), false);
  });

  it('changes name, description and metadata', async () => {
    const id = await backup(await rig().volume());
    const put = (body: object, version = NEWEST, as: Person = 'ann') =>
      rig().ask('PUT', `/backups/${id}`, { version, as, body: { backup: body } });
    assert.equal((await put({ name: 'x' }, '3.8')).status, 404);
    assert.equal((await put({ metadata: { a: 'b' } }, '3.42')).status, 400);
    assert.equal((await put({ name: 'x' }, NEWEST, 'bob')).status, 404);
    const changed = await put({ name: 'new', description: 'words', metadata: { k: 'v' } });
    assert.deepEqual([changed.status, changed.body.backup.name], [200, 'new']);
    const shown = await show(id);
    assert.deepEqual([shown.description, shown.metadata], ['words', { k: 'v' }]);
  });

  it('restores to a new volume, which nobody gets before it is whole', async () => {
    const source = await rig().volume({ size: 2 });
    const id = await backup(source);
    const answer = await rig().ask('POST', `/backups/${id}/restore`, { body: { restore: {} } });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    const { volume_id: volume, volume_name: name, backup_id: of } = answer.body.restore;
    assert.deepEqual([of, name], [id, `restore_backup_${id}`]);
    assert.equal((await show(id)).status, 'restoring');
    const statuses = new Set<string | number>();
    rig().engine.interfere = () => null;
    while (await rig().engine.step()) statuses.add(await rig().statusOf(volume as string));
    assert.deepEqual([...statuses], ['restoring-backup', 'available']);
    assert.equal((await show(id)).status, 'available');
    const restored = (await rig().ask('GET', `/volumes/${volume as string}`)).body.volume;
    assert.deepEqual([restored.size, restored.description], [2, 'auto-created_from_restore_from_backup']);
  });

  it('restores into a volume at rest that is large enough, with snapshots or without', async () => {
    const id = await backup(await rig().volume({ size: 2 }));
    const into = (volume: string) =>
      rig().ask('POST', `/backups/${id}/restore`, { body: { restore: { volume_id: volume } } });
    const small = await into(await rig().volume());
    assert.equal(messageOf(small.body), 'Invalid volume: volume size 1 is too small to restore backup of size 2.');
    assert.equal((await into(missingId)).status, 404);
    const used = await rig().volume({ size: 2 });
    await rig().database('volumes').where({ id: used }).update({ status: 'in-use' });
    assert.equal(messageOf((await into(used)).body), 'Invalid volume: Volume to be restored to must be available');
    for (const snapshots of [0, 1]) {
      const volume = await rig().volume({ size: 3, name: 'old' });
      for (let made = 0; made < snapshots; made++) await rig().snapshot(volume);
      const answer = await into(volume);
      assert.equal(answer.status, 202, JSON.stringify(answer.body));
      assert.equal(answer.body.restore.volume_name, 'old');
      assert.equal(await rig().statusOf(volume), 'restoring-backup');
      assert.equal((await into(volume)).status, 400);
      await rig().engine.settle();
      assert.equal(await rig().statusOf(volume), 'available');
      const layers: { file: string }[] = await rig().database('chain_layers').where({ volume_id: volume });
      assert.equal(layers.length, snapshots + 1);
      assert.ok(layers.every(({ file }) => rig().engine.world.files.has(file)));
    }
  });

  it('keeps what a volume held when its restore fails', async () => {
    const id = await backup(await rig().volume());
    const volume = await rig().volume();
    const before: unknown = await rig().database('chain_layers').where({ volume_id: volume });
    rig().engine.world.backups.clear();
    await rig().ask('POST', `/backups/${id}/restore`, { body: { restore: { volume_id: volume } } });
    await rig().engine.settle();
    assert.equal(await rig().statusOf(volume), 'error_restoring');
    assert.equal((await show(id)).status, 'available');
    assert.deepEqual(await rig().database('chain_layers').where({ volume_id: volume }), before);
  });

  it('makes a new volume of a backup, as Cinder does in every version', async () => {
    const id = await backup(await rig().volume({ size: 2 }));
    const post = (more: object, version = NEWEST) =>
      rig().ask('POST', '/volumes', { version, body: { volume: { backup_id: id, ...more } } });
    const answer = await post({ name: 'again' });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    await rig().engine.settle();
    const made = (await rig().ask('GET', `/volumes/${answer.body.volume.id as string}`)).body.volume;
    assert.deepEqual([made.status, made.size, made.name], ['available', 2, 'again']);
    assert.equal((await post({ size: 1 })).status, 400);
    assert.equal((await post({ size: 1 }, '3.46')).status, 400);
    assert.equal((await post({ size: 2, source_volid: made.id })).status, 400);
    const missing = await rig().ask('POST', '/volumes', {
      version: NEWEST,
      body: { volume: { backup_id: missingId } },
    });
    assert.equal(missing.status, 404);
  });

  it('exports a record, and takes it back when the backup is there', async () => {
    const volume = await rig().volume();
    const id = await backup(volume, { name: 'carried' });
    const exported = await rig().ask('GET', `/backups/${id}/export_record`, { as: 'admin' });
    assert.equal(exported.status, 200, JSON.stringify(exported.body));
    assert.equal((await rig().ask('GET', `/backups/${id}/export_record`)).status, 403);
    const record = exported.body['backup-record'];
    const take = (body: object, as: Person = 'admin') =>
      rig().ask('POST', '/backups/import_record', { as, body: { 'backup-record': body } });
    assert.equal(messageOf((await take(record)).body), 'Invalid backup: Backup already exists in database.');
    await rig().database('backups').delete();
    assert.equal((await take(record, 'ann')).status, 403);
    const taken = await take(record);
    assert.equal(taken.status, 201, JSON.stringify(taken.body));
    assert.deepEqual([taken.body.backup.id, taken.body.backup.name], [id, 'carried']);
    await rig().engine.settle();
    assert.equal((await show(id, NEWEST, 'admin')).status, 'available');
  });

  it('takes a record under another id: two backups of the same objects, which go with the last of them', async () => {
    const volume = await rig().volume();
    const whole = await backup(volume);
    const upon = await backup(volume, { incremental: true });
    const exported = async (id: string) => {
      const { body } = await rig().ask('GET', `/backups/${id}/export_record`, { as: 'admin' });
      return body['backup-record'] as { backup_service: string; backup_url: string };
    };
    const take = async (id: string, changes: object): Promise<Record<string, string>> => {
      const { backup_service, backup_url } = await exported(id);
      assert.match(backup_service, /^cinder\.backup\.drivers\./);
      const record = { ...(JSON.parse(Buffer.from(backup_url, 'base64').toString()) as object), ...changes };
      const url = Buffer.from(JSON.stringify(record)).toString('base64');
      const body = { 'backup-record': { backup_service, backup_url: url } };
      const taken = await rig().ask('POST', '/backups/import_record', { as: 'admin', body });
      await rig().engine.settle();
      return (taken.body.backup as Record<string, string> | undefined) ?? { refused: messageOf(taken.body) };
    };
    const twin = (await take(whole, { id: '99999999-9999-4999-8999-999999999999' }))['id'] ?? '';
    assert.equal(twin, '99999999-9999-4999-8999-999999999999');
    assert.equal((await show(twin, NEWEST, 'admin')).status, 'available');
    const remove = async (id: string) => {
      const answer = await rig().ask('DELETE', `/backups/${id}`, { as: 'admin' });
      await rig().engine.settle();
      return answer.status === 202 ? (await rig().ask('GET', `/backups/${id}`, { as: 'admin' })).status : 'refused';
    };
    assert.equal(await remove(whole), 'refused', 'the row itself has another one upon it');
    assert.equal(await remove(twin), 404);
    assert.deepEqual([...rig().engine.world.backups.keys()].sort(), [whole, upon].sort());
    // Of the incremental one, taken by somebody who has no row of what it was made upon.
    const again = (await take(upon, { id: twin, parent_id: null }))['id'] ?? '';
    await rig()
      .database('backups')
      .where({ id: again })
      .update({ needs: [whole] });
    assert.equal(await remove(upon), 404);
    assert.deepEqual([...rig().engine.world.backups.keys()].sort(), [whole, upon].sort());
    assert.equal((await show(whole)).has_dependent_backups, true);
    assert.equal(await remove(whole), 'refused', 'objects of it are a part of the other one');
    // Nobody gets what is on its way out.
    const record = await exported(again);
    await rig().database('backups').where({ id: again }).update({ status: 'error_deleting' });
    const late = JSON.parse(Buffer.from(record.backup_url, 'base64').toString()) as object;
    const url = Buffer.from(JSON.stringify({ ...late, id: missingId })).toString('base64');
    const refused = await rig().ask('POST', '/backups/import_record', {
      as: 'admin',
      body: { 'backup-record': { ...record, backup_url: url } },
    });
    assert.equal(messageOf(refused.body), `Invalid backup: The objects of the record go with backup ${again}.`);
    await rig().database('backups').where({ id: again }).update({ status: 'available' });
    assert.equal(await remove(again), 404);
    assert.deepEqual([...rig().engine.world.backups.keys()], [whole]);
    assert.equal(await remove(whole), 404);
    assert.equal(rig().engine.world.backups.size, 0);
  });

  it('reads a whole backup when it is asked to, and says where it is damaged', async () => {
    const id = await backup(await rig().volume());
    const ask = (backup_id: string, as: Person = 'ann') =>
      rig().ask('POST', '/saggar/backup-verifications', { as, body: { backup_verification: { backup_id } } });
    const see = async (one: string, as: Person = 'ann') =>
      rig().ask('GET', `/saggar/backup-verifications/${one}`, { as });
    const asked = await ask(id);
    assert.equal(asked.status, 202, JSON.stringify(asked.body));
    const first = asked.body.backup_verification;
    assert.deepEqual([first.backup_id, first.checked_chunks, first.damage], [id, null, []]);
    assert.equal((await ask(id)).body.backup_verification.id, first.id, 'one at a time');
    assert.equal((await ask(id, 'bob')).status, 404);
    assert.equal((await see(first.id as string, 'bob')).status, 404);
    await rig().engine.settle();
    const seen = (await see(first.id as string)).body.backup_verification;
    assert.deepEqual([seen.status, seen.progress, seen.damaged_chunks], ['whole', 100, 0]);
    const blame = { backupId: id, object: 'object-000000', reason: 'missing' } as const;
    const stretch = { firstByte: 0, bytes: 1024 ** 2, ...blame };
    rig().engine.world.damage = { checkedChunks: 3, damagedChunks: 1, stretches: [stretch] };
    const again = (await ask(id)).body.backup_verification.id as string;
    await rig().engine.settle();
    rig().engine.world.damage = null;
    const bad = (await see(again)).body.backup_verification;
    const told = { first_byte: 0, bytes: 1024 ** 2, stored_as: id, object: 'object-000000', reason: 'missing' };
    assert.deepEqual([bad.status, bad.checked_chunks, bad.damaged_chunks, bad.damage], ['damaged', 3, 1, [told]]);
    assert.equal((await show(id)).status, 'available');
    const { messages } = (await rig().ask('GET', `/messages?resource_uuid=${id}`, { version: NEWEST })).body;
    assert.equal(messages.length, 1);
    assert.equal((await see(missingId)).status, 404);
    assert.equal((await ask(missingId)).status, 404);
    await rig().database('backups').where({ id }).update({ status: 'error' });
    assert.equal(messageOf((await ask(id)).body), 'Invalid backup: Backup status must be available');
  });

  it('T-B01 takes no record that is shaped by somebody else', async () => {
    const id = await backup(await rig().volume());
    const { body } = await rig().ask('GET', `/backups/${id}/export_record`, { as: 'admin' });
    const { backup_service, backup_url } = body['backup-record'];
    const good = JSON.parse(Buffer.from(backup_url as string, 'base64').toString()) as Record<string, unknown>;
    await rig().database('backups').delete();
    const take = (url: string, service = backup_service as string) =>
      rig().ask('POST', '/backups/import_record', {
        as: 'admin',
        body: { 'backup-record': { backup_service: service, backup_url: url } },
      });
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
    const hostile: readonly Record<string, unknown>[] = [
      { ...good, id: '../../etc' },
      { ...good, id: undefined },
      { ...good, size: undefined },
      { ...good, size: -1 },
      { ...good, size: 1e12 },
      { ...good, size: '1' },
      { ...good, container: '../up' },
      { ...good, container: '/etc' },
      { ...good, container: 'a\u0000b' },
      { ...good, version: 2 },
      { ...good, project_id: projectOf('bob') },
      { ...good, manifest_sha256: 'x' },
      { ...good, data_timestamp: "now'; drop table backups; --" },
      { ...good, metadata: { a: 1 } },
      { ...good, metadata: { half: '\ud800' } },
      { ...good, metadata: { '\udc00': 'half' } },
      { ...good, metadata: JSON.parse('{"__proto__": "x"}') },
      { ...good, metadata: { nul: '\0' } },
      { ...good, display_description: 'half \ud800' },
      { ...good, data_timestamp: '2026-02-31T00:00:00' },
      { ...good, data_timestamp: '0000-01-01T00:00:00' },
      { ...good, data_timestamp: '2026-01-01T24:00:00' },
      { ...good, display_name: 'n'.repeat(256) },
      { ...good, parent_id: 'nobody' },
      { ...good, stored_as: '../..' },
    ];
    for (const record of hostile) assert.equal((await take(encoded(record))).status, 400, JSON.stringify(record));
    for (const url of ['!!', encoded([]), encoded(null), encoded('text'), Buffer.from('{').toString('base64')]) {
      assert.equal((await take(url)).status, 400, url);
    }
    assert.equal((await take(backup_url as string, 'cinder.backup.drivers.evil')).status, 503);
    assert.deepEqual(await rig().database('backups'), []);
    // The store has the word: a record of a backup that is not there becomes none.
    rig().engine.world.backups.clear();
    assert.equal((await take(backup_url as string)).status, 201);
    await rig().engine.settle();
    assert.equal((await show(id, NEWEST, 'admin')).status, 'error');
  });

  it('lets administrators reset a status and delete by force', async () => {
    const id = await backup(await rig().volume());
    const act = (body: object, as: Person = 'admin') => rig().ask('POST', `/backups/${id}/action`, { as, body });
    assert.equal((await act({ 'os-reset_status': { status: 'error' } }, 'ann')).status, 403);
    assert.equal((await act({ 'os-reset_status': { status: 'purple' } })).status, 400);
    assert.equal((await act({ 'os-reset_status': { status: 'restoring' } })).status, 400, 'an end, or nothing');
    assert.equal((await act({ 'os-reset_status': { status: 'error' } })).status, 202);
    assert.equal((await show(id)).status, 'error');
    await rig().database('backups').where({ id }).update({ status: 'restoring' });
    assert.equal((await rig().ask('DELETE', `/backups/${id}`)).status, 400);
    assert.equal((await act({ 'os-force_delete': {} }, 'ann')).status, 403);
    assert.equal((await act({ 'os-force_delete': {} })).status, 202);
    await rig().engine.settle();
    assert.equal((await rig().ask('GET', `/backups/${id}`)).status, 404);
  });

  it('does not offer a backup that was never finished', async () => {
    const volume = await rig().volume();
    const made = await create(volume);
    const id = made.body.backup.id as string;
    rig().engine.interfere = ({ type }) =>
      type === 'backup.write' ? { kind: 'failed', error: { code: 'bad_request', message: 'no' }, partial: true } : null;
    await rig().engine.settle();
    rig().engine.interfere = () => null;
    const failed = await show(id);
    assert.deepEqual([failed.status, await rig().statusOf(volume)], ['error', 'available']);
    assert.match(failed.fail_reason as string, /^create backup:/);
    const reset = await rig().ask('POST', `/backups/${id}/action`, {
      as: 'admin',
      body: { 'os-reset_status': { status: 'available' } },
    });
    assert.equal(reset.status, 400);
    assert.equal((await rig().ask('POST', `/backups/${id}/restore`, { body: { restore: {} } })).status, 400);
    assert.deepEqual(await rig().database('snapshots').where({ volume_id: volume }), []);
  });

  it('counts against quotas', async () => {
    const volume = await rig().volume({ size: 2 });
    const limit = (quota: object) =>
      rig().ask('PUT', `/os-quota-sets/${projectOf('ann')}`, { as: 'admin', body: { quota_set: quota } });
    await backup(volume);
    const limits = (await rig().ask('GET', '/limits')).body.limits.absolute;
    assert.deepEqual([limits.totalBackupsUsed, limits.totalBackupGigabytesUsed], [1, 2]);
    assert.equal((await limit({ backups: 1 })).status, 200);
    const many = await create(volume);
    assert.equal(many.status, 413);
    assert.equal((await limit({ backups: 10, backup_gigabytes: 3 })).status, 200);
    assert.equal((await create(volume)).status, 413);
    assert.equal(await rig().statusOf(volume), 'available');
    await rig().ask('DELETE', `/os-quota-sets/${projectOf('ann')}`, { as: 'admin' });
  });

  it('is in the list of services as cinder-backup', async () => {
    const { services } = (await rig().ask('GET', '/os-services?binary=cinder-backup', { as: 'admin' })).body;
    assert.deepEqual([services.length, services[0].binary, services[0].state], [1, 'cinder-backup', 'up']);
  });
}
