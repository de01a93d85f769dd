// Messages: what a failed request left for its project, by version, in pages, and until it is old.
import assert from 'node:assert/strict';
import { placementReasons, userMessage } from '../../../services/core/domain/user-messages.js';
import { type BlockRig, missingId, type Person, projectOf } from './block-rig.js';

interface Message {
  readonly id: string;
  readonly event_id: string;
  readonly user_message: string;
  readonly resource_uuid: string;
  readonly request_id: string;
}

export function messageCases(rig: () => BlockRig): void {
  afterEach(async () => {
    rig().engine.interfere = () => null;
    await rig().database('user_messages').delete();
    await rig().clear();
  });

  const list = async (query = '', version = '3.5', as: Person = 'ann'): Promise<Message[]> =>
    (await rig().ask('GET', `/messages${query}`, { version, as })).body.messages as Message[];

  /** A volume that does not fit anywhere. */
  async function failedVolume(name: string): Promise<string> {
    const answer = await rig().ask('POST', '/volumes', { body: { volume: { size: 5000, name } } });
    assert.equal(answer.body.volume.status, 'error', JSON.stringify(answer.body));
    return answer.body.volume.id as string;
  }

  beforeEach(async () => {
    const row = { project_id: projectOf('ann'), resource: 'gigabytes', hard_limit: -1 };
    await rig().database('quota_limits').insert(row);
  });

  it('are there from 3.3 on, for their project alone', async () => {
    const volume = await failedVolume('a');
    for (const [method, path] of [
      ['GET', '/messages'],
      ['GET', `/messages/${missingId}`],
      ['DELETE', `/messages/${missingId}`],
    ] as const) {
      assert.equal((await rig().ask(method, path, { version: '3.2' })).status, 404);
    }
    const [message] = await list('', '3.3');
    assert.ok(message);
    assert.match(message.event_id, /^VOLUME_VOLUME_001_\d{3}$/);
    assert.equal(message.resource_uuid, volume);
    assert.match(message.request_id, /^req-/);
    const path = `/messages/${message.id}`;
    assert.deepEqual((await rig().ask('GET', path, { version: '3.3' })).body.message, message);
    for (const wrong of [
      await rig().ask('GET', path, { version: '3.3', as: 'bob' }),
      await rig().ask('DELETE', path, { version: '3.3', as: 'bob' }),
      await rig().ask('GET', '/messages/nonsense', { version: '3.3' }),
    ]) {
      assert.equal(wrong.status, 404);
    }
    assert.deepEqual(await list('', '3.5', 'bob'), []);
    assert.equal((await rig().ask('DELETE', path, { version: '3.3', as: 'reader' })).status, 403);
    assert.equal((await rig().ask('DELETE', path, { version: '3.3' })).status, 204);
    assert.equal((await rig().ask('DELETE', path, { version: '3.3' })).status, 404);
  });

  it('come in pages, sorted and filtered, from 3.5 on', async () => {
    const volumes = [];
    for (const name of ['a', 'b', 'c']) volumes.push(await failedVolume(name));
    const newestFirst = [...volumes].reverse();
    const about = async (query: string, version = '3.5'): Promise<string[]> =>
      (await list(query, version)).map((message) => message.resource_uuid);
    assert.deepEqual(await about(''), newestFirst);
    assert.deepEqual(await about('?sort=created_at:asc'), volumes);
    assert.deepEqual(await about('?sort=created_at:asc&limit=1', '3.4'), newestFirst, 'ignored before');
    assert.deepEqual(await about('?offset=1&limit=1'), newestFirst.slice(1, 2));
    const first = await rig().ask('GET', '/messages?limit=2', { version: '3.5' });
    const next = new URL(first.body.messages_links[0].href as string).search;
    assert.deepEqual(await about(next), newestFirst.slice(2));
    const [message] = await list(`?resource_uuid=${volumes[1] ?? ''}`);
    assert.ok(message);
    assert.deepEqual(await about(`?request_id=${message.request_id}`), [volumes[1]]);
    assert.equal((await about(`?event_id=${message.event_id}&resource_type=VOLUME&message_level=ERROR`)).length, 3);
    assert.deepEqual(await about('?resource_type=VOLUME_SNAPSHOT'), []);
    for (const query of ['?sort=nonsense', '?limit=-1', '?limit=x', '?sort=created_at:up'])
      assert.equal((await rig().ask('GET', `/messages${query}`, { version: '3.5' })).status, 400, query);
    assert.equal((await rig().ask('GET', `/messages?marker=${missingId}`, { version: '3.5' })).status, 404);
    assert.equal((await rig().ask('GET', '/messages?user_message=x', { version: '3.31' })).status, 400);
  });

  it('say of a copy why the part failed that it waited for', async () => {
    const source = await rig().volume();
    // In full, in its own operation, after the internal snapshot has failed.
    const type = await rig().ask('POST', '/types', {
      as: 'admin',
      body: { volume_type: { name: 'copied-in-full', extra_specs: { 'saggar:copy': 'full' } } },
    });
    rig().engine.interfere = (command) =>
      command.type === 'overlay.append'
        ? { kind: 'failed', error: { code: 'no_space', message: 'x' }, partial: false }
        : null;
    const copy = await rig().volume({ source_volid: source, volume_type: type.body.volume_type.id as string });
    assert.equal(await rig().statusOf(copy), 'error');
    const [message] = await list(`?resource_uuid=${copy}`);
    assert.match(message?.user_message ?? '', /^create volume from backend storage:.*ran out of space/);
  });

  it('are forgotten after thirty days, when the project gets a new one', async () => {
    await failedVolume('old');
    const past = rig().database.raw("utc_now() - interval '1 second'");
    await rig().database('user_messages').update({ guaranteed_until: past });
    const volume = await failedVolume('new');
    assert.deepEqual(
      (await list()).map((message) => message.resource_uuid),
      [volume],
    );
  });

  it('have a text of their own for each reason why no pool was chosen', () => {
    const texts = placementReasons.map((reason) => userMessage('VOLUME', 'volume-schedule', reason));
    assert.equal(new Set(texts.map((one) => one.eventId)).size, placementReasons.length);
    assert.equal(new Set(texts.map((one) => one.text)).size, placementReasons.length);
    for (const { text } of texts) {
      assert.match(text, /^schedule allocate volume:Could not find any available weighted backend\./);
    }
  });
}
