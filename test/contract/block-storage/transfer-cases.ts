// Transfers on both paths: offer, list, show, accept, withdraw; keys, quotas, snapshots, versions, races.
import assert from 'node:assert/strict';
import { type Answer, type BlockRig, missingId, type Person, projectOf } from './block-rig.js';

interface Offer {
  readonly id: string;
  readonly key: string;
  readonly volume: string;
}

const newer = '/volume-transfers';
const older = '/os-volume-transfer';

export function transferCases(rig: () => BlockRig): void {
  afterEach(() => rig().clear());

  const offer = (volume: string, more: object = {}, path = newer, version = '3.71', as: Person = 'ann') =>
    rig().ask('POST', path, { as, version, body: { transfer: { volume_id: volume, ...more } } });

  async function offered(volume: string, more: object = {}): Promise<Offer> {
    const answer = await offer(volume, more);
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    return { id: answer.body.transfer.id as string, key: answer.body.transfer.auth_key as string, volume };
  }

  const accept = (id: string, key: string | number, as: Person = 'bob', path = newer): Promise<Answer> =>
    rig().ask('POST', `${path}/${id}/accept`, { as, body: { accept: { auth_key: key } } });

  const ownerOf = async (volume: string): Promise<string> =>
    (await rig().ask('GET', `/volumes/${volume}`, { as: 'admin' })).body.volume[
      'os-vol-tenant-attr:tenant_id'
    ] as string;

  for (const path of [newer, older]) {
    it(`changes hands over ${path}`, async () => {
      const volume = await rig().volume({ name: 'gift', metadata: { a: 'b' } });
      const made = await offer(volume, { name: ' mine ' }, path, '3.0');
      assert.equal(made.status, 202);
      const { id, auth_key: key, name, links } = made.body.transfer;
      assert.equal(name, 'mine');
      assert.match(key as string, /^[0-9a-f]{16}$/);
      assert.match(links[0].href as string, new RegExp(`/os-volume-transfer/${id as string}$`));
      assert.equal(await rig().statusOf(volume), 'awaiting-transfer');
      const shown = (await rig().ask('GET', `${path}/${id as string}`)).body.transfer;
      assert.deepEqual([shown.volume_id, 'auth_key' in shown, 'accepted' in shown], [volume, false, false]);
      const [listed] = (await rig().ask('GET', path)).body.transfers;
      assert.deepEqual([listed.id, 'created_at' in listed], [id, false]);
      assert.equal((await rig().ask('GET', `${path}/detail`)).body.transfers[0].created_at, shown.created_at);
      const foreign = await rig().ask('GET', path, { as: 'bob' });
      assert.deepEqual(foreign.body.transfers, []);
      assert.equal((await rig().ask('GET', `${path}/${id as string}`, { as: 'bob' })).status, 404);
      const taken = await accept(id as string, key as string, 'bob', path);
      assert.equal(taken.status, 202);
      assert.deepEqual(Object.keys(taken.body.transfer as object).sort(), ['id', 'links', 'name', 'volume_id']);
      assert.equal(await ownerOf(volume), projectOf('bob'));
      const now = (await rig().ask('GET', `/volumes/${volume}`, { as: 'bob' })).body.volume;
      assert.deepEqual([now.status, now.name, now.metadata], ['available', 'gift', { a: 'b' }]);
      assert.equal((await rig().ask('GET', `/volumes/${volume}`)).status, 404, 'no longer the giver’s');
      assert.equal((await accept(id as string, key as string, 'bob', path)).status, 404, 'an offer is taken once');
    });

    it(`is withdrawn over ${path}`, async () => {
      const volume = await rig().volume();
      const { id } = (await offer(volume, {}, path)).body.transfer as { id: string };
      assert.equal((await rig().ask('DELETE', `${path}/${id}`, { as: 'bob' })).status, 404);
      assert.equal((await rig().ask('DELETE', `${path}/${id}`, { as: 'reader' })).status, 403);
      assert.equal((await rig().ask('DELETE', `${path}/${id}`)).status, 202);
      assert.equal(await rig().statusOf(volume), 'available');
      assert.equal((await rig().ask('DELETE', `${path}/${id}`)).status, 404);
    });
  }

  it('keeps no key, and takes no wrong one', async () => {
    const { id, key, volume } = await offered(await rig().volume());
    const rows: object[] = await rig().database('volume_transfers').select('*');
    assert.ok(!JSON.stringify(rows).includes(key));
    for (const wrong of [`${key}0`, key.slice(1), '0', 0]) {
      const answer = await accept(id, wrong);
      assert.equal(answer.status, 400);
      assert.equal(
        answer.body.badRequest.message,
        `Invalid auth key: Attempt to transfer ${id} with invalid auth key.`,
      );
    }
    assert.equal((await accept(missingId, key)).status, 404);
    assert.equal((await accept('nonsense', key)).status, 404);
    assert.equal(await ownerOf(volume), projectOf('ann'));
    assert.equal((await accept(id, key, 'reader')).status, 403);
    assert.equal((await accept(id, key)).status, 202);
  });

  it('refuses bad bodies, and what is not the own or not at rest', async () => {
    const volume = await rig().volume();
    for (const bad of [
      { name: ' ' },
      { name: 'x'.repeat(256) },
      { volume_id: 'x' },
      { nonsense: 1 },
      { no_snapshots: 'perhaps' },
    ]) {
      assert.equal((await offer(volume, bad)).status, 400, JSON.stringify(bad));
    }
    for (const body of [{}, { transfer: {} }]) assert.equal((await rig().ask('POST', newer, { body })).status, 400);
    assert.equal((await offer(missingId)).status, 404);
    assert.equal((await offer(volume, {}, newer, '3.71', 'bob')).status, 404);
    assert.equal((await offer(volume, {}, newer, '3.71', 'reader')).status, 403);
    await rig().act(volume, { 'os-reserve': null });
    assert.equal((await offer(volume)).status, 400, 'reserved');
    await rig().act(volume, { 'os-unreserve': null });
    await offered(volume);
    assert.equal((await offer(volume)).status, 400, 'offered already');
  });

  it('lets nobody change a volume that is on offer', async () => {
    const { volume, id } = await offered(await rig().volume());
    const refused = await Promise.all([
      rig().ask('DELETE', `/volumes/${volume}`),
      rig().act(volume, { 'os-extend': { new_size: 2 } }),
      rig().act(volume, { 'os-reserve': null }),
      rig().ask('POST', '/snapshots', { body: { snapshot: { volume_id: volume } } }),
      rig().ask('POST', '/volumes', { body: { volume: { size: 1, source_volid: volume } } }),
      rig().ask('POST', '/attachments', { version: '3.27', body: { attachment: { volume_uuid: volume } } }),
    ]);
    assert.deepEqual(
      refused.map((answer) => answer.status),
      refused.map(() => 400),
    );
    await rig().database('volumes').where({ id: volume }).update({ status: 'error' });
    assert.equal((await rig().ask('DELETE', `${newer}/${id}`)).status, 202);
    assert.equal(await rig().statusOf(volume), 'error', 'what an administrator has set stays');
  });

  it('has each field from its version on', async () => {
    const volume = await rig().volume();
    assert.equal((await offer(volume, { no_snapshots: true }, newer, '3.54')).status, 400);
    assert.equal((await offer(volume, { no_snapshots: true }, older, '3.71')).status, 400);
    assert.equal((await offer(volume, { no_snapshots: true }, newer, '3.55')).body.transfer.no_snapshots, true);
    const keys = async (version: string): Promise<string[]> =>
      Object.keys((await rig().ask('GET', `${newer}/detail`, { version })).body.transfers[0] as object);
    assert.ok(!(await keys('3.54')).includes('no_snapshots'));
    assert.ok((await keys('3.55')).includes('no_snapshots'));
    assert.ok(!(await keys('3.56')).includes('source_project_id'));
    const newest = (await rig().ask('GET', `${newer}/detail`, { version: '3.57' })).body.transfers[0];
    assert.deepEqual(
      [newest.source_project_id, newest.destination_project_id, newest.accepted],
      [projectOf('ann'), null, false],
    );
  });

  it('pages, sorts and filters from 3.59 on, on the newer path', async () => {
    const offers = [];
    for (const name of ['c', 'a', 'b']) offers.push(await offered(await rig().volume(), { name }));
    const names = async (query: string, version: string, path = newer): Promise<string[]> =>
      ((await rig().ask('GET', `${path}?${query}`, { version })).body.transfers as { name: string }[]).map(
        (one) => one.name,
      );
    assert.deepEqual(await names('sort=name:asc', '3.59'), ['a', 'b', 'c']);
    assert.deepEqual(await names('sort=name:asc', '3.58'), ['b', 'a', 'c']);
    assert.deepEqual(await names('sort=name:asc', '3.71', older), ['b', 'a', 'c']);
    assert.deepEqual(await names('limit=1&offset=1', '3.0', older), ['a']);
    assert.deepEqual(await names('name=b', '3.59'), ['b']);
    const first = await rig().ask('GET', `${newer}?limit=2&sort=name:asc`, { version: '3.59' });
    const next = new URL(first.body.transfers_links[0].href as string).search.slice(1);
    assert.deepEqual(await names(next, '3.59'), ['c']);
    assert.equal((await rig().ask('GET', `${newer}?marker=${missingId}`, { version: '3.59' })).status, 404);
    assert.equal((await rig().ask('GET', `${newer}?sort=nonsense`, { version: '3.59' })).status, 400);
    const all = await rig().ask('GET', `${newer}?all_tenants=1`, { as: 'admin', version: '3.59' });
    assert.equal(all.body.transfers.length, 3);
  });

  it('moves the snapshots too, or leaves them', async () => {
    const volume = await rig().volume();
    const snapshot = await rig().snapshot(volume);
    const { id, key } = await offered(volume);
    assert.equal((await accept(id, key)).status, 202);
    assert.equal((await rig().ask('GET', `/snapshots/${snapshot}`, { as: 'bob' })).status, 200);
    assert.equal((await rig().ask('GET', `/snapshots/${snapshot}`)).status, 404);

    const other = await rig().volume();
    const kept = await rig().snapshot(other);
    const second = await offered(other, { no_snapshots: true });
    assert.equal((await accept(second.id, second.key)).status, 202);
    assert.equal((await rig().ask('GET', `/snapshots/${kept}`)).status, 200);
    assert.equal((await rig().ask('GET', `/snapshots/${kept}`, { as: 'bob' })).status, 404);
    for (const query of ['', '?cascade=true']) {
      const refused = await rig().ask('DELETE', `/volumes/${other}${query}`, { as: 'bob' });
      assert.equal(refused.status, 400, `another project’s snapshot is not the new owner’s to delete${query}`);
    }
    assert.equal((await rig().ask('DELETE', `/snapshots/${kept}`)).status, 202);
    await rig().engine.settle();
    assert.equal((await rig().ask('DELETE', `/volumes/${other}`, { as: 'bob' })).status, 202);
    await rig().engine.settle();
  });

  it('refuses an offer whose snapshots are not at rest', async () => {
    const volume = await rig().volume();
    const snapshot = await rig().snapshot(volume);
    await rig().database('snapshots').where({ id: snapshot }).update({ status: 'error' });
    const refused = await offer(volume);
    assert.equal(refused.status, 400);
    assert.match(refused.body.badRequest.message as string, new RegExp(`${snapshot} status must be available`));
    assert.equal(await rig().statusOf(volume), 'available');
  });

  it('moves an encrypted volume from 3.70 on, and its snapshots with it', async () => {
    const volume = await rig().volume();
    await rig().snapshot(volume);
    await rig().database('volumes').where({ id: volume }).update({ encrypted: true });
    assert.equal((await offer(volume, {}, newer, '3.69')).status, 400);
    assert.equal((await offer(volume, { no_snapshots: true }, newer, '3.70')).status, 400);
    assert.equal((await offer(volume, {}, newer, '3.70')).status, 202);
  });

  it('demands the quota of who accepts, and frees that of who gives, in one', async () => {
    const volume = await rig().volume({ size: 3 });
    await rig().snapshot(volume);
    const { id, key } = await offered(volume);
    const usage = async (as: Person): Promise<number[]> => {
      const { absolute } = (await rig().ask('GET', '/limits', { as })).body.limits;
      return [absolute.totalVolumesUsed, absolute.totalSnapshotsUsed, absolute.totalGigabytesUsed] as number[];
    };
    const limit = async (resource: string, hard_limit: number): Promise<void> => {
      const row = { project_id: projectOf('bob'), resource, hard_limit };
      await rig().database('quota_limits').insert(row).onConflict(['project_id', 'resource']).merge();
    };
    for (const [resource, tooLow] of [
      ['volumes', 0],
      ['gigabytes', 5],
      ['snapshots', 0],
      ['per_volume_gigabytes', 2],
      ['volumes___DEFAULT__', 0],
      ['gigabytes___DEFAULT__', 5],
    ] as const) {
      await limit(resource, tooLow);
      const over = await accept(id, key);
      assert.equal(over.status, 413, `${resource}: ${JSON.stringify(over.body)}`);
      assert.deepEqual(
        [await usage('ann'), await usage('bob')],
        [
          [1, 1, 6],
          [0, 0, 0],
        ],
      );
      await limit(resource, -1);
    }
    assert.equal((await accept(id, key)).status, 202);
    assert.deepEqual(
      [await usage('ann'), await usage('bob')],
      [
        [0, 0, 0],
        [1, 1, 6],
      ],
    );
  });

  it('is won by one of many who accept or withdraw at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id, key, volume } = await offered(await rig().volume());
      const answers = await Promise.all([
        accept(id, key),
        accept(id, key, 'admin'),
        rig().ask('DELETE', `${newer}/${id}`),
        accept(id, key),
      ]);
      assert.deepEqual(answers.map((answer) => answer.status).sort(), [202, 404, 404, 404]);
      const owner = answers[1]?.status === 202 ? 'admin' : answers[2]?.status === 202 ? 'ann' : 'bob';
      assert.equal(await ownerOf(volume), projectOf(owner));
      assert.equal(await rig().statusOf(volume), 'available');
    }
  });
}
