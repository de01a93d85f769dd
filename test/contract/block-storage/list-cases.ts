// Lists: paging, sorting, filters, counts, by version and by who asks.
import assert from 'node:assert/strict';
import { type BlockRig, projectOf } from './block-rig.js';

export function listCases(rig: () => BlockRig): void {
  const ids = new Map<string, string>();

  before(async () => {
    for (const [name, size] of [
      ['a', 3],
      ['b', 1],
      ['c', 2],
    ] as const) {
      ids.set(name, await rig().volume({ name, size, metadata: { Type: name, Quote: "it's" } }));
    }
    await rig().volume({ name: 'bobs' }, 'bob');
  });
  after(() => rig().clear());

  async function names(query: string, asking: Parameters<BlockRig['ask']>[2] = {}): Promise<string[]> {
    const answer = await rig().ask('GET', `/volumes${query}`, asking);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return (answer.body.volumes as { name: string }[]).map((volume) => volume.name);
  }
  const refused = async (query: string, asking: Parameters<BlockRig['ask']>[2] = {}): Promise<string> => {
    const answer = await rig().ask('GET', `/volumes${query}`, asking);
    assert.equal(answer.status, 400, query);
    return answer.body.badRequest.message as string;
  };

  it('sorts newest first, by both styles, and refuses what is no key or no direction', async () => {
    assert.deepEqual(await names(''), ['c', 'b', 'a']);
    assert.deepEqual(await names('?sort=size:asc'), ['b', 'c', 'a']);
    assert.deepEqual(await names('?sort=size'), ['a', 'c', 'b']);
    assert.deepEqual(await names('?sort_key=name&sort_dir=asc'), ['a', 'b', 'c']);
    assert.deepEqual(await names('?sort_dir=asc'), ['a', 'b', 'c']);
    await refused('?sort=colour');
    await refused('?sort=metadata');
    await refused('?sort=name:up');
    await refused('?sort=name&sort_key=name');
  });

  it('walks in pages whatever the order, and ends with an empty page', async () => {
    for (const order of ['', '&sort=size:asc', '&sort=size:asc,name:desc', '&sort=name:desc,size:asc']) {
      const seen: string[] = [];
      let path: string | null = `/volumes/detail?limit=1${order}`;
      for (let page = 0; path !== null && page < 9; page += 1) {
        const answer = await rig().ask('GET', path);
        seen.push(...(answer.body.volumes as { name: string }[]).map((volume) => volume.name));
        const next = (answer.body.volumes_links as { href: string }[] | undefined)?.[0]?.href ?? null;
        path = next === null ? null : next.replace('http://saggar.test:8776/volume/v3', '');
      }
      assert.equal(seen.length, 3, order);
      assert.deepEqual(seen, await names(`?x=y${order}`), order);
    }
  });

  it('puts the project id into links only when the request had it', async () => {
    const withId = await rig().ask('GET', `/${projectOf('ann')}/volumes?limit=1`);
    assert.match(withId.body.volumes_links[0].href, new RegExp(`/v3/${projectOf('ann')}/volumes\\?`));
    assert.match(withId.body.volumes[0].links[0].href, new RegExp(`/v3/${projectOf('ann')}/volumes/`));
    const without = await rig().ask('GET', '/volumes?limit=1');
    assert.match(without.body.volumes_links[0].href, /\/v3\/volumes\?limit=1&marker=/);
  });

  it('takes limit, offset and marker by the rules', async () => {
    assert.deepEqual(await names('?limit=0'), []);
    assert.deepEqual(await names('?limit=2&offset=1'), ['b', 'a']);
    assert.deepEqual((await names('?limit=100000')).length, 3);
    for (const bad of ['limit=-1', 'limit=x', 'offset=-1', 'offset=99999999999', 'limit=']) await refused(`?${bad}`);
    for (const marker of ['nope', '00000000-0000-4000-8000-000000000000']) {
      assert.equal((await rig().ask('GET', `/volumes?marker=${marker}`)).status, 404);
    }
    const foreign = await rig().ask('GET', `/volumes?marker=${ids.get('a') ?? ''}`, { as: 'bob' });
    assert.equal(foreign.status, 404);
  });

  it('filters by columns, Python literals, booleans, parts of names and times', async () => {
    assert.deepEqual(await names('?name=b'), ['b']);
    assert.deepEqual(await names('?status=available&size=2'), ['c']);
    assert.deepEqual(await names(`?metadata=${encodeURIComponent("{'Type': 'a'}")}`), ['a']);
    assert.deepEqual(await names(`?metadata=${encodeURIComponent(`{"Quote": 'it\\'s', u'Type': 'b'}`)}`), ['b']);
    assert.deepEqual(await names('?metadata=nonsense'), []);
    assert.deepEqual((await names('?bootable=False')).length, 3);
    assert.deepEqual(await names('?bootable=true'), []);
    assert.deepEqual(await names('?bootable=maybe', { version: '3.1' }), [], 'neither yes nor no');
    assert.match(await refused('?bootable=maybe', { version: '3.2' }), /is not a boolean/);
    assert.deepEqual(await names('?name~=B', { version: '3.34' }), ['b']);
    assert.deepEqual((await names('?created_at=gt:2020-01-01T00:00:00', { version: '3.60' })).length, 3);
    assert.deepEqual(await names('?created_at=gt:2020-01-01,lt:2021-01-01T00:00:00Z', { version: '3.60' }), []);
    await refused('?created_at=gt:yesterday', { version: '3.60' });
  });

  it('drops unknown filters of users below 3.31, refuses them from there on, and finds nothing for administrators', async () => {
    assert.deepEqual((await names('?colour=red', { version: '3.30' })).length, 3);
    assert.match(await refused('?colour=red', { version: '3.31' }), /Invalid filters colour are found/);
    await refused('?host=x', { version: '3.31' });
    assert.deepEqual(await names('?all_tenants=1&colour=red', { as: 'admin', version: '3.31' }), []);
  });

  it('lists all projects for administrators only', async () => {
    assert.deepEqual((await names('?all_tenants=1', { version: '3.71' })).length, 3);
    assert.deepEqual((await names('?all_tenants=1', { as: 'admin' })).length, 4);
    assert.deepEqual(await names(''.concat('?all_tenants=true&project_id=', projectOf('bob')), { as: 'admin' }), [
      'bobs',
    ]);
    assert.deepEqual(await names('', { as: 'admin' }), []);
    await refused('?all_tenants=perhaps', { as: 'admin' });
  });

  it('counts before paging from 3.45 on', async () => {
    const old = await rig().ask('GET', '/volumes?with_count=true&limit=1', { version: '3.44' });
    assert.ok(!('count' in old.body));
    const now = await rig().ask('GET', '/volumes/detail?with_count=true&limit=1', { version: '3.45' });
    assert.equal(now.body.count, 3);
    assert.equal(now.body.volumes.length, 1);
  });

  it('sums up from 3.12, with metadata from 3.36', async () => {
    assert.equal((await rig().ask('GET', '/volumes/summary', { version: '3.11' })).status, 404);
    const early = await rig().ask('GET', '/volumes/summary', { version: '3.12' });
    assert.deepEqual(early.body['volume-summary'], { total_count: 3, total_size: 6 });
    const late = await rig().ask('GET', '/volumes/summary', { version: '3.36' });
    assert.deepEqual(late.body['volume-summary'].metadata.Type, ['a', 'b', 'c']);
    const all = await rig().ask('GET', '/volumes/summary?all_tenants=1', { as: 'admin', version: '3.12' });
    assert.equal(all.body['volume-summary'].total_count, 4);
  });

  it('takes hostile texts for what they are', async () => {
    for (const text of ["' OR 1=1 --", '{}', '%', '\\', 'x'.repeat(2000)]) {
      assert.deepEqual(await names(`?name=${encodeURIComponent(text)}`), []);
      assert.deepEqual(await names(`?status=${encodeURIComponent(text)}&size=${encodeURIComponent(text)}`), []);
      assert.equal((await rig().ask('GET', `/volumes?marker=${encodeURIComponent(text)}`)).status, 404);
    }
    await refused('?name=%00');
  });
}
