// The systemd units as systemd's own checker sees them: they can be loaded, and what each service is exposed to stays below a limit
// (0: nothing, 10: everything; the checker's own scale). Nothing is started.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../../services/core/runtime/spec-files.js';

const CHECKER = '/usr/bin/systemd-analyze';
const folder = path.join(projectRoot(), 'deploy', 'systemd');

interface Expected {
  readonly exposure: number;
  readonly has: readonly RegExp[];
}

const unprivileged: Expected = {
  exposure: 1.5,
  has: [
    /^User=saggar$/m,
    /^NoNewPrivileges=yes$/m,
    /^CapabilityBoundingSet=$/m,
    /^ProtectSystem=strict$/m,
    /^LogsDirectory=saggar$/m,
  ],
};
const both = [
  /^NoNewPrivileges=yes$/m,
  /^RestrictAddressFamilies=/m,
  /^RestrictNamespaces=yes$/m,
  /^KillMode=process$/m,
  // By systemd's default a guest that the kernel ends for want of memory ends the worker, and some thousand threads are the most.
  /^OOMPolicy=continue$/m,
  /^TasksMax=infinity$/m,
];

/** The workers are root: one mounts shares for the whole host, the other starts guests. What they need less of is taken away. */
const expected: Readonly<Record<string, Expected>> = {
  api: unprivileged,
  conductor: unprivileged,
  'volume-worker': { exposure: 6, has: [...both, /^CapabilityBoundingSet=~.*\bCAP_SYS_MODULE\b/m] },
  'compute-worker': {
    exposure: 4.5,
    has: [...both, /^CapabilityBoundingSet=~.*\bCAP_SYS_ADMIN$/m, /^ProtectSystem=full$/m],
  },
};

/** Each of these gives the service mounts of its own, so that what the volume worker mounts would be seen by nobody else. */
const ownMounts = [
  ...['PrivateTmp', 'PrivateDevices', 'PrivateMounts', 'ProtectSystem', 'ProtectHome', 'ProtectKernelTunables'],
  ...['ProtectKernelModules', 'ProtectKernelLogs', 'ProtectControlGroups', 'ProtectProc', 'ProtectHostname'],
  ...['ReadOnlyPaths', 'ReadWritePaths', 'InaccessiblePaths', 'TemporaryFileSystem', 'BindPaths', 'RootDirectory'],
];

describe('systemd units', function () {
  this.timeout(30_000);
  const read = (service: string): string => readFileSync(path.join(folder, `saggar-${service}.service`), 'utf8');

  it('are one for each service', () => {
    assert.deepEqual(
      readdirSync(folder).sort(),
      Object.keys(expected)
        .map((service) => `saggar-${service}.service`)
        .sort(),
    );
  });

  it('leave the mounts of the volume worker to the whole host', () => {
    const found = ownMounts.filter((name) => new RegExp(`^${name}=(?!no$)`, 'm').test(read('volume-worker')));
    assert.deepEqual(found, []);
  });

  it('let node compile', () => {
    for (const service of Object.keys(expected))
      assert.doesNotMatch(read(service), /^MemoryDenyWriteExecute=/m, service);
  });

  for (const [service, { exposure, has }] of Object.entries(expected)) {
    it(`${service}: can be loaded, and is exposed to less than ${exposure}`, async function () {
      for (const wanted of has) assert.match(read(service), wanted);
      if (!existsSync(CHECKER)) {
        process.stdout.write('      skipped: systemd-analyze (package systemd) is not installed\n');
        this.skip();
      }
      const directory = mkdtempSync(path.join(tmpdir(), 'saggar-unit-'));
      try {
        const file = path.join(directory, `saggar-${service}.service`);
        // The checker wants to find the program, and node may be elsewhere than on a server.
        writeFileSync(file, read(service).replace('ExecStart=/usr/bin/node', `ExecStart=${process.execPath}`));
        const run = promisify(execFile);
        const verified = await run(CHECKER, ['verify', '--man=no', '--recursive-errors=no', file]);
        const complaints = `${verified.stdout}${verified.stderr}`
          .split('\n')
          .filter((line) => line.includes('saggar-'));
        assert.deepEqual(complaints, []);
        const { stdout } = await run(CHECKER, ['security', '--offline=true', '--no-pager', file]);
        const level = Number(/Overall exposure level for \S+: (\d+\.\d+)/.exec(stdout)?.[1]);
        assert.ok(level <= exposure, `exposed to ${level}\n${stdout}`);
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    });
  }
});
