// T-F01 by image: what somebody uploads as a boot image. It passes the guards of the volume worker before it is kept; what is refused is
// not kept, no tool is started for it, and nothing that it names is opened.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { waitFor } from '../harness/wait-for.js';
import { ImagePlace } from './image-place.js';
import { makeDataFilePoison, makeQcow2, vmdkDescriptor } from './poisons.js';
import { makeRealFile } from './real-files.js';

describe('T-F01 files offered as boot images', function () {
  this.timeout(60_000);
  let images: ImagePlace;
  let poisons = '';

  before(async () => {
    images = await ImagePlace.open();
    poisons = path.join(images.place.folder, 'poisons');
  });
  after(() => images.close());

  /** Image files on the share; the service's own directory is not counted. */
  const kept = (): string[] => readdirSync(images.place.directory).filter((name) => !name.startsWith('.'));

  async function expectRefused(bytes: Buffer, diskFormat: string): Promise<void> {
    const before = kept();
    const programs = images.place.started.length;
    const id = await images.record(diskFormat);
    const answer = await images.send(id, bytes);
    assert.equal(answer.status, 400, await answer.text());
    assert.equal((await images.show(id)).body.status, 'queued', 'it can be uploaded again');
    assert.equal(images.place.started.length, programs, 'no tool was started');
    assert.deepEqual(kept(), before, 'nothing of it is kept');
    await images.place.canaries.expectUntouched();
    const row = { name: `image-${id}` };
    assert.deepEqual(await images.api.database('volumes').where(row), [], 'and no room is promised to it');
    assert.equal((await images.remove(id)).status, 204);
  }

  const names: Readonly<Record<string, () => string>> = {
    'a file of the host': () => images.place.canaries.file('secret'),
    'a json: description': () =>
      `json:{"driver":"raw","file":{"driver":"file","filename":"${images.place.canaries.file('secret')}"}}`,
    'a network block device': () => `nbd:127.0.0.1:${images.place.canaries.port}`,
    'a plain name on the share': () => 'volume-of-somebody',
  };
  for (const [what, nameOf] of Object.entries(names)) {
    for (const declared of ['qcow2', 'raw', 'iso'] as const) {
      it(`a qcow2 whose backing file is ${what}, declared ${declared}, is refused unopened`, () =>
        expectRefused(makeQcow2(poisons, '-b', nameOf(), '-F', 'raw'), declared));
    }
  }

  it('a qcow2 with an external data file is refused unopened', () =>
    expectRefused(makeDataFilePoison(poisons, images.place.canaries.file('data')), 'qcow2'));

  it('a description of a VMDK that names a file of the host is no raw disk', () => {
    const extent = `RW 2097152 FLAT "${images.place.canaries.file('secret')}" 0`;
    return expectRefused(vmdkDescriptor('monolithicFlat', [extent]), 'raw');
  });

  it('a file is refused that does not show what it is declared to be', async () => {
    await expectRefused(randomBytes(4096), 'qcow2');
    await expectRefused(randomBytes(4096), 'vmdk');
    await expectRefused(makeRealFile(images.place.folder, 'vmdk'), 'vdi');
    await expectRefused(makeRealFile(images.place.folder, 'vmdk'), 'raw');
  });

  it('an honest file is kept as it was sent, and goes with its image', async () => {
    const before = kept();
    for (const [diskFormat, bytes] of [
      ['raw', randomBytes(700)],
      ['qcow2', makeQcow2(poisons)],
      ['vmdk', makeRealFile(images.place.folder, 'vmdk')],
    ] as const) {
      const id = await images.record(diskFormat);
      const answer = await images.send(id, bytes);
      assert.equal(answer.status, 204, await answer.text());
      const { body } = await images.show(id);
      assert.equal(body.checksum, createHash('md5').update(bytes).digest('hex'));
      assert.equal(body.os_hash_value, createHash('sha512').update(bytes).digest('hex'));
      assert.equal(body.size, bytes.length);
      assert.ok((await images.read(id)).equals(bytes), `${diskFormat}: the same bytes come back`);
      assert.equal((await images.remove(id)).status, 204);
    }
    await waitFor('the files to go', () => Promise.resolve(kept().length === before.length ? true : null));
  });

  it('a body whose length is said in two ways is no upload, and nothing of it is taken for a second request', async () => {
    const id = await images.record('raw');
    const victim = await images.record('raw');
    const { hostname, port } = new URL(images.api.baseUrl);
    const smuggled = `DELETE /image/v2/images/${victim} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${images.token}\r\n\r\n`;
    for (const length of [
      'Content-Length: 4\r\nTransfer-Encoding: chunked',
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
      'Transfer-Encoding: xchunked',
      'Content-Length: 4\r\nContent-Length: 5',
      'Content-Length: +4',
      'Content-Length : 4',
    ]) {
      const socket = connect(Number(port), hostname);
      let said = '';
      socket
        .on('error', () => undefined)
        .on('data', (piece: Buffer) => {
          said += piece.toString('latin1');
        });
      const head = `PUT /image/v2/images/${id}/file HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${images.token}\r\n`;
      socket.write(`${head}Content-Type: application/octet-stream\r\n${length}\r\n\r\n0\r\n\r\n${smuggled}`);
      await waitFor(`an end after ${length}`, () => Promise.resolve(socket.closed ? true : null));
      assert.match(said, /^HTTP\/1\.1 400 /, length);
      assert.equal(said.match(/HTTP\/1\.1 \d/g)?.length, 1, 'one answer');
    }
    // Node tells of a request before it finds fault with its encoding: an upload may have begun, and is not one that ends well.
    assert.notEqual((await images.show(id)).body.status, 'active');
    assert.equal((await images.show(victim)).status, 200);
    for (const one of [id, victim]) assert.equal((await images.remove(one)).status, 204);
  });

  it('a client that breaks off leaves nothing, and the image can be uploaded again', async () => {
    const before = kept();
    const id = await images.record('raw');
    const { hostname, port } = new URL(images.api.baseUrl);
    const socket = connect(Number(port), hostname);
    const head = `PUT /image/v2/images/${id}/file HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${images.token}\r\n`;
    socket.write(`${head}Content-Type: application/octet-stream\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(5000)}`);
    const statusIs = (wanted: string) => async () => ((await images.show(id)).body.status === wanted ? true : null);
    await waitFor('the upload to begin', statusIs('saving'));
    socket.destroy();
    await waitFor('the upload to be given up', statusIs('queued'));
    assert.deepEqual(kept(), before);
    assert.equal((await images.send(id, Buffer.alloc(512))).status, 204);
    assert.equal((await images.remove(id)).status, 204);
  });
});
