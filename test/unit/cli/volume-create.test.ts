// Scheduler hints from the command line, and projects that the caller may not look up.
import assert from 'node:assert/strict';
import { hintsOf } from '../../../services/cli/commands/volume-create.js';
import { RecordingCloud } from '../../contract/cli/recording-cloud.js';

describe('--hint', () => {
  it('makes a list of a key that is given again', () => {
    const texts = ['same_host=a', 'different_host=b', 'different_host=c'];
    assert.deepEqual(hintsOf(texts), { same_host: 'a', different_host: ['b', 'c'] });
    assert.equal(hintsOf([]), null);
    assert.deepEqual(hintsOf(['query=["=", "$x", 1]']), { query: '["=", "$x", 1]' });
  });

  it('wants key=value', () => {
    for (const text of ['same_host', '=a', '']) assert.throws(() => hintsOf([text]), /--hint wants key=value/);
  });
});

describe('--project', () => {
  const id = '0123456789abcdef0123456789abcdee';

  it('takes an ID that the caller may not look up, and no name', async () => {
    const cloud = await RecordingCloud.start(({ api }) =>
      api === 'identity'
        ? { status: 403, unchecked: true, body: { error: { code: 403, title: 'Forbidden', message: 'not yours' } } }
        : { status: 200, body: { volumes: [] } },
    );
    try {
      assert.equal((await cloud.run(['volume', 'list', '--project', id])).exitCode, 0);
      assert.equal(cloud.seen.at(-1)?.query['project_id'], id);
      const named = await cloud.run(['volume', 'list', '--project', 'shop']);
      assert.equal(named.exitCode, 1);
      assert.match(named.stderr, /not yours/);
    } finally {
      await cloud.stop();
    }
  });
});
