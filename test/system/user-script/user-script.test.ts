// A user's script: some three hundred commands of Debian's unchanged `openstack` and `cinder`, typed at a started Saggar with two real
// GlusterFS backends and QEMU, valid ones and failing ones. Exit codes, JSON and tables are compared with the rows in the tables here.
// The commands are typed in the background, several tracks side by side; each test waits for its own command.
// Needs root, the Debian packages of deploy/debian-packages.json and a build in dist/; says so and skips where they are missing.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { clientEnvironment } from '../../../deploy/config-files.js';
import { type Places, placesOf } from '../../../deploy/places.js';
import { openProgress } from '../../../deploy/progress.js';
import { startAll } from '../../../deploy/start.js';
import { ensureLayout, type Layout } from '../../../deploy/state-directory.js';
import { stopAll } from '../../../deploy/stop.js';
import { projectRoot } from '../../../services/core/runtime/spec-files.js';
import { privateDirectory } from '../../harness/environment.js';
import { type ClientNursery, openClientNursery } from './client-nursery.js';
import { CommandTypist } from './command-typist.js';
import { acts } from './script-acts.js';
import { openThingWatcher } from './thing-watcher.js';
import type { Track, TypedCommand } from './typed-command.js';

/** Tracks that are typed at once: most of a command's time is spent waiting for the service, on the two processors of a small machine. */
const HANDS = 3;

function whyNot(): string | null {
  if (process.getuid?.() !== 0) return 'root is needed';
  for (const program of ['openstack', 'cinder', 'glusterd', 'qemu-system-x86_64', 'rabbitmqctl']) {
    if (spawnSync('which', [program]).status !== 0) return `${program} is not installed`;
  }
  const built = path.join(projectRoot(), 'dist', 'services', 'compute-worker', 'main.js');
  return existsSync(built) ? null : 'there is no build (npm run build)';
}

describe('the user script', function () {
  this.timeout(600_000);
  let state: string | null = null;
  let places: Places;
  let layout: Layout;
  let nursery: ClientNursery | null = null;
  let since = 0;
  let script: Promise<void> = Promise.resolve();
  let ended = false;
  const counts = { passed: 0, failed: 0 };
  const results = new Map<TypedCommand, PromiseWithSettlers>();
  const progress = openProgress();

  before(async function () {
    const reason = whyNot();
    if (reason !== null) {
      process.stdout.write(`      skipped: ${reason}\n`);
      this.skip();
    }
    state = privateDirectory();
    layout = await ensureLayout(state);
    places = placesOf(state);
    await withBackends('2', () => startAll(places, layout, progress));
    const env = clientEnvironment(places, layout);
    nursery = await openClientNursery(state);
    const host = layout.hostName;
    const poolOf = (backend: string, share: string): string => `${host}@${backend}#${layout.subnet}.2:/${share}`;
    const known = new Map([
      ['host', host],
      ['pool', poolOf('gluster', 'saggar')],
      ['pool2', poolOf('gluster2', 'saggar2')],
    ]);
    const typist = new CommandTypist(env, state, nursery, await openThingWatcher(env), known);
    since = performance.now();
    script = typeAll(typist);
  });

  after(async () => {
    if (state === null) return;
    ended = true;
    await script;
    const seconds = Math.round((performance.now() - since) / 1000);
    const count = counts.passed + counts.failed;
    process.stdout.write(`      ${count} commands in ${seconds} s: ${counts.passed} passed, ${counts.failed} failed\n`);
    await nursery?.stop();
    await stopAll(places, layout, progress);
    progress.close();
    rmSync(state, { recursive: true, force: true });
  });

  async function typeAll(typist: CommandTypist): Promise<void> {
    for (const act of acts) {
      const waiting = [...act];
      const hand = async (): Promise<void> => {
        for (let track = waiting.shift(); track !== undefined; track = waiting.shift()) await typeTrack(typist, track);
      };
      await Promise.all(Array.from({ length: HANDS }, hand));
    }
  }

  async function typeTrack(typist: CommandTypist, { commands }: Track): Promise<void> {
    for (const command of commands) {
      if (ended) return;
      try {
        await typist.type(command);
        counts.passed += 1;
        results.get(command)?.resolve();
      } catch (error) {
        counts.failed += 1;
        results.get(command)?.reject(error);
      }
    }
  }

  for (const { title, commands } of acts.flat()) {
    describe(title, () => {
      for (const command of commands) {
        const result = settleLater();
        results.set(command, result);
        it(`${command.as === undefined ? '' : `${command.as}: `}${command.line}`, () => result.promise);
      }
    });
  }
});

interface PromiseWithSettlers {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(reason: unknown): void;
}

function settleLater(): PromiseWithSettlers {
  const settlers = { resolve: (): void => undefined, reject: (_reason: unknown): void => undefined };
  const promise = new Promise<void>((resolve, reject) => Object.assign(settlers, { resolve, reject }));
  // It may be rejected before its test awaits it.
  promise.catch(() => undefined);
  return { promise, resolve: () => settlers.resolve(), reject: (reason) => settlers.reject(reason) };
}

/** The number of backends is told to a start by the environment. */
async function withBackends(number: string, act: () => Promise<void>): Promise<void> {
  const before = process.env['SAGGAR_BACKENDS'];
  process.env['SAGGAR_BACKENDS'] = number;
  try {
    await act();
  } finally {
    if (before === undefined) delete process.env['SAGGAR_BACKENDS'];
    else process.env['SAGGAR_BACKENDS'] = before;
  }
}
