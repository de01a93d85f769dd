// From the words of a command line to a command and its parsed input. The words that name the command are found first, looking past
// the global options, so that only the module of that command is loaded; commander then parses the rest strictly.
import { Argument, Command, CommanderError, Option } from 'commander';
import { UsageError } from './cli-error.js';
import type { CommandRow, OptionSpec } from './command.js';
import { CommandInput } from './command-input.js';
import { type GlobalValues, globalOptions } from './global-options.js';
import { outputOptionsOf } from './output/output-options.js';

export interface LeadingWords {
  /** The words before the first option that is not a global one. */
  readonly words: readonly string[];
  /** Where each word stood. */
  readonly positions: readonly number[];
}

const valueOptions = new Set(globalOptions.filter(({ value }) => value !== null).map(({ name }) => `--${name}`));
const switches = new Set(globalOptions.filter(({ value }) => value === null).map(({ name }) => `--${name}`));

/** The words that may name a command. */
export function leadingWords(argv: readonly string[]): LeadingWords {
  const words: string[] = [];
  const positions: number[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (valueOptions.has(word)) index += 1;
    else if (switches.has(word) || (word.startsWith('--os-') && word.includes('='))) continue;
    else if (word.startsWith('-')) break;
    else {
      words.push(word);
      positions.push(index);
    }
  }
  return { words, positions };
}

/** The command line without the words that name the command. */
export function withoutPath(argv: readonly string[], leading: LeadingWords, path: string): readonly string[] {
  const named = new Set(leading.positions.slice(0, path.split(' ').length));
  return argv.filter((_, index) => !named.has(index));
}

export interface ParsedLine {
  readonly input: CommandInput;
  readonly globals: GlobalValues;
}

/** What commander printed instead of parsing: the help. */
export class HelpShown extends Error {
  constructor(readonly text: string) {
    super('help');
  }
}

/** Errors: UsageError for anything that does not fit the row; HelpShown for `--help`. */
export function parseLine(row: CommandRow, rest: readonly string[]): ParsedLine {
  let printed = '';
  const command = buildCommand(row);
  command.configureOutput({
    writeOut: (text) => {
      printed += text;
    },
    writeErr: () => undefined,
  });
  try {
    command.parse([...rest], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') throw new HelpShown(printed);
    throw new UsageError(sentence(error.message), `See \`saggar ${row.path} --help\`.`);
  }
  return readParsed(row, command);
}

function readParsed(row: CommandRow, command: Command): ParsedLine {
  const given: Record<string, unknown> = command.opts();
  const values: Record<string, unknown> = {};
  const globals: Record<string, string | boolean | undefined> = {};
  for (const { name, value } of globalOptions) {
    const found = given[camelCase(name)];
    if (typeof found === 'string' || (value === null && typeof found === 'boolean')) globals[name] = found;
  }
  for (const option of optionsOf(row)) {
    const name = longName(option.flags);
    values[name] = given[camelCase(name)];
  }
  for (const [index, argument] of (row.args ?? []).entries()) values[argument.name] = command.processedArgs[index];
  return { input: new CommandInput(values, new Set(Object.keys(values))), globals };
}

/** All options of a command but the global ones. */
export function optionsOf(row: CommandRow): readonly OptionSpec[] {
  return [...(row.options ?? []), ...outputOptionsOf(row)];
}

/** `-c, --column <column>` is `column`. */
export function longName(flags: string): string {
  const [, name] = /--([\w-]+)/.exec(flags) ?? [];
  if (name === undefined) throw new Error(`option without a long name: ${flags}`);
  return name;
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The commander command of a row; used for parsing and for its help text. */
export function buildCommand(row: CommandRow): Command {
  const command = new Command(`saggar ${row.path}`).description(row.summary).exitOverride().allowExcessArguments(false);
  command.helpOption('-h, --help', 'show this help');
  command.configureHelp({ helpWidth: Math.min(process.stdout.columns ?? 100, 110) });
  for (const { name, about, many, optional } of row.args ?? []) {
    const word = many === true ? `${name}...` : name;
    command.addArgument(new Argument(optional === true ? `[${word}]` : `<${word}>`, about));
  }
  for (const option of row.options ?? []) command.addOption(buildOption(option));
  for (const option of outputOptionsOf(row)) command.addOption(buildOption(option).helpGroup('Output:'));
  for (const { name, value, about } of globalOptions) {
    command.addOption(new Option(`--${name}${value === null ? '' : ` <${value}>`}`, about).hideHelp());
  }
  command.addHelpText('after', `\n${examplesText(row)}\n\nLogging in: see \`saggar --help\`.`);
  return command;
}

/** The part of the help that tells what one has to know, and shows how it is typed. */
export function examplesText({ example, moreExamples = [], details = [] }: CommandRow): string {
  const lines = [example, ...moreExamples].map((line) => `  ${line}`);
  const told = details.length === 0 ? '' : `${details.join('\n')}\n\n`;
  return `${told}${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.join('\n')}`;
}

function buildOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.about);
  // `--no-property` is an option of its own here, not the negation of `--property`; both may be given.
  option.negate = false;
  if (spec.choices !== undefined) option.choices([...spec.choices]);
  if (spec.conflicts !== undefined) option.conflicts(spec.conflicts.map(camelCase));
  if (spec.required === true) option.makeOptionMandatory();
  if (spec.repeat === true) {
    option.argParser((value: string, before: unknown) => [...(Array.isArray(before) ? before : []), value]);
  }
  const { integer } = spec;
  if (integer !== undefined) option.argParser((value: string) => parseInteger(value, spec.flags, integer));
  return option;
}

function parseInteger(text: string, flags: string, { min, max }: { min: number; max: number }): number {
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new UsageError(`--${longName(flags)} wants a whole number from ${min} to ${max}, not '${text}'.`);
  }
  return value;
}

/** commander says "error: unknown option '--x'"; we print sentences. */
function sentence(message: string): string {
  const text = message
    .replace(/^error: /, '')
    .replace(/\n\(/g, ' (')
    .trim();
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?)]$/.test(text) ? '' : '.'}`;
}
