// Runs one lane's program in a mount namespace of its own, with a private directory bound over /tmp, and reports how it ended and
// what it left. Where mount namespaces cannot be made (an unprivileged container) the program runs as it is, and only its own ending
// is checked; the caller says so.
// A lane that has printed its result but does not end holds a timer, socket or server: that is a failure with a name, not a wait.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { remove } from './abandoned.js';
import { laneTagVariable } from './environment.js';
import { leftDirectories, leftFiles, namespaceOf, newMounts, processesInNamespace } from './leak-check.js';
import { waitFor } from './wait-for.js';

export interface LaneRun {
  readonly exitCode: number | null;
  readonly output: string;
  /** One line for each thing that is wrong beside the exit code. */
  readonly leaks: readonly string[];
}

export interface LanePlan {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** The lane's own; made, and removed when nothing was left in it. */
  readonly directory: string;
  readonly limitMs: number;
  /** A line of this form ends the work; the process must end itself soon after. */
  readonly resultLine: RegExp;
  readonly onOutput?: (text: string) => void;
  /** Ends the program and everything it started. */
  readonly signal: AbortSignal;
}

/** How long a program may live after its result before it counts as held up by a leak. */
const END_LIMIT_MS = 60_000;
/** Daemons that were told to end may take this long to disappear. */
const SETTLE_MS = 20_000;

/**
 * $1 private tmp, $2 file for the mount table before, $3 after; the rest is the program. The FUSE mounts of others that the new
 * namespace has copies of are dropped from it first: a copy would keep them alive after their owner has unmounted them.
 * A project that lies below /tmp itself would vanish behind the private one, so it is bound into it at its own place.
 */
const wrapper = [
  `while read -r _ place type _; do case "$type" in fuse.*) umount --lazy "$place" ;; esac; done < /proc/self/mounts`,
  `root=$PWD; case "$root" in /tmp/*) kept=$1/..; mkdir -p "$kept/root" "$1/\${root#/tmp/}" &&
     mount --bind "$root" "$kept/root" && mount --bind "$kept/root" "$1/\${root#/tmp/}" || exit 99 ;; esac`,
  `mount --rbind "$1" /tmp && cd "$root" && cat /proc/self/mountinfo > "$2" && after=$3 && shift 3 || exit 99`,
  `{ "$@"; code=$?; cat /proc/self/mountinfo > "$after"; exit $code; }`,
].join('\n');

export function canIsolate(): boolean {
  return spawnSync('unshare', ['--mount', '--propagation', 'private', 'mount', '--bind', '/tmp', '/tmp']).status === 0;
}

export async function runLaneProcess(plan: LanePlan, isolated: boolean): Promise<LaneRun> {
  const tmp = path.join(plan.directory, 'tmp');
  const before = path.join(plan.directory, 'mounts-before');
  const after = path.join(plan.directory, 'mounts-after');
  mkdirSync(tmp, { recursive: true });
  chmodSync(tmp, 0o1777);
  const [program, ...args] = isolated
    ? ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', wrapper, 'lane', tmp, before, after, ...plan.argv]
    : plan.argv;
  const tag = randomBytes(2).toString('hex');
  const child = spawn(program ?? '', args, {
    env: { ...process.env, ...plan.env, [laneTagVariable]: tag },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { output, leaks, exitCode, namespace } = await supervise(child, plan);
  if (isolated && namespace !== null) leaks.push(...(await endStrays(namespace)));
  if (isolated && existsSync(before) && existsSync(after)) {
    const mounts = newMounts(readFileSync(before, 'utf8'), readFileSync(after, 'utf8'));
    leaks.push(...mounts.map((mount) => `left a mount: ${mount}`));
  }
  const own = process.cwd().startsWith('/tmp/') ? process.cwd().split('/')[2] : undefined;
  leaks.push(
    ...leftFiles(tmp)
      .filter((name) => name !== own)
      .map((name) => `left a file: /tmp/${name}`),
  );
  for (const name of leftDirectories(tag)) leaks.push(`left a directory, removed: ${await remove(`/var/tmp/${name}`)}`);
  if (leaks.length === 0) rmSync(plan.directory, { recursive: true, force: true });
  return { exitCode, output, leaks };
}

interface Supervised {
  readonly exitCode: number | null;
  readonly output: string;
  readonly leaks: string[];
  readonly namespace: string | null;
}

function supervise(child: ChildProcess, plan: LanePlan): Promise<Supervised> {
  return new Promise((resolve, reject) => {
    let output = '';
    let namespace: string | null = null;
    const leaks: string[] = [];
    const kill = (why: string): void => {
      leaks.push(why);
      // The program that is about to be killed cannot say any more what is mounted.
      saveMounts(child.pid, path.join(plan.directory, 'mounts-after'));
      killGroup(child.pid);
    };
    const onAbort = (): void => kill('was interrupted');
    plan.signal.addEventListener('abort', onAbort, { once: true });
    const whole = setTimeout(() => kill(`did not end within ${plan.limitMs / 1000} s`), plan.limitMs);
    let ending: NodeJS.Timeout | null = null;
    const onText = (piece: Buffer): void => {
      const text = piece.toString();
      output += text;
      plan.onOutput?.(text);
      // The first output comes long after unshare has made the namespace.
      if (child.pid !== undefined) namespace ??= namespaceOf(child.pid);
      if (ending === null && plan.resultLine.test(output)) {
        ending = setTimeout(
          () =>
            kill(
              `did not end within ${END_LIMIT_MS / 1000} s after its result: a timer, socket or server is left open`,
            ),
          END_LIMIT_MS,
        );
      }
    };
    child.stdout?.on('data', onText);
    child.stderr?.on('data', onText);
    child.once('error', reject);
    child.once('exit', (exitCode) => {
      clearTimeout(whole);
      plan.signal.removeEventListener('abort', onAbort);
      if (ending !== null) clearTimeout(ending);
      // Strays may hold the pipes open; what was printed until now is all that counts.
      setImmediate(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ exitCode, output, leaks, namespace });
      });
    });
  });
}

/** Names what is still there after a moment's grace, and ends it, so that one lane cannot spoil the next. */
async function endStrays(namespace: string): Promise<readonly string[]> {
  const own = new Set([process.pid]);
  const strays = (): readonly { pid: number; command: string }[] => processesInNamespace(namespace, own);
  if (namespace === namespaceOf(process.pid)) return ['the lane was not isolated'];
  await waitFor('daemons to end', () => strays().length === 0, { timeoutMs: SETTLE_MS, intervalMs: 50 }).catch(
    () => undefined,
  );
  const left = strays();
  for (const { pid } of left) killOne(pid);
  return left.map(({ pid, command }) => `left a process: ${pid} ${command}`);
}

function saveMounts(pid: number | undefined, file: string): void {
  try {
    writeFileSync(file, readFileSync(`/proc/${pid ?? 0}/mountinfo`));
  } catch {
    // it ended by itself at the last moment and has written the file
  }
}

function killGroup(pid: number | undefined): void {
  if (pid !== undefined) killOne(-pid);
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended meanwhile
  }
}
