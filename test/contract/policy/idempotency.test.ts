// What somebody could get by an idempotency key that the policy does not give: an answer for other eyes, the service's disk, or its
// connections to the database.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { KEPT_PER_OWNER, purgeAnswers } from '../../../services/core/db/idempotency/answers.js';
import { BlockRig } from '../block-storage/block-rig.js';
import { ComputeRig } from '../compute/compute-rig.js';

const version = '3.71';
const serviceToken = { 'X-Service-Token': 'service' };

describe('idempotency keys under attack', function () {
  this.timeout(60_000);
  let rig: BlockRig;

  before(async () => {
    rig = await BlockRig.open();
  });
  afterEach(async () => {
    await rig.clear();
    await rig.database('idempotency_answers').delete();
  });
  after(() => rig.close());

  it('an answer for a service is not repeated to the user that the service spoke for', async () => {
    const volume = await rig.volume();
    const connector = { host: 'elsewhere' };
    const ask = (headers: Readonly<Record<string, string>>) =>
      rig.ask('POST', '/attachments', {
        version,
        body: { attachment: { volume_uuid: volume, connector } },
        headers: { 'Idempotency-Key': 'nova-1', ...headers },
      });
    const first = await ask(serviceToken);
    assert.equal(first.status, 200);
    assert.ok(Object.keys(first.body.attachment.connection_info as object).length > 0);
    const user = await ask({});
    assert.equal(user.status, 422, JSON.stringify(user.body));
    assert.equal((await ask({ 'X-Service-Token': 'bob' })).status, 422, 'nor with a token that is no service’s');
    assert.equal((await ask(serviceToken)).headers.get('Idempotency-Replayed'), 'true');
  });

  it('a POST that only reads stores nothing, and is answered with what is so now', async () => {
    const volume = await rig.volume();
    await rig.database('volumes').where({ id: volume }).update({ image_metadata: '{"os":"first"}' });
    const show = async () => {
      const headers = { 'Idempotency-Key': 'show-1' };
      return (await rig.act(volume, { 'os-show_image_metadata': null }, { as: 'reader', version, headers })).body
        .metadata.os as string;
    };
    assert.equal(await show(), 'first');
    await rig.database('volumes').where({ id: volume }).update({ image_metadata: '{"os":"second"}' });
    assert.equal(await show(), 'second');
    assert.deepEqual(await rig.database('idempotency_answers').select('id'), []);
  });

  it('a person’s answers are bounded in number, and nobody else’s go for them', async () => {
    const create = async (as: 'ann' | 'bob', key: string): Promise<string> => {
      const body = { volume: { size: 1 } };
      const made = await rig.ask('POST', '/volumes', { as, body, headers: { 'Idempotency-Key': key } });
      assert.equal(made.status, 202, JSON.stringify(made.body));
      return made.body.volume.id as string;
    };
    const [anns, bobs] = [await create('ann', 'early'), await create('bob', 'early')];
    const row: { id: string } = await rig
      .database('idempotency_answers')
      .whereIn(
        'request_id',
        rig.database('operations').whereRaw(`params->>'volumeId' = ?`, [anns]).select('request_id'),
      )
      .first('*');
    // As many more of ann's as may be kept, each a moment later.
    const owner = row.id.slice(0, 32);
    await rig.database.raw(
      `insert into idempotency_answers (id, fingerprint, request_id, status, headers, body, created_at)
       select ? || md5(n::text), '', 'req-x', 202, '{}', null, utc_now() + n * interval '1 microsecond'
       from generate_series(1, ?::int) n`,
      [owner, KEPT_PER_OWNER],
    );
    assert.equal(await purgeAnswers(rig.database, 1000), 1);
    const left = await rig.database('idempotency_answers').where('id', 'like', `${owner}%`).count('* as count');
    assert.equal(Number(left[0]?.['count']), KEPT_PER_OWNER);
    assert.equal(await create('bob', 'early'), bobs, 'bob’s answer is still there');
    assert.equal(await purgeAnswers(rig.database, 1000), 0);
  });

  it('what is stored tells neither key, person nor answer', async () => {
    const key = `secret-${randomUUID()}`;
    const canary = 'a-name-to-look-for';
    const body = { volume: { size: 1, name: canary } };
    const made = await rig.ask('POST', '/volumes', { body, headers: { 'Idempotency-Key': key } });
    assert.equal(made.status, 202);
    const text = JSON.stringify(await rig.database('idempotency_answers').select('*'));
    for (const secret of [key, canary, made.body.volume.id as string]) assert.ok(!text.includes(secret), secret);
    for (const plain of [key, JSON.stringify(body)])
      assert.ok(!text.includes(createHash('sha256').update(plain).digest('hex')), 'an unsalted digest');
  });
});

describe('idempotency keys and consoles', function () {
  this.timeout(60_000);
  let rig: ComputeRig;
  before(async () => {
    rig = await ComputeRig.open();
  });
  after(() => rig.close());

  it('a console is read anew each time, and none of it is stored', async () => {
    const ann = await rig.api.newUser('ann', 'project-a', 'member');
    const { id } = await rig.activeServer(ann.token, ann.projectId);
    const read = async (): Promise<string> => {
      const body = { 'os-getConsoleOutput': {} };
      const headers = { 'Idempotency-Key': 'console-1' };
      const path = `/compute/v2.1/servers/${id}/action`;
      const answer = await rig.api.ask('POST', path, { token: ann.token, body, headers });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return answer.body.output as string;
    };
    rig.consoles.set(id, 'booting\n');
    assert.equal(await read(), 'booting\n');
    rig.consoles.set(id, 'login:\n');
    assert.equal(await read(), 'login:\n');
    assert.deepEqual(await rig.api.database('idempotency_answers').select('id'), []);
    await rig.api.ask('DELETE', `/compute/v2.1/servers/${id}`, { token: ann.token });
    await rig.engine.settle();
  });
});
