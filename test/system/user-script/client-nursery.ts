// Starts `openstack` and `cinder` quickly: each command is a process of its own, forked from one that has their imports done
// (client-nursery.py). The imports take most of a second of processor time, and the script types hundreds of commands.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface Ending {
  /** Negative for a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ClientNursery {
  run(argv: readonly string[], env: Readonly<Record<string, string>>): Promise<Ending>;
  stop(): Promise<void>;
}

const COMMAND_LIMIT_MS = 90_000;

/** Output passes through files in the directory. Returns when the imports are done. Debian's packages are seen by Debian's Python only. */
export async function openClientNursery(directory: string): Promise<ClientNursery> {
  const child = spawn('/usr/bin/python3', [path.join(import.meta.dirname, 'client-nursery.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, (code: number | null) => void>();
  const answerOf = (id: number): Promise<number | null> => new Promise((resolve) => waiting.set(id, resolve));
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      for (const tell of waiting.values()) tell(null);
      resolve();
    });
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, code } = JSON.parse(line) as { id: number; code: number };
    waiting.get(id)?.(code);
    waiting.delete(id);
  });
  assert.equal(await answerOf(0), 0, 'the clients could not be loaded');
  let last = 0;

  return {
    async run(argv, env) {
      last += 1;
      const id = last;
      const [stdout, stderr] = [path.join(directory, `${id}.out`), path.join(directory, `${id}.err`)];
      const answer = answerOf(id);
      child.stdin.write(`${JSON.stringify({ id, argv, env, stdout, stderr })}\n`);
      let limit: NodeJS.Timeout | undefined;
      const tooLong = new Promise<null>((resolve) => {
        limit = setTimeout(() => resolve(null), COMMAND_LIMIT_MS);
      });
      const code = await Promise.race([answer, tooLong]);
      clearTimeout(limit);
      assert.ok(code !== null, `${argv.join(' ')} did not end within ${COMMAND_LIMIT_MS} ms`);
      const ending = { code, stdout: readFileSync(stdout, 'utf8'), stderr: readFileSync(stderr, 'utf8') };
      for (const file of [stdout, stderr]) rmSync(file);
      return ending;
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
