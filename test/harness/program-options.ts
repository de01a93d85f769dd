// The command line of the programs behind `npm run ...`: --help prints what the program can do and ends it, a wrong word ends it with exit
// code 2, one line that says what is wrong, and where to look. Neither shows a stack trace, and nothing has been started by then.
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Ends the process: the command line cannot be meant. */
export function endAsMisused(what: string): never {
  process.stderr.write(`${what}\nwhat to do: the same with --help shows the options\n`);
  process.exit(2);
}

/** As `parseArgs` of the process's own words, which has to know no `help`. Does not return for --help and for words that are not known. */
export function readProgramOptions<T extends ParseArgsConfig>(
  usage: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  const words = process.argv.slice(2);
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (thrown) {
    endAsMisused(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** A whole number of at least `min`; does not return for anything else. `option` as it is typed, e.g. `--rounds`. */
export function wholeNumberOf(option: string, text: string, min = 1): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < min) {
    endAsMisused(`${option} must be a whole number of at least ${min}, not "${text}"`);
  }
  return value;
}
