// The hand-written fake of `CommandRunner`: answers come from rules, every call is kept for assertions, nothing is started.
// A call that no rule fits is an error, so that a test cannot pass by accident.
import { type Argv, type CommandResult, type CommandRunner, describeArgv, type RunOptions } from './command-runner.js';

export type FakeAnswer = Partial<CommandResult> | ((argv: Argv, options: RunOptions) => Partial<CommandResult>);

export class FakeCommandRunner implements CommandRunner {
  readonly calls: { readonly argv: Argv; readonly options: RunOptions }[] = [];
  private readonly rules: { readonly match: RegExp; readonly answer: FakeAnswer }[] = [];

  /** Later rules win, so a test can refine what its set-up said. */
  on(match: RegExp, answer: FakeAnswer = {}): this {
    this.rules.unshift({ match, answer });
    return this;
  }

  async run(argv: Argv, options: RunOptions): Promise<CommandResult> {
    this.calls.push({ argv, options });
    const line = describeArgv(argv);
    const rule = this.rules.find(({ match }) => match.test(line));
    if (rule === undefined) throw new Error(`no rule for: ${line}`);
    const answer = typeof rule.answer === 'function' ? rule.answer(argv, options) : rule.answer;
    const result = { exitCode: 0, killedBy: null, stdout: '', stderr: '', truncated: false, ...answer };
    if (result.stdout !== '') options.onStdout?.(result.stdout);
    return result;
  }

  lines(): string[] {
    return this.calls.map(({ argv }) => describeArgv(argv));
  }
}
