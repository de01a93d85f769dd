// One run of the client: find the command, log in when it asks for something, print what it returns, answer with an exit code.
// Exit codes: 0 done, 1 the deed failed or a check has found something, 2 the command line was wrong. Data goes to stdout, everything else to stderr.
import { microversionOf } from './auth/microversion.js';
import { CliError, UsageError } from './cli-error.js';
import type { CommandRow } from './command.js';
import { commandModules, findModule, findRow } from './command-index.js';
import { HelpShown, leadingWords, parseLine, withoutPath } from './command-line.js';
import type { GlobalValues } from './global-options.js';
import { printedForm } from './output/output-options.js';
import { formatTable } from './output/table.js';
import { printable } from './output/value-text.js';
import { Session } from './session.js';
import { progressOn, type TerminalStream } from './wait/progress.js';

export interface CliStreams {
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs one command line (without the program's own name). Never throws. */
export async function runCli(argv: readonly string[], streams: CliStreams): Promise<number> {
  try {
    return await runLine(argv, streams);
  } catch (error) {
    if (error instanceof HelpShown) {
      streams.stdout.write(error.text);
      return 0;
    }
    return reportFailure(error, streams);
  }
}

async function runLine(argv: readonly string[], streams: CliStreams): Promise<number> {
  const leading = leadingWords(argv);
  const [first] = leading.words;
  const wantsHelp = argv.includes('--help') || argv.includes('-h');
  if (first === 'complete') throw new HelpShown(await completionFor(leading.words[1]));
  if (first === undefined || first === 'help') {
    const { helpForAll, helpForWords } = await import('./help.js');
    const topic = leading.words.slice(1);
    const text = topic.length > 0 ? await helpForWords(topic) : await helpForAll();
    if (first === undefined && !wantsHelp) throw new UsageError('No command was given.', 'See `saggar --help`.');
    throw new HelpShown(text);
  }
  const row = await findCommand(leading.words, wantsHelp);
  const { input, globals } = parseLine(row, withoutPath(argv, leading, row.path));
  const times: ExchangeTime[] = [];
  try {
    const result = await row.run(openSession(globals, streams, times), input);
    if (result === undefined) return 0;
    const { stdout } = streams;
    stdout.write(await printedForm(result, input, stdout.isTTY === true ? (stdout.columns ?? 80) : null));
    return result.exitCode ?? 0;
  } finally {
    if (globals['timing'] === true) streams.stderr.write(timingTable(times));
  }
}

interface ExchangeTime {
  readonly what: string;
  readonly elapsedMs: number;
}

/** Also after a failure: slow failures are what one measures. */
function timingTable(times: readonly ExchangeTime[]): string {
  const total = times.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
  const rows = [...times, { what: 'Total', elapsedMs: total }];
  const cells = rows.map(({ what, elapsedMs }) => [what, (elapsedMs / 1_000).toFixed(3)]);
  return formatTable(['URL', 'Seconds'], cells, { maxWidth: null }, [false, true]);
}

async function findCommand(words: readonly string[], wantsHelp: boolean): Promise<CommandRow> {
  const module = findModule(words);
  const row = module === undefined ? undefined : findRow(await module.load(), words);
  if (row !== undefined) return row;
  const { helpForWords } = await import('./help.js');
  if (wantsHelp && commandModules.some(({ noun }) => noun.split(' ')[0] === words[0])) {
    throw new HelpShown(await helpForWords(words));
  }
  const { suggestionsFor } = await import('./suggestions.js');
  throw new UsageError(`'${words.join(' ')}' is no command.`, await suggestionsFor(words));
}

async function completionFor(shell: string | undefined): Promise<string> {
  const { completionScript } = await import('./completion.js');
  return completionScript(shell);
}

function openSession(globals: GlobalValues, { env, stderr }: CliStreams, times: ExchangeTime[]): Session {
  const settings = async (): Promise<import('./auth/auth-settings.js').AuthSettings> => {
    const { collectSettings, readAuthSettings } = await import('./auth/auth-settings.js');
    const values = await collectSettings(globals, env, async (name) => {
      const { readCloud } = await import('./auth/clouds-file.js');
      return readCloud(name, env);
    });
    return readAuthSettings(values, globals['insecure'] === true);
  };
  let known: ReturnType<typeof settings> | null = null;
  return new Session(
    () => {
      known ??= settings();
      return known;
    },
    {
      volume: textOf(globals['os-volume-api-version'] ?? env['OS_VOLUME_API_VERSION']),
      compute: textOf(globals['os-compute-api-version'] ?? env['OS_COMPUTE_API_VERSION']),
    },
    progressOn(stderr),
    (request, answer, elapsedMs) => {
      times.push({ what: `${request.method} ${request.url}`, elapsedMs });
      if (globals['debug'] !== true) return;
      const id = answer.headers['x-openstack-request-id'] ?? '-';
      stderr.write(`${request.method} ${request.url} ${answer.status} ${elapsedMs.toFixed(0)} ms ${String(id)}\n`);
    },
  );
}

function textOf(value: string | boolean | undefined): string | null {
  return microversionOf(typeof value === 'string' ? value : undefined);
}

function reportFailure(error: unknown, { stderr, env }: CliStreams): number {
  if (error instanceof CliError) {
    const cure = error.cure === '' ? '' : ` ${error.cure}`;
    stderr.write(`saggar: ${printable(error.message + cure)}\n`);
    return error.exitCode;
  }
  const message = error instanceof Error ? error.message : String(error);
  stderr.write(`saggar: this should not have happened: ${printable(message)}. Set SAGGAR_TRACE=1 to see where.\n`);
  if (env['SAGGAR_TRACE'] === '1' && error instanceof Error) stderr.write(`${error.stack ?? ''}\n`);
  return 1;
}
