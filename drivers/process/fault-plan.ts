// Faults as data: rules that make chosen programs or named points fail, hang, or kill this process. The same plan format drives
// unit tests, fault tests and a worker started by hand with a plan file.
//
//   { "commands": [{ "match": "^qemu-img convert ", "times": 1, "react": { "exitCode": 1, "stderr": "No space left on device" } }],
//     "points":   [{ "match": "^volume-worker\\.before-effect image\\.create", "times": 1, "react": { "kill": "before" } }] }
//
// `match` is a regular expression on the argument vector as text, or on the point's name; `times` (default: always) counts down;
// `skip` answers success without running, as a mount that "succeeds" and mounts nothing. Without a plan nothing here is active.
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, isErrorCode, ServiceError } from '../../services/core/domain/errors.js';
import { type Argv, type CommandResult, type CommandRunner, describeArgv, type RunOptions } from './command-runner.js';

export interface FaultReaction {
  readonly delayMs?: number;
  /** Answer with this exit code instead of running. */
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  /** Answer success without running. */
  readonly skip?: boolean;
  /** SIGKILL to this very process, before or after the program or the point's effect. */
  readonly kill?: 'before' | 'after';
  /** SIGKILL to the program's group, so many milliseconds after its start. */
  readonly killProgramAfterMs?: number;
  /** Throw a ServiceError of this code. */
  readonly error?: ErrorCode;
}

export interface FaultRule {
  readonly match: RegExp | string;
  readonly times?: number;
  readonly react: FaultReaction;
}

export interface FaultPlanText {
  readonly commands?: readonly FaultRule[];
  readonly points?: readonly FaultRule[];
}

interface ArmedRule {
  readonly match: RegExp;
  left: number;
  readonly react: FaultReaction;
}

export class FaultPlan {
  private readonly commands: ArmedRule[];
  private readonly pointRules: ArmedRule[];
  /** What fired, oldest first, for assertions. */
  readonly fired: string[] = [];

  constructor(
    plan: FaultPlanText,
    private readonly killSelf: () => void = () => process.kill(process.pid, 'SIGKILL'),
  ) {
    this.commands = (plan.commands ?? []).map(arm);
    this.pointRules = (plan.points ?? []).map(arm);
  }

  /** A runner that obeys the plan and passes everything else on. */
  wrap(runner: CommandRunner): CommandRunner {
    return { run: (argv, options) => this.runUnderPlan(runner, argv, options) };
  }

  /** A named point around an effect: `before` may delay, throw or kill; 'after' kills once the effect is done. */
  async around<T>(point: string, effect: () => Promise<T>): Promise<T> {
    const react = this.take(this.pointRules, point);
    if (react === null) return effect();
    await this.enter(react);
    const value = await effect();
    if (react.kill === 'after') this.killSelf();
    return value;
  }

  private async runUnderPlan(runner: CommandRunner, argv: Argv, options: RunOptions): Promise<CommandResult> {
    const react = this.take(this.commands, describeArgv(argv));
    if (react === null) return runner.run(argv, options);
    await this.enter(react);
    const result = await this.answer(react, runner, argv, options);
    if (react.kill === 'after') this.killSelf();
    return result;
  }

  private async answer(
    react: FaultReaction,
    runner: CommandRunner,
    argv: Argv,
    options: RunOptions,
  ): Promise<CommandResult> {
    if (react.skip === true || react.exitCode !== undefined) {
      const { exitCode = 0, stdout = '', stderr = '' } = react;
      return { exitCode, killedBy: null, stdout, stderr, truncated: false };
    }
    if (react.killProgramAfterMs === undefined) return runner.run(argv, options);
    const clock = AbortSignal.timeout(react.killProgramAfterMs);
    const signal = options.signal === undefined ? clock : AbortSignal.any([options.signal, clock]);
    try {
      return await runner.run(argv, { ...options, signal });
    } catch (thrown) {
      if (options.signal?.aborted === true || !clock.aborted) throw thrown;
      return { exitCode: null, killedBy: 'SIGKILL', stdout: '', stderr: '', truncated: false };
    }
  }

  private async enter(react: FaultReaction): Promise<void> {
    if (react.delayMs !== undefined) await sleep(react.delayMs);
    if (react.kill === 'before') this.killSelf();
    if (react.error !== undefined) throw new ServiceError(react.error, 'A fault was injected by plan.');
  }

  private take(rules: readonly ArmedRule[], text: string): FaultReaction | null {
    const rule = rules.find(({ match, left }) => left > 0 && match.test(text));
    if (rule === undefined) return null;
    rule.left -= 1;
    this.fired.push(text);
    return rule.react;
  }
}

/** A plan from parsed JSON. Unknown keys, unknown codes and bad expressions are errors: a typo must not test nothing. */
export function parseFaultPlan(value: unknown): FaultPlanText {
  const plan = record(value, 'plan', ['commands', 'points']);
  return { commands: parseRules(plan['commands'], 'commands'), points: parseRules(plan['points'], 'points') };
}

const reactionKeys = ['delayMs', 'exitCode', 'stdout', 'stderr', 'skip', 'kill', 'killProgramAfterMs', 'error'];

function parseRules(value: unknown, where: string): FaultRule[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Error(`fault plan: ${where} is not a list`);
  return value.map((item: unknown, index) => {
    const rule = record(item, `${where}[${index}]`, ['match', 'times', 'react']);
    const react = record(rule['react'], `${where}[${index}].react`, reactionKeys);
    if (typeof rule['match'] !== 'string') throw new Error(`fault plan: ${where}[${index}].match is not text`);
    if (react['error'] !== undefined && !isErrorCode(react['error'])) {
      throw new Error(`fault plan: ${where}[${index}].react.error is no known code`);
    }
    if (react['kill'] !== undefined && react['kill'] !== 'before' && react['kill'] !== 'after') {
      throw new Error(`fault plan: ${where}[${index}].react.kill is neither before nor after`);
    }
    const times = rule['times'];
    return {
      match: new RegExp(rule['match']),
      ...(typeof times === 'number' ? { times } : {}),
      react: react as FaultReaction,
    };
  });
}

function record(value: unknown, where: string, keys: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`fault plan: ${where} is no object`);
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new Error(`fault plan: ${where} has the unknown key ${unknown}`);
  return value as Record<string, unknown>;
}

function arm(rule: FaultRule): ArmedRule {
  const match = typeof rule.match === 'string' ? new RegExp(rule.match) : rule.match;
  return { match, left: rule.times ?? Number.POSITIVE_INFINITY, react: rule.react };
}
