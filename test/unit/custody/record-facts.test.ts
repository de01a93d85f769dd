// What a record beside the data may say in its columns.
import assert from 'node:assert/strict';
import {
  imageColumns,
  snapshotColumns,
  typeColumns,
  volumeColumns,
} from '../../../services/core/db/custody/record-columns.js';
import {
  findUnusableFact,
  imageFactRules,
  isStorableText,
  isTime,
  snapshotFactRules,
  typeFactRules,
  volumeFactRules,
} from '../../../services/core/domain/custody/record-facts.js';

describe('facts of a record beside the data', () => {
  it('every column that a record may fill has a rule', () => {
    for (const [columns, rules] of [
      [volumeColumns, volumeFactRules],
      [snapshotColumns, snapshotFactRules],
      [typeColumns, typeFactRules],
      [imageColumns, imageFactRules],
    ] as const)
      assert.deepEqual(
        columns.filter((column) => !Object.hasOwn(rules, column)),
        [],
      );
  });

  it('tells times from what only looks like one', () => {
    for (const good of ['2026-01-01T00:00:00', '2024-02-29 23:59:59.123456', '2026-01-01T00:00:00Z'])
      assert.equal(isTime(good), true, good);
    for (const bad of [
      'yesterday',
      '2026-02-30T00:00:00',
      '2026-13-01T00:00:00',
      '0000-01-01T00:00:00',
      '',
      'infinity',
    ])
      assert.equal(isTime(bad), false, bad);
  });

  it('takes no text that PostgreSQL cannot store', () => {
    assert.equal(isStorableText('ünï \u{1f600}'), true);
    for (const bad of ['a\0', '\ud800', 'x\udc00y', 7, null]) assert.equal(isStorableText(bad), false);
  });

  it('names the first column that cannot be used', () => {
    assert.equal(findUnusableFact({ name: null, metadata: { a: 'b' } }, volumeFactRules), null);
    assert.equal(findUnusableFact({ bootable: null }, volumeFactRules), 'bootable');
    assert.equal(findUnusableFact({ size_gib: 1.5 }, snapshotFactRules), 'size_gib');
    assert.equal(findUnusableFact({ extra_specs: { a: {} } }, typeFactRules), 'extra_specs');
    assert.equal(findUnusableFact({ purpose: 'backup' }, volumeFactRules), 'purpose');
    assert.equal(findUnusableFact({ visibility: 'everybody' }, imageFactRules), 'visibility');
    assert.equal(findUnusableFact({ tags: [7] }, imageFactRules), 'tags');
    assert.equal(findUnusableFact({ members: [{ member: 'a', status: 'maybe' }] }, imageFactRules), 'members');
  });
});
