// Bytes passed from one stream to another: all of them, no more held back than the buffer, and neither stream destroyed when one breaks.
import assert from 'node:assert/strict';
import { Readable, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { pumpBytes } from '../../../drivers/process/pump-bytes.js';

const MIB = 1024 * 1024;

function endless(pieceBytes: number): { source: Readable; read: () => number } {
  let read = 0;
  const source = new Readable({
    highWaterMark: pieceBytes,
    read() {
      read += pieceBytes;
      this.push(Buffer.alloc(pieceBytes));
    },
  });
  return { source, read: () => read };
}

describe('pumping bytes', () => {
  it('passes all of them and ends the sink', async () => {
    const taken: Buffer[] = [];
    const sink = new Writable({
      write(piece: Buffer, _encoding, done) {
        taken.push(piece);
        setImmediate(done);
      },
    });
    await pumpBytes(Readable.from([Buffer.from('one '), Buffer.from('two')]), sink);
    assert.equal(Buffer.concat(taken).toString(), 'one two');
    assert.ok(sink.writableFinished);
  });

  it('ends the sink with the last byte that it shall have, before the source says that it is over', async () => {
    const source = new Readable({ read: () => undefined });
    const sink = new Writable({ write: (_piece, _encoding, done) => done() });
    const pumped = pumpBytes(source, sink, 6);
    source.push('sixsix');
    while (!sink.writableFinished) await turn();
    source.push(null);
    await pumped;
  });

  it('stops a source whose bytes nobody takes, and goes on when they are taken', async () => {
    const { source, read } = endless(64 * 1024);
    const held: (() => void)[] = [];
    let taking = false;
    const sink = new Writable({
      write(_piece, _encoding, done) {
        if (taking) setImmediate(done);
        else held.push(done);
      },
    });
    const pumped = pumpBytes(source, sink);
    pumped.catch(() => undefined); // looked at below
    for (let turns = 0; turns < 200; turns += 1) await turn();
    const stopped = read();
    assert.ok(stopped >= MIB && stopped <= MIB + 4 * 64 * 1024, `${stopped} bytes were read`);
    taking = true;
    for (const done of held) done();
    while (read() < stopped + 4 * MIB) await turn();
    source.destroy(new Error('enough'));
    await assert.rejects(pumped, { message: 'enough' });
    assert.equal(sink.destroyed, false);
  });

  it('leaves the source as it is when the sink breaks', async () => {
    const { source } = endless(1024);
    const sink = new Writable({ write: (_piece, _encoding, done) => done(new Error('full')) });
    sink.on('error', () => undefined);
    await assert.rejects(pumpBytes(source, sink), { message: 'full' });
    assert.deepEqual([source.destroyed, source.isPaused()], [false, true]);
  });
});
