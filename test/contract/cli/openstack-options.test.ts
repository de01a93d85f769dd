// The options of our commands beside those of Debian's python-openstackclient: a script written for `openstack` meets the same words.
// Its parsers are asked in one Python process; nothing is sent anywhere. What we leave out is listed with its reason in
// openstack-differences.ts, which may only shrink. Skipped, with the reason printed, where the client is not installed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { loadAllRows } from '../../../services/cli/command-index.js';
import { longName, optionsOf } from '../../../services/cli/command-line.js';
import { absentCommands, absentOptions, ourNouns } from './openstack-differences.js';

interface TheirCommand {
  readonly options: readonly string[];
  readonly arguments: readonly string[];
}

const program = `
import argparse, importlib.metadata, json
from unittest import mock
groups = ('openstack.common', 'openstack.volume.v3', 'openstack.compute.v2', 'openstack.identity.v3', 'openstack.image.v2')
found = {}
for distribution in importlib.metadata.distributions():
    for entry in distribution.entry_points:
        if entry.group in groups:
            parser = entry.load()(mock.MagicMock(), None).get_parser('x')
            shown = [a for a in parser._actions if a.help != argparse.SUPPRESS]
            found[entry.name.replace('_', ' ')] = {
                'options': [o for a in shown for o in a.option_strings if o.startswith('--')],
                'arguments': [a.dest for a in shown if not a.option_strings],
            }
print(json.dumps(found))
`;

function askOpenstack(): Map<string, TheirCommand> | string {
  // Debian's interpreter: the packages of the system are not those of another Python that may be first in the path.
  const run = spawnSync('/usr/bin/python3', ['-c', program], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  if (run.status !== 0) return `python-openstackclient cannot be asked: ${run.stderr.trim().split('\n').at(-1) ?? ''}`;
  const found = new Map(Object.entries(JSON.parse(run.stdout) as Record<string, TheirCommand>));
  return found.has('volume create') ? found : 'python-openstackclient is not installed';
}

describe('the options of saggar beside those of openstack', () => {
  let theirs: Map<string, TheirCommand>;

  before(function () {
    const asked = askOpenstack();
    if (typeof asked === 'string') {
      process.stdout.write(`      skipped: ${asked}\n`);
      this.skip();
    } else theirs = asked;
  });

  it('are all there, but for the listed ones', async () => {
    const rows = await loadAllRows();
    const missing: Record<string, string[]> = {};
    const unused = new Set(Object.keys(absentOptions));
    for (const row of rows) {
      const ours = new Set([...optionsOf(row).map(({ flags }) => `--${longName(flags)}`), '--help']);
      const excused = absentOptions[row.path]?.options ?? [];
      const absent = (theirs.get(row.path)?.options ?? []).filter((option) => !ours.has(option));
      const unexcused = absent.filter((option) => !excused.includes(option));
      if (unexcused.length > 0) missing[row.path] = unexcused;
      assert.deepEqual(
        excused.filter((option) => !absent.includes(option)),
        [],
        `${row.path} has what is listed as absent`,
      );
      unused.delete(row.path);
    }
    assert.deepEqual(missing, {});
    assert.deepEqual([...unused], [], 'differences of commands that do not exist');
  });

  it('take as many arguments', async () => {
    const different = (await loadAllRows())
      .map((row) => ({ path: row.path, ours: row.args?.length ?? 0, theirs: theirs.get(row.path)?.arguments.length }))
      .filter(({ ours, theirs: their }) => their !== undefined && ours !== their);
    assert.deepEqual(different, []);
  });

  it('belong to all commands of the nouns that we have, but for the listed ones', async () => {
    const paths = new Set((await loadAllRows()).map(({ path }) => path));
    const absent = [...theirs.keys()]
      .filter((path) => ourNouns.some((noun) => path.startsWith(`${noun} `)) && !paths.has(path))
      .filter((path) => !absentCommands.some(({ commands }) => commands.test(path)));
    assert.deepEqual(absent, []);
    for (const { commands } of absentCommands) {
      assert.ok(
        [...theirs.keys()].some((path) => commands.test(path) && !paths.has(path)),
        `nothing is absent any more: ${commands.source}`,
      );
    }
  });
});
