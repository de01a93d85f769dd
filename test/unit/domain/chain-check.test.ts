// The check of a chain against its witnesses: every kind of difference is found, by its name, and agreement finds none.
import assert from 'node:assert/strict';
import type { Chain } from '../../../services/core/domain/chain.js';
import {
  type ChainFindingCode,
  type ChainInspection,
  chainFindingRules,
  checkChain,
  type GuestWitness,
  type InspectedFile,
} from '../../../services/core/domain/chain-check.js';

const size = 2 ** 30;
const [s1, s2] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const chain: Chain = [
  { file: 'v', format: 'raw', virtualSizeBytes: size, snapshotId: null },
  { file: 'v.1', format: 'qcow2', virtualSizeBytes: size, snapshotId: s1 },
  { file: 'v.2', format: 'qcow2', virtualSizeBytes: size, snapshotId: s2 },
];
const plain = { kind: 'file', sizeBytes: 1, allocatedBytes: 1, linkCount: 1, mode: 0o660, problem: null } as const;
const good: readonly InspectedFile[] = chain.map(({ file, format, virtualSizeBytes }, index) => ({
  ...{ file, format, virtualSizeBytes, ...plain },
  backingFile: chain[index - 1]?.file ?? null,
  backingFormat: chain[index - 1]?.format ?? null,
}));
const info = { active: 'v.2', snapshots: { [s1]: 'v.1', [s2]: 'v.2' } };
const agreeing: ChainInspection = { files: good, info, infoProblem: null };
const layers = good.map(({ file, format, virtualSizeBytes, backingFile }) => ({
  ...{ file, backingFile },
  format: format ?? 'raw',
  virtualSizeBytes: virtualSizeBytes ?? 0,
}));

function codes(seen: ChainInspection, guest: GuestWitness = null, foreignLayers = 0): ChainFindingCode[] {
  return checkChain({ chain, foreignLayers }, seen, guest).map(({ code }) => code);
}
const withFile = (index: number, change: Partial<InspectedFile>): ChainInspection => ({
  ...agreeing,
  files: good.map((one, at) => (at === index ? { ...one, ...change } : one)),
});

describe('the check of a chain', () => {
  it('finds nothing where all agree, with and without a guest', () => {
    assert.deepEqual(codes(agreeing), []);
    assert.deepEqual(codes(agreeing, { disk: layers }), []);
    assert.deepEqual(
      checkChain({ chain: chain.slice(0, 1), foreignLayers: 0 }, { files: good, info: null, infoProblem: null }, null),
      [],
    );
  });

  const differences: readonly (readonly [ChainFindingCode, ChainInspection, GuestWitness?])[] = [
    ['missing-file', withFile(0, { kind: 'missing' })],
    ['missing-file', { ...agreeing, files: good.slice(1) }],
    ['no-regular-file', withFile(1, { kind: 'other' })],
    ['hostile-header', withFile(1, { problem: 'an external data file' })],
    ['wrong-format', withFile(1, { format: null })],
    ['wrong-backing-file', withFile(2, { backingFile: 'v' })],
    ['wrong-backing-file', withFile(2, { backingFile: null })],
    ['wrong-backing-format', withFile(1, { backingFormat: 'qcow2' })],
    ['wrong-backing-format', withFile(1, { backingFormat: null })],
    ['wrong-size', withFile(0, { virtualSizeBytes: size - 512 })],
    ['wrong-size', withFile(2, { virtualSizeBytes: size - 512 })],
    ['several-names', withFile(0, { linkCount: 2 })],
    ['open-to-others', withFile(0, { mode: 0o664 })],
    ['info-missing', { ...agreeing, info: null }],
    ['info-unreadable', { ...agreeing, info: null, infoProblem: 'it is no JSON' }],
    ['info-differs', { ...agreeing, info: { ...info, active: 'v.1' } }],
    ['info-differs', { ...agreeing, info: { ...info, snapshots: { [s2]: 'v.2' } } }],
    [
      'info-differs',
      { ...agreeing, info: { ...info, snapshots: { ...info.snapshots, [`${s1.slice(0, -1)}9`]: 'x' } } },
    ],
    ['guest-differs', agreeing, { disk: layers.slice(0, 2) }],
    ['guest-lacks-disk', agreeing, { disk: null }],
  ];
  for (const [index, [code, seen, guest = null]] of differences.entries()) {
    it(`finds ${code} (${index})`, () => {
      assert.deepEqual(codes(seen, guest), [code]);
    });
  }

  it('has a case for every finding, and each says what to do', () => {
    const covered = new Set(differences.map(([code]) => code));
    for (const [code, { cure }] of Object.entries(chainFindingRules)) {
      assert.ok(covered.has(code as ChainFindingCode), code);
      assert.ok(cure.length > 10, code);
    }
  });

  it('leaves the header of the active layer aside while a guest writes it, and believes the block graph', () => {
    const lagging = withFile(2, { virtualSizeBytes: size - 512 });
    assert.deepEqual(codes(lagging, { disk: layers }), []);
    const grown = layers.map((one, index) => (index === 2 ? { ...one, virtualSizeBytes: size * 2 } : one));
    assert.deepEqual(codes(agreeing, { disk: grown }), ['wrong-size']);
  });

  it('does not expect layers of other volumes in the volume’s own record', () => {
    const own = { active: 'v.2', snapshots: { [s2]: 'v.2' } };
    assert.deepEqual(codes({ ...agreeing, info: own }, null, 2), []);
  });
});
