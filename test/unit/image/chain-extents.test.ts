// Which ranges have to be copied before a layer may go, and in which pieces.
import assert from 'node:assert/strict';
import { batchesOf, parseChainMap, rangesToPull } from '../../../drivers/image/chain-extents.js';

const extent = (start: number, length: number, depth: number, data: boolean, present = true) => ({
  start,
  length,
  depth,
  data,
  present,
});

describe('extents of a chain', () => {
  it('reads what qemu-img prints and refuses everything else', () => {
    const text = '[{"start":0,"length":65536,"depth":1,"present":true,"zero":false,"data":true,"offset":0}]';
    assert.deepEqual(parseChainMap(text), [extent(0, 65_536, 1, true)]);
    const wrong = [
      '',
      '{}',
      '[1]',
      '[null]',
      '[{"start":-1,"length":1,"depth":0}]',
      '[{"start":0,"length":1e99,"depth":0}]',
    ];
    for (const one of [
      ...wrong,
      '[{"start":0,"length":"x","depth":0}]',
      '[{"length":1,"depth":0}]',
      text.slice(0, -1),
    ]) {
      assert.throws(() => parseChainMap(one), { code: 'internal' }, one);
    }
  });

  it('pulls the data of all layers below when nothing stays below', () => {
    const extents = [
      extent(0, 10, 0, true),
      extent(10, 10, 1, true),
      extent(20, 10, 2, true),
      extent(30, 10, 2, false),
      extent(40, 10, 1, false, false),
      extent(50, 10, 2, true),
    ];
    assert.deepEqual(rangesToPull(extents, 2, true), [
      { start: 10, length: 20 },
      { start: 50, length: 10 },
    ]);
  });

  it('pulls zeroes too when they hide what stays below, and nothing of what stays', () => {
    const extents = [
      extent(0, 10, 1, false),
      extent(10, 10, 2, true),
      extent(20, 10, 1, true),
      extent(30, 10, 3, true),
    ];
    assert.deepEqual(rangesToPull(extents, 1, false), [
      { start: 0, length: 10 },
      { start: 20, length: 10 },
    ]);
  });

  it('cuts ranges to pieces and batches, and loses no byte', () => {
    const ranges = [
      { start: 0, length: 25 },
      { start: 100, length: 3 },
      { start: 200, length: 40 },
    ];
    const batches = batchesOf(ranges, { pieceBytes: 10, batchBytes: 30, batchPieces: 4 });
    assert.deepEqual(
      batches.map((batch) => batch.map(({ start, length }) => [start, length])),
      [
        [
          [0, 10],
          [10, 10],
          [20, 5],
          [100, 3],
        ],
        [
          [200, 10],
          [210, 10],
          [220, 10],
        ],
        [[230, 10]],
      ],
    );
    assert.deepEqual(batchesOf([], { pieceBytes: 10, batchBytes: 30, batchPieces: 4 }), []);
  });
});
