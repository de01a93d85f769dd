// Pid files: a process is ours only as long as the kernel's start time fits.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  ensureProcess,
  findLiving,
  identify,
  isAlive,
  type ProcessIdentity,
  startProcess,
  stopProcess,
} from '../../../deploy/processes.js';
import { waitFor } from '../../harness/wait-for.js';

describe('long-running processes', () => {
  let directory: string;
  const plan = (...argv: [string, ...string[]]) => ({
    name: 'a test process',
    argv,
    pidFile: path.join(directory, 'p.pid.json'),
    logFile: path.join(directory, 'p.log'),
  });

  beforeEach(() => {
    directory = mkdtempSync('/tmp/saggar-processes-');
  });
  afterEach(async () => {
    await stopProcess(path.join(directory, 'p.pid.json'));
    rmSync(directory, { recursive: true, force: true });
  });

  it('are adopted while they run and started again when they ended', async () => {
    const first = await ensureProcess(plan('sleep', '60'));
    const second = await ensureProcess(plan('sleep', '60'));
    assert.equal(first.adopted, false);
    assert.deepEqual([second.pid, second.adopted], [first.pid, true]);
    await stopProcess(plan('sleep').pidFile);
    assert.equal(isAlive(first), false);
    assert.equal(existsSync(plan('sleep').pidFile), false);
    assert.equal((await ensureProcess(plan('sleep', '60'))).adopted, false);
  });

  it('are never taken for another process that got the same pid', async () => {
    const { pidFile } = plan('sleep');
    const real = await startProcess(plan('sleep', '60'));
    const recorded = JSON.parse(readFileSync(pidFile, 'utf8')) as ProcessIdentity;
    for (const reused of [
      { ...recorded, startTicks: String(Number(recorded.startTicks) - 1) },
      { ...recorded, bootId: 'another boot' },
    ]) {
      writeFileSync(pidFile, JSON.stringify(reused));
      assert.equal(findLiving(pidFile), null);
      await stopProcess(pidFile);
      assert.equal(isAlive(real), true, 'a process of somebody else was killed');
    }
    writeFileSync(pidFile, JSON.stringify(recorded));
  });

  it('that ignore SIGTERM are killed after their grace', async () => {
    const identity = await startProcess(plan('sh', '-c', 'trap "" TERM; echo trapped; while :; do sleep 0.05; done'));
    await waitFor('the trap', () => readFileSync(path.join(directory, 'p.log'), 'utf8').includes('trapped'));
    await stopProcess(plan('sh').pidFile, { graceMs: 100 });
    assert.equal(isAlive(identity), false);
  });

  it('that cannot be executed are an error that says what to do', async () => {
    await assert.rejects(startProcess(plan('/nonexistent/program')), /could not be started: .*ENOENT/);
  });

  it('that do not exist have no identity', () => {
    assert.equal(identify(2 ** 22 + 1), null);
    assert.equal(identify(process.pid)?.pid, process.pid);
  });
});
