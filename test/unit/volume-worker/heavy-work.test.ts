// Places for heavy work on shares: so many run, the rest waits in order, leaves when cancelled, and never keeps other shares waiting.
import assert from 'node:assert/strict';
import { HeavyWork, heavySharesOf } from '../../../services/volume-worker/heavy-work.js';

/** Lets everything that may go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('heavy work on shares', () => {
  let heavy = new HeavyWork(2);
  let ends: (() => void)[] = [];
  let begun: string[] = [];
  let waited: string[] = [];
  const calm = () => new AbortController().signal;

  beforeEach(() => {
    heavy = new HeavyWork(2);
    [ends, begun, waited] = [[], [], []];
  });

  const start = (name: string, shares: readonly string[], signal = calm()) =>
    heavy.run(shares, { signal, onWait: () => waited.push(name) }, async () => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.push(resolve));
      return name;
    });

  it('runs as many as there are places on each share, and the next in order when one ends', async () => {
    const all = ['a', 'b', 'c', 'd'].map((name) => start(name, ['s']));
    const other = start('x', ['t']);
    await settle();
    assert.deepEqual([begun, waited, heavy.runningOn('s')], [['a', 'b', 'x'], ['c', 'd'], 2]);
    ends[0]?.();
    assert.equal(await all[0], 'a');
    await settle();
    assert.deepEqual([begun.at(-1), heavy.waitingCount], ['c', 1]);
    for (let turn = 0; turn < 5; turn += 1) {
      for (const end of ends) end();
      await settle();
    }
    await Promise.all([...all, other]);
    assert.deepEqual([heavy.runningOn('s'), heavy.runningOn('t'), heavy.waitingCount], [0, 0, 0]);
  });

  it('takes the number that the backend gives, and gives the place back when the work fails', async () => {
    heavy.limit('s', 1);
    const failing = heavy.run(['s'], { signal: calm(), onWait: () => undefined }, async () => {
      throw new Error('no');
    });
    const next = start('next', ['s']);
    await assert.rejects(failing, /no/);
    await settle();
    assert.deepEqual(begun, ['next']);
    ends[0]?.();
    await next;
  });

  it('takes the places of a copy between two shares at once, in its turn', async () => {
    heavy.limit('s', 1);
    heavy.limit('t', 1);
    const all = [start('on s', ['s']), start('both', ['s', 't']), start('on t', ['t']), start('on u', ['u'])];
    await settle();
    // `on t` came after `both`, which needs t as soon as s is free.
    assert.deepEqual(begun, ['on s', 'on u']);
    ends[0]?.();
    await settle();
    assert.deepEqual(begun, ['on s', 'on u', 'both']);
    for (let turn = 0; turn < 4; turn += 1) {
      for (const end of ends) end();
      await settle();
    }
    await Promise.all(all);
    assert.equal(begun.at(-1), 'on t');
  });

  it('lets go of who is cancelled while it waits, and of who comes too late', async () => {
    heavy.limit('s', 1);
    const controller = new AbortController();
    const first = start('first', ['s']);
    const second = start('second', ['s', 't'], controller.signal);
    const third = start('third', ['t']);
    await settle();
    assert.deepEqual(begun, ['first']);
    controller.abort();
    await assert.rejects(second, { code: 'cancelled' });
    await settle();
    assert.deepEqual(begun, ['first', 'third']);
    await assert.rejects(start('late', ['s'], controller.signal), { code: 'cancelled' });
    for (const end of ends) end();
    await Promise.all([first, third]);
    assert.equal(heavy.waitingCount, 0);
  });

  it('knows heavy commands and the shares that they load', () => {
    const target = { share: 't', file: 'f', format: 'raw', sizeBytes: 512, preallocation: 'off' };
    const of = (type: string, params: object) =>
      heavySharesOf({ type, params } as unknown as Parameters<typeof heavySharesOf>[0]);
    const light = { own: [], others: [] };
    assert.deepEqual(of('image.copy', { sourceShare: 's', target }), { own: ['t', 's'], others: [] });
    assert.deepEqual(of('image.compare', { sourceShare: 's', sourceBackend: 'h@b', target }), {
      own: ['t'],
      others: ['s'],
    });
    assert.deepEqual(of('layer.commit', { share: 's' }), { own: ['s'], others: [] });
    assert.deepEqual(of('layer.flatten', { share: 's' }), { own: ['s'], others: [] });
    assert.deepEqual(of('image.create', { target: { ...target, preallocation: 'full' } }), { own: ['t'], others: [] });
    for (const type of ['image.create', 'overlay.prepare', 'files.remove', 'chain.verify', 'toString']) {
      assert.deepEqual(of(type, { share: 's', target }), light, type);
    }
  });
});
