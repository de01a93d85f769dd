// What `npm test` understands, and what it clears away of a run that was killed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { identify } from '../../../deploy/processes.js';
import { markOwner, removeAbandoned } from '../../harness/abandoned.js';
import { chooseLanes, laneNames, testFiles, trackOrder } from '../../harness/lanes.js';
import { readArguments, usage } from '../../harness/run-arguments.js';

const root = path.resolve(import.meta.dirname, '../../..');
const here = 'test/unit/deploy/test-runs.test.ts';

describe('the words of a test run', () => {
  it('are lanes and files, in the order of the lanes', () => {
    assert.deepEqual(
      chooseLanes(root, []).map(({ name }) => name),
      laneNames,
    );
    assert.deepEqual(chooseLanes(root, [here, 'lint']), [
      { name: 'lint', files: null },
      { name: 'unit', files: [here] },
    ]);
    assert.deepEqual(chooseLanes(root, [path.join(root, here)]), [{ name: 'unit', files: [here] }]);
    assert.deepEqual(chooseLanes(root, [here, 'unit']), [{ name: 'unit', files: null }]);
    assert.ok(testFiles(root, 'unit').includes(here));
  });

  it('are refused with what there is', () => {
    assert.throws(() => chooseLanes(root, ['contrct']), /no such lane: contrct; lanes are lint, unit, contract/);
    assert.throws(() => chooseLanes(root, ['test/unit/x.test.ts']), /no such test file: test\/unit\/x/);
    assert.throws(() => readArguments(root, ['--tracks', '3']), /--tracks must be 1 or 2, not 3/);
    assert.throws(() => readArguments(root, ['--tracs']), /--tracs/);
  });

  it('have a help text that names every lane and option', () => {
    assert.equal(readArguments(root, ['--help', 'nonsense']).help, true);
    for (const word of [...laneNames, '--times', '--verbose', '--tracks', '--help']) assert.ok(usage().includes(word));
  });

  it('make two tracks only of several lanes', () => {
    assert.equal(readArguments(root, ['--tracks', '2', 'unit']).tracks, 1);
    assert.equal(readArguments(root, ['--tracks', '2', 'unit', 'lint']).tracks, 2);
    assert.equal(readArguments(root, ['--verbose', 'unit', 'lint']).tracks, 1);
    assert.deepEqual([...trackOrder].sort(), [...laneNames].sort());
  });
});

describe('what a killed run left', () => {
  it('is ended and removed; what a living process has, or says nothing about its owner, stays', async () => {
    const parent = mkdtempSync(path.join(tmpdir(), 'saggar-abandoned-'));
    const [dead, ours, silent] = ['saggar-test-aaaaaa', 'saggar-12ab-bbbbbb', 'saggar-test-cccccc'].map((name) =>
      path.join(parent, name),
    ) as [string, string, string];
    for (const directory of [dead, ours, silent]) mkdirSync(directory);
    writeFileSync(path.join(dead, 'log'), '');
    const owner = { ...identify(process.pid), startTicks: '1' };
    writeFileSync(path.join(dead, '.owner.json'), JSON.stringify(owner));
    markOwner(ours);
    const server = spawn('tail', ['-f', path.join(dead, 'log')], { stdio: 'ignore' });
    const ended = once(server, 'exit');
    try {
      await once(server, 'spawn');
      assert.deepEqual(await removeAbandoned(parent), [`${dead} (1 process ended)`]);
      assert.deepEqual(await ended, [null, 'SIGKILL']);
      assert.deepEqual([dead, ours, silent].map(existsSync), [false, true, true]);
      assert.deepEqual(await removeAbandoned(parent), []);
    } finally {
      server.kill('SIGKILL');
      rmSync(parent, { recursive: true });
    }
  });
});
