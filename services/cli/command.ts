// What a command is: a row of data and one function. Rows live in commands/<noun>.ts; the parser, the help, the completion and
// the tests are all made from the rows, so a command cannot exist without a summary and an example.
// A row's `run` talks to the public APIs through the session only, and returns what to print; it never prints itself.
import type { CommandInput } from './command-input.js';
import type { Session } from './session.js';

export interface ArgumentSpec {
  readonly name: string;
  readonly about: string;
  /** One or more words. Only the last argument may be so. */
  readonly many?: boolean;
  readonly optional?: boolean;
}

export interface OptionSpec {
  /** In commander's notation: `--size <gib>`, `--bootable`. */
  readonly flags: string;
  readonly about: string;
  /** May be given several times; the values are collected. */
  readonly repeat?: boolean;
  readonly required?: boolean;
  readonly choices?: readonly string[];
  /** Names of options that exclude this one, without dashes. */
  readonly conflicts?: readonly string[];
  /** A whole number in these bounds. */
  readonly integer?: { readonly min: number; readonly max: number };
}

interface PrintedResult {
  /** Of the program, when what is printed says that something is not as it should be; default 0. */
  readonly exitCode?: number;
}

/** A list: column titles and rows of the same length. */
export interface ManyResult extends PrintedResult {
  readonly kind: 'many';
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** What people read instead of a table that would be too wide for them; other formats, and chosen columns, show the rows. */
  readonly reading?: string;
}

/** One thing: its fields in the order of printing. */
export interface OneResult extends PrintedResult {
  readonly kind: 'one';
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Text as it is, such as a console log. */
export interface TextResult extends PrintedResult {
  readonly kind: 'text';
  readonly text: string;
}

export type CommandResult = ManyResult | OneResult | TextResult;

export interface CommandRow {
  /** The words that name it: `volume snapshot create`. */
  readonly path: string;
  readonly summary: string;
  readonly args?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** A whole command line that works as it stands, beginning with `saggar `. */
  readonly example: string;
  /** Further ones, where options go together in a way that one example does not show. */
  readonly moreExamples?: readonly string[];
  /** What a person has to know before: lines of at most 100 columns, shown in the help. */
  readonly details?: readonly string[];
  /** What it prints; decides which output options it takes. */
  readonly output: 'one' | 'many' | 'text' | 'none';
  run(session: Session, input: CommandInput): Promise<CommandResult | undefined>;
}

/** One module of rows, loaded only when one of its commands is run. */
export interface CommandModule {
  /** The words all its rows begin with. */
  readonly noun: string;
  readonly about: string;
  load(): Promise<readonly CommandRow[]>;
}
