// The QMP client: framing, states, events, deadlines, lost connections.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { QmpClient } from '../../../drivers/qemu/qmp-client.js';
import { QmpFramer } from '../../../drivers/qemu/qmp-framing.js';
import { parseQmpMessage } from '../../../drivers/qemu/qmp-messages.js';
import { waitFor } from '../../harness/wait-for.js';
import { FakeQmpServer } from './fake-qmp-server.js';

describe('QMP framing', () => {
  const text = '{"return": {}, "id": 1}\r\n{"event": "STOP", "data": {"name": "Größe"}}\r\n';

  it('reads messages however the bytes are cut, also inside a character', () => {
    const bytes = Buffer.from(text);
    const whole = new QmpFramer().push(bytes);
    assert.equal(whole.length, 2);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const framer = new QmpFramer();
      assert.deepEqual([...framer.push(bytes.subarray(0, cut)), ...framer.push(bytes.subarray(cut))], whole);
    }
    const framer = new QmpFramer();
    assert.deepEqual(
      [...bytes].flatMap((byte) => framer.push(Buffer.from([byte]))),
      whole,
    );
  });

  it('keeps nothing of the caller’s buffer', () => {
    const framer = new QmpFramer();
    const bytes = Buffer.from('{"a":');
    framer.push(bytes);
    bytes.fill(0);
    assert.deepEqual(framer.push(Buffer.from('1}\n')), [{ a: 1 }]);
  });

  it('refuses what is no JSON, and a message without end', () => {
    assert.throws(() => new QmpFramer().push(Buffer.from('hello\r\n')), { name: 'QmpFramingError' });
    const framer = new QmpFramer(10);
    framer.push(Buffer.from('12345'));
    assert.throws(() => framer.push(Buffer.from('678901')), { name: 'QmpFramingError' });
  });

  it('takes for messages only what QMP knows', () => {
    for (const value of [null, 1, [], {}, { return: {} }, { QMP: 1 }, { id: 1 }]) {
      assert.equal(parseQmpMessage(value), null, JSON.stringify(value));
    }
  });
});

describe('the QMP client', () => {
  let directory = '';
  let server: FakeQmpServer;
  let client: QmpClient;

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'sgr-qmp-'));
    server = new FakeQmpServer(path.join(directory, 'qmp.sock'));
    await server.listen();
    client = new QmpClient(server.path);
  });

  afterEach(async () => {
    await client.close();
    await server.close();
    rmSync(directory, { recursive: true });
  });

  it('goes from idle to ready and back, and refuses commands outside ready', async () => {
    assert.equal(client.state, 'idle');
    await assert.rejects(client.execute('stop'), { name: 'QmpStateError' });
    await client.connect();
    assert.equal(client.state, 'ready');
    assert.equal(client.version, '7.2.22');
    await assert.rejects(client.connect(), { name: 'QmpStateError' });
    await client.close();
    assert.equal(client.state, 'idle');
    await client.connect();
    assert.equal(client.state, 'ready');
  });

  it('gives each command its own answer', async () => {
    server.answer = (command) => (command === 'bad' ? { error: 'no such thing' } : { value: { command } });
    await client.connect();
    const [one, two, bad] = await Promise.allSettled([client.execute('a'), client.execute('b'), client.execute('bad')]);
    assert.deepEqual(one, { status: 'fulfilled', value: { command: 'a' } });
    assert.deepEqual(two, { status: 'fulfilled', value: { command: 'b' } });
    assert.ok(bad.status === 'rejected');
    assert.equal(bad.reason.name, 'QmpCommandError');
    assert.equal(bad.reason.description, 'no such thing');
  });

  it('passes events on', async () => {
    await client.connect();
    const events: unknown[] = [];
    client.on('event', (event) => events.push(event));
    server.send({ event: 'DEVICE_DELETED', data: { device: 'd-1' }, timestamp: {} });
    await waitFor('the event', () => events.length === 1);
    assert.deepEqual(events, [{ name: 'DEVICE_DELETED', data: { device: 'd-1' } }]);
  });

  it('rejects all that is pending as interrupted when the connection is lost, and can connect anew', async () => {
    server.answer = () => 'silence';
    await client.connect();
    let lost = 0;
    client.on('lost', () => (lost += 1));
    const pending = [client.execute('a'), client.execute('b')];
    await waitFor('both commands', () => server.asked.length === 3);
    server.hangUp();
    for (const one of pending) await assert.rejects(one, { name: 'QmpInterruptedError' });
    assert.equal(client.state, 'idle');
    assert.equal(lost, 1);
    await client.connect();
    assert.equal(client.state, 'ready');
  });

  it('gives a silent server up at the deadline, with everything pending', async () => {
    server.answer = () => 'silence';
    await client.connect();
    const other = client.execute('b', {}, 5_000);
    await assert.rejects(client.execute('a', {}, 30), { name: 'QmpDeadlineError' });
    await assert.rejects(other, { name: 'QmpInterruptedError' });
    assert.equal(client.state, 'idle');
  });

  it('does not wait for ever for a greeting, nor for a socket that is not there', async () => {
    const mute = new FakeQmpServer(path.join(directory, 'mute.sock'), false);
    await mute.listen();
    await assert.rejects(new QmpClient(mute.path).connect(50), { name: 'QmpDeadlineError' });
    await mute.close();
    await assert.rejects(new QmpClient(path.join(directory, 'none.sock')).connect(50), { code: 'ENOENT' });
  });

  it('drops a server that talks nonsense', async () => {
    await client.connect();
    const pending = client.execute('a', {}, 5_000);
    server.answer = () => 'silence';
    for (const socket of Reflect.get(server, 'sockets') as Set<{ write(text: string): void }>)
      socket.write('garbage\r\n');
    await assert.rejects(
      pending.then(() => client.execute('b', {}, 5_000)),
      /interrupted|lost|needs state/,
    );
  });
});
