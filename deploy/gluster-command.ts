// Asking a private glusterd through its own CLI, and waiting for what was asked to be true. The CLI is run inside the node's network
// namespace; its exit code is no proof of anything (0 for failures too), so the pool's own verdict in the XML is read.
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeployError } from './deploy-error.js';
import { runProgram } from './programs.js';

const READY_LIMIT_MS = 60_000;

export interface GlusterNode {
  readonly address: string;
  readonly glusterdSocket: string;
  readonly namespacePath: string;
}

export interface Answer {
  /** The pool's own verdict; the exit code of `gluster` is 0 for failures too. -1 when there was none. */
  readonly result: number;
  readonly text: string;
}

/** Runs `gluster WORDS` for the node; a refusal is an answer. */
export async function askGluster(node: GlusterNode, words: readonly string[]): Promise<Answer> {
  const { stdout, stderr } = await runProgram([
    'nsenter',
    `--net=${node.namespacePath}`,
    '--',
    'gluster',
    '--mode=script',
    '--xml',
    `--glusterd-sock=${node.glusterdSocket}`,
    `--log-file=${path.join(path.dirname(path.dirname(node.glusterdSocket)), 'log', 'cli.log')}`,
    ...words,
  ]);
  const result = Number(/<opRet>(-?\d+)<\/opRet>/.exec(stdout)?.[1] ?? -1);
  return { result, text: result === 0 ? stdout : `${stdout}\n${stderr}` };
}

/** Like `askGluster`, but a refusal is an error with glusterd's own reason. */
export async function mustAnswer(node: GlusterNode, words: readonly string[]): Promise<void> {
  const { result, text } = await askGluster(node, words);
  if (result === 0) return;
  const reason = /<opErrstr>([^<]*)<\/opErrstr>/.exec(text)?.[1] ?? text.trim().split('\n').slice(-3).join(' ');
  throw new DeployError(
    `gluster ${words.slice(0, 3).join(' ')} failed`,
    reason,
    'the disk of the state directory must be ext4 or XFS (trusted extended attributes); its logs lie below gluster/',
  );
}

/** Looks until the condition holds; throws what `explain` says when it is too late or `worthWaiting` tells that it never will. */
export async function waitFor(
  condition: () => Promise<boolean>,
  worthWaiting: () => boolean,
  explain: () => DeployError,
): Promise<void> {
  const deadline = Date.now() + READY_LIMIT_MS;
  while (!(await condition())) {
    if (!worthWaiting() || Date.now() > deadline) throw explain();
    await sleep(50);
  }
}

export function notReady(what: string): DeployError {
  return new DeployError(
    what,
    `not within ${READY_LIMIT_MS / 1000} s`,
    'read the logs below gluster/ in the state directory',
  );
}

/** True when something accepts a TCP connection there within a second. */
export function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
