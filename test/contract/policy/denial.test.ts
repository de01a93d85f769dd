// One request must not hold up the service, nor make it fail: hostile queries, bodies and headers of a reader are answered with a refusal or
// an answer, soon, and the next request finds everything as it was.
import assert from 'node:assert/strict';
import { KEPT_PER_PROJECT } from '../../../services/core/db/leave-message.js';
import { type Answer, type Asking, BlockRig, projectOf } from '../block-storage/block-rig.js';

/** Ten times what the slowest takes on a busy machine. */
const SOON_MS = 2000;
const version = '3.71';

/** As much of a query as fits into a request line. */
function repeated(piece: string, separator: string): string {
  return Array(Math.floor(15_000 / (piece.length + 1)))
    .fill(piece)
    .join(separator);
}

describe('hostile requests', function () {
  this.timeout(60_000);
  let rig: BlockRig;
  let volume: string;

  before(async () => {
    rig = await BlockRig.open();
    volume = await rig.volume({ name: 'first', metadata: { a: 'b' } });
    await rig.volume({ name: 'second' });
  });
  after(async () => {
    await rig.clear();
    await rig.close();
  });

  async function demandSoon(statuses: readonly number[], work: () => Promise<Answer>): Promise<Answer> {
    const begun = performance.now();
    const answer = await work();
    assert.ok(statuses.includes(answer.status), JSON.stringify(answer.body)?.slice(0, 300));
    const took = performance.now() - begun;
    assert.ok(took < SOON_MS, `it took ${Math.round(took)} ms`);
    return answer;
  }

  const queries: Readonly<Record<string, () => string>> = {
    'sorts that name one column over and over': () => `sort=${repeated('size:asc,size:desc', ',')}`,
    'such sorts behind a marker': () => `marker=${volume}&sort=${repeated('size:asc,size:desc', ',')}`,
    'such sorts in the older form': () =>
      `marker=${volume}&${repeated('sort_key=size&sort_dir=asc&sort_key=name&sort_dir=desc', '&')}`,
    'thousands of filters': () => repeated('name=a', '&'),
    'thousands of times': () => `created_at=${repeated('gt:2000-01-01', ',')}`,
    'blanks where a time is looked for': () => `created_at=${repeated('%20', '')}x`,
    'a nest of brackets': () => `metadata=${repeated('(', '')}`,
    'a literal that never ends': () => `metadata='${repeated('a', '')}`,
    'an escaped NUL in a literal': () => `metadata=${encodeURIComponent("{'a': '\\x00'}")}`,
    'an escaped NUL in a key of a literal': () => `metadata=${encodeURIComponent("{'\\x00': 'b'}")}`,
    'half a surrogate pair in a literal': () => `metadata=${encodeURIComponent("{'a': '\\ud800'}")}`,
    'half a surrogate pair in plain bytes': () => 'name=%ed%a0%80',
    'a page of the end of the world': () => 'limit=99999999999&offset=2147483647',
  };
  for (const [name, query] of Object.entries(queries)) {
    it(`T-I01 lists: ${name}`, async () => {
      await demandSoon([200, 400], () => rig.ask('GET', `/volumes/detail?${query()}`, { version }));
      const next = await demandSoon([200], () => rig.ask('GET', '/volumes', { version }));
      assert.equal(next.body.volumes.length, 2);
    });
  }

  it('lists: the first of two sorts by one column is the one that counts', async () => {
    const names = async (sort: string): Promise<string[]> => {
      const { body } = await rig.ask('GET', `/volumes?sort=${sort}`, { version });
      return body.volumes.map((one: { name: string }) => one.name) as string[];
    };
    assert.deepEqual(await names('name:desc,name:asc'), ['second', 'first']);
    assert.deepEqual(await names('name:asc,name:desc'), ['first', 'second']);
  });

  const volumeWith = (more: string): string => `{"volume": {"size": 1, ${more}}}`;
  const bodies: Readonly<Record<string, string>> = {
    'a nest of arrays': `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
    'a nest of objects': `${'{"a":'.repeat(18_000)}1${'}'.repeat(18_000)}`,
    'more keys than any request has': volumeWith(
      `"metadata": {${Array.from({ length: 5000 }, (_x, i) => `"k${i}":""`)}}`,
    ),
    'one key twice': volumeWith('"name": "a", "name": "b"'),
    'a prototype': volumeWith('"__proto__": {"isAdmin": true}'),
    'a name of a hundred kilobytes': volumeWith(`"name": "${'x'.repeat(100_000)}"`),
    'a name of backslashes': volumeWith(`"name": "${'\\\\'.repeat(50_000)}"`),
    'a string that never ends': `"${'\\\\'.repeat(50_000)}`,
    'a size of a hundred thousand digits': `{"volume": {"size": "${'9'.repeat(100_000)}"}}`,
    'a size beyond numbers': '{"volume": {"size": 1e400}}',
    'a NUL': volumeWith('"name": "\\u0000"'),
    'half a surrogate pair': volumeWith('"name": "\\ud800"'),
  };
  for (const [name, text] of Object.entries(bodies)) {
    it(`T-X08 bodies: ${name}`, async () => {
      const answer = await demandSoon([400], () => rig.ask('POST', '/volumes', { version, text }));
      assert.ok(JSON.stringify(answer.body).length < 2000, 'the refusal repeats what was sent');
    });
  }

  it('T-X09 bodies: too long is 413', async () => {
    await demandSoon([413], () => rig.ask('POST', '/volumes', { version, text: ' '.repeat(200_000) }));
  });

  /** What a resource carries along is shown by every list, so it must not grow with every request. */
  const maps: Readonly<Record<string, (id: string, pairs: object) => Promise<Answer>>> = {
    'metadata of a volume': (id, metadata) =>
      rig.ask('POST', `/volumes/${id}/metadata`, { version, body: { metadata } }),
    'image metadata of a volume': (id, metadata) => rig.act(id, { 'os-set_image_metadata': { metadata } }, { version }),
    'metadata of a snapshot': (id, metadata) =>
      rig.ask('POST', `/snapshots/${id}/metadata`, { version, body: { metadata } }),
  };
  for (const [name, add] of Object.entries(maps)) {
    it(`T-X07 growth: ${name} is bounded, and stays what it was`, async () => {
      const id = name.endsWith('snapshot') ? await rig.snapshot(volume) : volume;
      const pairs = (turn: number): object =>
        Object.fromEntries(Array.from({ length: 400 }, (_x, index) => [`k-${turn}-${index}`, 'v'.repeat(200)]));
      assert.equal((await add(id, pairs(1))).status, 200, 'as much as one request may bring');
      const table = name.endsWith('snapshot') ? 'snapshots' : 'volumes';
      const row = async (): Promise<string> => JSON.stringify(await rig.database(table).where({ id }).first('*'));
      const before = await row();
      const refused = await add(id, pairs(2));
      assert.equal(refused.status, 400);
      assert.match(refused.body.badRequest.message, /metadata/);
      assert.equal(await row(), before);
      assert.equal((await add(id, { 'k-1-0': 'changed' })).status, 200);
      await rig.database('volumes').update({ metadata: '{}', image_metadata: '{}' });
    });
  }

  it('growth: a project keeps its latest messages, however many requests fail', async () => {
    const about = { project_id: projectOf('ann'), event_id: 'VOLUME_VOLUME_001_002', resource_type: 'VOLUME' };
    const rows = Array.from({ length: KEPT_PER_PROJECT }, () => ({ ...about, user_message: 'older' }));
    await rig.database.batchInsert('user_messages', rows, 1000);
    const type = { name: 'nowhere', extra_specs: { volume_backend_name: 'nowhere' } };
    const made = await rig.ask('POST', '/types', { as: 'admin', body: { volume_type: type } });
    const retype = { 'os-retype': { new_type: made.body.volume_type.id as string, migration_policy: 'never' } };
    for (let turn = 0; turn < 3; turn += 1) assert.equal((await rig.act(volume, retype, { version })).status, 202);
    const { body } = await rig.ask('GET', '/messages?limit=1', { version });
    assert.match(body.messages[0].user_message, /change the type/);
    const left = await rig.database('user_messages').count('* as count');
    assert.equal(Number(left[0]?.['count']), KEPT_PER_PROJECT);
    await rig.database('user_messages').delete();
    await rig.database('volume_types').where({ name: 'nowhere' }).delete();
  });

  const headers: Readonly<Record<string, Asking['headers']>> = {
    'a list of versions': { 'OpenStack-API-Version': 'volume 3.0, '.repeat(1000) },
    'blanks in a version': { 'OpenStack-API-Version': `volume ${' '.repeat(14_000)}x` },
    'a long service token': { 'X-Service-Token': 'A'.repeat(14_000) },
    'a long request id': { 'X-OpenStack-Request-ID': 'req-'.repeat(3500) },
    'a quoted key that never ends': { 'Idempotency-Key': `"${'\\"'.repeat(7000)}` },
    'a long content type': { 'Content-Type': `application/${'vnd.openstack.a-'.repeat(800)}` },
  };
  for (const [name, sent] of Object.entries(headers)) {
    it(`T-I03 headers: ${name}`, async () => {
      const body = JSON.stringify({ volume: { size: 0 } });
      await demandSoon([400, 401, 406, 415], () =>
        rig.ask('POST', '/volumes', { text: body, ...(sent === undefined ? {} : { headers: sent }) }),
      );
    });
  }
});
