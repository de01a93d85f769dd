// Real programs under the runner: words, environment, time limit, abort, groups, output cap, daemons left behind, CPU limit.
import assert from 'node:assert/strict';
import { systemCommandRunner, wrapArgv } from '../../../drivers/process/system-command-runner.js';
import { ServiceError } from '../../../services/core/domain/errors.js';

const run = systemCommandRunner.run.bind(systemCommandRunner);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function eventually(condition: () => boolean, what: string): Promise<void> {
  const until = Date.now() + 4_000;
  while (!condition()) {
    assert.ok(Date.now() < until, `not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('the command runner of the operating system', () => {
  it('T-I02 returns exit code, stdout and stderr, and passes words untouched', async () => {
    const result = await run(['sh', '-c', 'printf "%s|" "$@"; echo oops >&2; exit 3', 'x', '$HOME', 'a b', ';'], {
      timeoutMs: 5_000,
    });
    assert.deepEqual(result, {
      exitCode: 3,
      killedBy: null,
      stdout: '$HOME|a b|;|',
      stderr: 'oops\n',
      truncated: false,
    });
  });

  it('gives the program a minimal environment and no share as working directory', async () => {
    process.env['SAGGAR_TEST_SECRET'] = 'x';
    const { stdout } = await run(['sh', '-c', 'env; pwd'], { timeoutMs: 5_000 });
    delete process.env['SAGGAR_TEST_SECRET'];
    assert.ok(!stdout.includes('SAGGAR_TEST_SECRET'));
    assert.match(stdout, /^LC_ALL=C$/m);
    assert.match(stdout, /^\/$/m);
  });

  it('kills the whole group at the time limit', async () => {
    let pid = 0;
    const work = run(['sh', '-c', 'sleep 60 & echo $!; wait'], {
      timeoutMs: 300,
      onStdout: (text) => {
        pid = Number(text);
      },
    });
    await assert.rejects(work, (error: unknown) => error instanceof ServiceError && error.code === 'deadline_exceeded');
    await eventually(() => pid > 0 && !isAlive(pid), 'the grandchild is gone');
  });

  for (const awaitDeath of [true, false]) {
    it(`${awaitDeath ? 'waits for' : 'abandons'} a program that cannot be killed, when it ${awaitDeath ? 'writes to a layer' : 'only reads'}`, async () => {
      // What a share that hangs does to SIGKILL.
      const { kill } = process;
      process.kill = (pid, signal) => (pid < 0 ? true : kill.call(process, pid, signal));
      let pid = 0;
      const abort = new AbortController();
      const onStdout = (text: string) => {
        pid = Number(text);
        abort.abort();
      };
      const options = { timeoutMs: 10_000, signal: abort.signal, onStdout, awaitDeath };
      try {
        await assert.rejects(run(['sh', '-c', 'echo $$; exec sleep 3'], options), { code: 'cancelled' });
        assert.equal(isAlive(pid), !awaitDeath);
      } finally {
        process.kill = kill;
        if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      }
    });
  }

  it('kills on abort and says cancelled, also when aborted before', async () => {
    const abort = new AbortController();
    const work = run(['sleep', '60'], { timeoutMs: 60_000, signal: abort.signal });
    abort.abort();
    const cancelled = (error: unknown) => error instanceof ServiceError && error.code === 'cancelled';
    await assert.rejects(work, cancelled);
    await assert.rejects(run(['true'], { timeoutMs: 1_000, signal: abort.signal }), cancelled);
  });

  it('keeps no more output than allowed and says so', async () => {
    const result = await run(['sh', '-c', 'head -c 100000 /dev/zero | tr "\\0" x'], {
      timeoutMs: 5_000,
      maxOutputBytes: 10,
    });
    assert.equal(result.stdout, 'xxxxxxxxxx');
    assert.equal(result.truncated, true);
  });

  it('does not wait for a daemon that keeps the pipes open', async () => {
    const started = Date.now();
    const { stdout } = await run(['sh', '-c', 'sleep 3 & echo up'], { timeoutMs: 20_000 });
    assert.equal(stdout, 'up\n');
    assert.ok(Date.now() - started < 2_500);
  });

  it('enforces the CPU limit', async () => {
    const result = await run(['sh', '-c', 'while :; do :; done'], { timeoutMs: 20_000, limits: { cpuSeconds: 1 } });
    assert.equal(result.killedBy ?? result.exitCode, 'SIGKILL');
  });

  it('reports a program that does not exist', async () => {
    const result = await run(['/nonexistent/program'], { timeoutMs: 5_000 });
    assert.notEqual(result.exitCode, 0);
    await assert.rejects(
      run(['/nonexistent/program'], { timeoutMs: 5_000, dieWithParent: false }),
      (error: unknown) => error instanceof ServiceError && error.code === 'internal',
    );
  });

  it('puts limits before the death signal before the program', () => {
    assert.deepEqual(wrapArgv(['qemu-img', 'info'], { limits: { cpuSeconds: 2, addressSpaceBytes: 5 } }), [
      ...['prlimit', '--cpu=2', '--as=5', '--', 'setpriv', '--pdeathsig', 'KILL', '--', 'qemu-img', 'info'],
    ]);
    assert.deepEqual(wrapArgv(['x'], { dieWithParent: false }), ['x']);
  });
});
