// Runs Debian's Tempest through stestr in a workspace of its own, and reads what it said.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RawResult } from './results.js';

/** Programs of the machine, without what a virtual environment or a proxy would change. */
const cleanEnvironment: Readonly<Record<string, string>> = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
  HOME: '/nonexistent',
  OS_TEST_TIMEOUT: '600',
};

function mustPrint(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: { ...cleanEnvironment } });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

export interface Stestr {
  list(): string[];
  /** Resolves when the run has ended, however; calls `onTest` with each line that stestr prints about a test. */
  run(concurrency: number, onTest: (line: string) => void): Promise<void>;
  results(): RawResult[];
}

/** `regex` chooses the tests. The folder gets tempest.conf and everything that Tempest writes. */
export function openStestr(workspace: string, conf: string, regex: string): Stestr {
  mkdirSync(path.join(workspace, 'lock'), { recursive: true });
  writeFileSync(path.join(workspace, 'tempest.conf'), conf, { mode: 0o600 });
  const discover = mustPrint('python3', [
    '-c',
    'import tempest.test_discover as m, os; print(os.path.dirname(m.__file__))',
  ]);
  const top = mustPrint('python3', [
    '-c',
    'import tempest, os; print(os.path.dirname(os.path.dirname(tempest.__file__)))',
  ]);
  writeFileSync(
    path.join(workspace, '.stestr.conf'),
    // Tests of one class stay in one worker: they share what the class made.
    `[DEFAULT]\ntest_path=${discover}\ntop_dir=${top}\ngroup_regex=([^\\.]*\\.)*\n`,
  );
  const env = { ...cleanEnvironment, TEMPEST_CONFIG_DIR: workspace, TEMPEST_CONFIG: 'tempest.conf' };
  const options = { cwd: workspace, env };
  const base = ['--test-path', discover, '--top-dir', top];
  spawnSync('stestr', ['init'], options);

  return {
    list() {
      const { stdout, stderr } = spawnSync('stestr', [...base, 'list', regex], {
        ...options,
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
      const found = stdout.split('\n').filter((line) => /^[a-z_]+(\.[A-Za-z0-9_]+)+/.test(line));
      if (found.length === 0) throw new Error(`stestr lists no test for ${regex}: ${stderr}`);
      return found;
    },
    run(concurrency, onTest) {
      return new Promise((resolve, reject) => {
        const child = spawn('stestr', [...base, 'run', '--concurrency', String(concurrency), regex], {
          ...options,
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        let rest = '';
        const take = (piece: Buffer): void => {
          const lines = (rest + piece.toString()).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (/ \.\.\. (ok|FAILED|SKIPPED)/.test(line)) onTest(line);
        };
        child.stdout.on('data', take);
        child.stderr.on('data', take);
        child.once('error', reject);
        child.once('close', () => resolve());
      });
    },
    results() {
      const last = spawnSync('stestr', [...base, 'last', '--subunit'], { ...options, maxBuffer: 1 << 28 });
      const reader = path.join(import.meta.dirname, 'read-results.py');
      const { status, stdout, stderr } = spawnSync('python3', [reader], {
        input: last.stdout,
        env: { ...cleanEnvironment },
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      });
      if (status !== 0) throw new Error(`the results cannot be read: ${stderr}`);
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as RawResult);
    },
  };
}
