// Every operation of the block-storage API that people and administrators expect is reached by a command: the lines of reach.ts are run
// against the example cloud, which says which operations they called. Operations that always refuse need no command.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { exampleCloud } from './example-cloud.js';
import { notOfferedYet, reachedBy, sameAs, withoutCommand } from './reach.js';
import { checkOf, RecordingCloud } from './recording-cloud.js';

describe('the operations of the block-storage API', () => {
  after(() => rmSync('/tmp/saggar-reach-download', { force: true }));

  const operations = checkOf('volume').operationIds();

  it('are all reached, or said why not', () => {
    const known = new Set([...Object.keys(reachedBy), ...Object.keys(sameAs), ...Object.keys(withoutCommand)]);
    const missing = operations
      .filter(({ id, refused }) => !refused && !known.has(id))
      .filter(({ path }) => !notOfferedYet.some(({ paths }) => paths.test(path)))
      .map(({ id }) => id);
    assert.deepEqual(missing, [], 'operations without a command in test/contract/cli/reach.ts');
  });

  it('are each in one table, and exist', () => {
    const ids = new Set(operations.map(({ id }) => id));
    const named = [...Object.keys(reachedBy), ...Object.keys(sameAs), ...Object.keys(withoutCommand)];
    assert.equal(new Set(named).size, named.length);
    assert.deepEqual(
      named.filter((id) => !ids.has(id)),
      [],
    );
    for (const [id, { as }] of Object.entries(sameAs)) assert.ok(as in reachedBy, `${id}: ${as} is not reached`);
  });

  for (const [id, line] of Object.entries(reachedBy)) {
    it(`${id} by \`saggar ${line}\``, async () => {
      const cloud = await RecordingCloud.start(exampleCloud());
      try {
        const run = await cloud.run(line.split(' '));
        assert.deepEqual(cloud.complaints, []);
        assert.equal(run.exitCode, 0, run.stderr);
        const called = cloud.seen.filter(({ api }) => api === 'volume').map(({ operationId }) => operationId);
        assert.ok(called.includes(id), `called ${called.join(', ')}`);
      } finally {
        await cloud.stop();
      }
    });
  }
});
