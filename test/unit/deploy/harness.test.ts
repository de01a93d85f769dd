// The tests' own tools: a check that cannot fail would be worse than none.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { leftDirectories, leftFiles, newMounts } from '../../harness/leak-check.js';
import { readPatience } from '../../harness/patience.js';
import { chooseRotation, turnOf } from '../../harness/rotation.js';
import { waitFor } from '../../harness/wait-for.js';

describe('the test harness', () => {
  const line = (point: string) => `36 35 98:0 / ${point} rw,noatime - ext4 /dev/x rw`;

  it('finds mounts that were not there before', () => {
    const before = [line('/'), line('/tmp')].join('\n');
    const after = [line('/'), line('/tmp'), line('/var/x'), line('/run/netns')].join('\n');
    assert.deepEqual(newMounts(before, after), ['/var/x']);
    assert.deepEqual(newMounts(before, before), []);
  });

  it('finds files that were left, and passes over what a killed QEMU cannot take away', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'saggar-left-'));
    try {
      writeFileSync(path.join(folder, 'glfs-bt-1wMX8W'), '');
      writeFileSync(path.join(folder, 'glfs-bt-abcdef'), 'a trace');
      writeFileSync(path.join(folder, 'something'), '');
      assert.deepEqual([...leftFiles(folder)].sort(), ['glfs-bt-abcdef', 'something']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('tells the directories of a lane from those of another', () => {
    const parent = mkdtempSync(path.join(tmpdir(), 'saggar-left-'));
    try {
      for (const name of ['saggar-ab12-xyz', 'saggar-ab13-xyz', 'saggar-test-ab12', 'other'])
        mkdirSync(path.join(parent, name));
      assert.deepEqual(leftDirectories('ab12', parent), ['saggar-ab12-xyz']);
    } finally {
      rmSync(parent, { recursive: true });
    }
  });

  it('chooses the shares of a run by its commit, or as it is told', () => {
    assert.equal(turnOf('ffffffff00000000000000000000000000000000'), 7295);
    assert.deepEqual(chooseRotation({ SAGGAR_ROTATION: '17' }), { turn: 17, origin: 'SAGGAR_ROTATION' });
    assert.deepEqual(chooseRotation({}), chooseRotation({}));
    for (const wrong of ['-1', '1.5', '12345', 'x'])
      assert.throws(() => chooseRotation({ SAGGAR_ROTATION: wrong }), /SAGGAR_ROTATION/);
  });

  it('is as patient as a lane run says', () => {
    assert.equal(readPatience({}), 1);
    assert.equal(readPatience({ SAGGAR_TEST_PATIENCE: '3' }), 3);
    for (const wrong of ['0', '-1', '1.5', '21', 'x'])
      assert.throws(() => readPatience({ SAGGAR_TEST_PATIENCE: wrong }), /SAGGAR_TEST_PATIENCE/);
  });

  it('waits until a condition holds and returns what it said', async () => {
    let looks = 0;
    assert.equal(await waitFor('three looks', () => (++looks < 3 ? null : looks)), 3);
  });

  it('gives up in time and tells what it saw last', async () => {
    await assert.rejects(
      waitFor('nothing', () => Promise.reject(new Error('still closed')), { timeoutMs: 30 }),
      /waited \d+ ms for nothing; last seen: .*still closed/s,
    );
    await assert.rejects(
      waitFor('a row', () => false, { timeoutMs: 30 }),
      /last seen: false/,
    );
  });
});
