// The process of a guest is found at every moment of its start: programs that set limits and users execute one another before QEMU runs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findGuestProcess } from '../../../drivers/qemu/guest-process.js';
import { waitFor } from '../../harness/wait-for.js';

describe('the process of a guest', () => {
  it('is found while it executes one program after another', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'saggar-exec-'));
    const pidFile = path.join(directory, 'pid');
    const program = path.join(directory, 'again');
    writeFileSync(
      program,
      '#!/bin/sh\n[ "$1" -eq 0 ] || exec "$0" $(($1 - 1)) -pidfile "$3"\nexec sh -c "read x; true" x -pidfile "$3"\n',
    );
    chmodSync(program, 0o755);
    const child = spawn(program, ['3000', '-pidfile', pidFile], { stdio: ['pipe', 'ignore', 'ignore'] });
    // QEMU writes the pid file when it is up; until then only the command line tells.
    try {
      await waitFor('the process', async () => (await findGuestProcess(pidFile)) !== null);
      for (let look = 0; look < 40; look += 1)
        assert.notEqual(await findGuestProcess(pidFile), null, `look ${look} took a starting guest for gone`);
    } finally {
      child.kill('SIGKILL');
      rmSync(directory, { recursive: true });
    }
  }).timeout(60_000);

  it('is found while it hands on to a child and ends', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'saggar-fork-'));
    const pidFile = path.join(directory, 'pid');
    const program = path.join(directory, 'again');
    writeFileSync(
      program,
      '#!/bin/sh\n[ -e "$4" ] && exit\n[ "$1" -eq 0 ] && exec sh -c "sleep 60; true" x -pidfile "$3"\n' +
        'sleep 0.02\n"$0" $(($1 - 1)) -pidfile "$3" "$4" &\n',
    );
    chmodSync(program, 0o755);
    const end = path.join(directory, 'end');
    const child = spawn(program, ['3000', '-pidfile', pidFile, end], { stdio: 'ignore' });
    try {
      await waitFor('the process', async () => (await findGuestProcess(pidFile)) !== null);
      for (let look = 0; look < 60; look += 1)
        assert.notEqual(await findGuestProcess(pidFile), null, `look ${look} took a starting guest for gone`);
    } finally {
      writeFileSync(end, '');
      child.kill('SIGKILL');
      await waitFor('its end', async () => (await findGuestProcess(pidFile)) === null);
      rmSync(directory, { recursive: true });
    }
  }).timeout(60_000);
});
