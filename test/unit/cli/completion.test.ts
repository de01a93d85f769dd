// Completion: the generated bash script is run by bash, because only that shows that it completes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { completionScript } from '../../../services/cli/completion.js';

describe('completion in bash', () => {
  let script = '';

  before(async () => {
    script = await completionScript('bash');
  });

  function complete(...words: string[]): string[] {
    const quoted = ['saggar', ...words].map((word) => `'${word}'`).join(' ');
    const program = `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _saggar; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const output = execFileSync('bash', ['--norc', '-c', program], { encoding: 'utf8' });
    return output.split('\n').filter((line) => line !== '');
  }

  it('offers nouns, verbs and options', () => {
    assert.deepEqual(complete('vol'), ['volume']);
    assert.deepEqual(complete('volume', 'sn'), ['snapshot']);
    assert.deepEqual(complete('volume', 'snapshot', 'c'), ['create']);
    assert.deepEqual(complete('volume', 'create', '--si'), ['--size']);
    assert.ok(complete('server', 'add', '').includes('volume'));
  });

  it('looks past global options with a value, and past names', () => {
    assert.deepEqual(complete('--os-cloud', 'lab', 'volume', 'cr'), ['create']);
    assert.ok(complete('volume', 'set', 'data', '--s').includes('--size'));
    assert.deepEqual(complete('--os-clo'), ['--os-cloud']);
  });

  it('offers the values of an option that has only some', () => {
    assert.deepEqual(complete('volume', 'list', '-f', 'y'), ['yaml']);
    assert.deepEqual(complete('volume', 'qos', 'create', '--consumer', ''), ['front-end', 'back-end', 'both']);
    assert.ok(!complete('volume', 'list', '--name', '').includes('yaml'));
  });

  it('is made for zsh through its adapter', async () => {
    assert.match(await completionScript('zsh'), /bashcompinit[\s\S]*complete -F _saggar saggar/);
  });
});
