// One request must not hold up the service, nor make it fail: hostile queries, bodies and headers of a reader are answered with a refusal or
// an answer, soon, and the next request finds everything as it was.
import assert from 'node:assert/strict';
import { type Answer, type Asking, BlockRig } from '../block-storage/block-rig.js';

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
    it(`lists: ${name}`, async () => {
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
    it(`bodies: ${name}`, async () => {
      const answer = await demandSoon([400], () => rig.ask('POST', '/volumes', { version, text }));
      assert.ok(JSON.stringify(answer.body).length < 2000, 'the refusal repeats what was sent');
    });
  }

  it('bodies: too long is 413', async () => {
    await demandSoon([413], () => rig.ask('POST', '/volumes', { version, text: ' '.repeat(200_000) }));
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
    it(`headers: ${name}`, async () => {
      const body = JSON.stringify({ volume: { size: 0 } });
      await demandSoon([400, 401, 406, 415], () =>
        rig.ask('POST', '/volumes', { text: body, ...(sent === undefined ? {} : { headers: sent }) }),
      );
    });
  }
});
