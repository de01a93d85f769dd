// The help above single commands: all nouns with their commands, and those that begin with some words.
import { UsageError } from './cli-error.js';
import type { CommandRow } from './command.js';
import { commandModules, findModule, findRow, loadAllRows } from './command-index.js';
import { buildCommand, examplesText } from './command-line.js';
import { globalOptions } from './global-options.js';
import { suggestionsFor } from './suggestions.js';

/** `saggar --help`. */
export async function helpForAll(): Promise<string> {
  const lines = [
    'Usage: saggar <command> [options]',
    '',
    'Block storage, servers and projects from the command line. The words are those of the `openstack` client.',
    '',
    'Start here:',
    '  saggar token issue                            does the login work?',
    '  saggar volume create --size 1 --wait data     a disk of 1 GiB',
    '  saggar server add volume --wait vm data       into a running guest',
    '  saggar volume snapshot create --volume data before-upgrade',
    '  saggar volume set --size 2 --wait data        room for more, while the guest runs',
    '',
    'Commands:',
  ];
  for (const module of commandModules) {
    lines.push(`  ${module.noun} - ${module.about}`);
    for (const row of await module.load()) lines.push(commandLine(row));
  }
  lines.push('', 'Options of every command (each is also read from the environment variable of its name):');
  for (const { name, value, about } of globalOptions) {
    lines.push(`  ${`--${name}${value === null ? '' : ` <${value}>`}`.padEnd(46)}${about}`);
  }
  lines.push(
    '',
    'saggar <command> --help shows the options of a command and an example.',
    'source <(saggar complete bash) completes them in the shell (zsh likewise). saggar --version prints the version.',
    '',
  );
  return lines.join('\n');
}

/** The help of one command, or the commands that begin with the words. Errors: UsageError when there is none. */
export async function helpForWords(words: readonly string[]): Promise<string> {
  const module = findModule(words);
  const row = module === undefined ? undefined : findRow(await module.load(), words);
  if (row !== undefined) return `${buildCommand(row).helpInformation()}\n${examplesText(row)}\n`;
  const start = words.join(' ');
  const rows = (await loadAllRows()).filter(({ path }) => `${path} `.startsWith(`${start} `));
  if (rows.length === 0) throw new UsageError(`'${start}' is no command.`, await suggestionsFor(words));
  return `Commands that begin with '${start}':\n${rows.map(commandLine).join('\n')}\n`;
}

function commandLine(row: CommandRow): string {
  return `    ${row.path.padEnd(36)} ${row.summary}`;
}
