// The first step of `npm start`, `stop`, `test` and `bench`, on a machine where nothing is installed yet. Plain JavaScript without
// dependencies, because node_modules may be missing. It checks Node and root, installs the Debian packages of debian-packages.json
// that are missing, runs `npm ci` when the lock file changed and the build when a source changed, then hands over.
// When everything is there, all checks together take well under a second.
// It must never start a service of the machine and never fetch anything but Debian packages and npm packages.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail, runShown } from './bootstrap-run.mjs';
import { installMissingPackages } from './debian-packages.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const commands = {
  install: () => prepare(['run', 'test']),
  start: (args) => {
    prepare(['run']);
    handOver(deployment('start', args));
  },
  stop: (args) => handOverBuilt(deployment('stop', args)),
  status: (args) => handOverBuilt(deployment('status', args)),
  migrate: (args) => {
    prepareProgram();
    handOver(deployment('migrate', args));
  },
  test: (args) => {
    prepare(['run', 'test']);
    handOver(['--import', 'tsx', 'test/run-lanes.ts', ...args]);
  },
  tempest: (args) => {
    prepare(['run', 'tempest']);
    handOver(['--import', 'tsx', 'test/tempest/main.ts', ...args]);
  },
  fuzz: (args) => {
    prepare(['run']);
    handOver(['--import', 'tsx', 'test/fuzz/main.ts', ...args]);
  },
  mutations: (args) => {
    prepare(['run', 'test']);
    handOver(['--import', 'tsx', 'test/mutations/main.ts', ...args]);
  },
  'crash-matrix': (args) => {
    prepare(['run']);
    handOver(['--import', 'tsx', 'test/crash-matrix/main.ts', ...args]);
  },
  soak: (args) => {
    prepare(['run']);
    handOver(['--import', 'tsx', 'test/soak/main.ts', ...args]);
  },
  'seeded-bugs': (args) => {
    prepare(['run', 'test']);
    handOver(['--import', 'tsx', 'test/mutations/seeded-bugs-main.ts', ...args]);
  },
  chaos: (args) => {
    prepare(['run']);
    handOver(['--import', 'tsx', 'test/chaos/main.ts', ...args]);
  },
  leaks: (args) => {
    prepare(['run']);
    handOver(['--import', 'tsx', 'test/leaks/main.ts', ...args]);
  },
  differential: (args) => {
    prepare(args.includes('--recorded') ? ['run'] : ['run', 'peer']);
    handOver(['--import', 'tsx', 'test/differential/main.ts', ...args]);
  },
  'chain-torture': (args) => {
    prepare(['run']);
    handOver(['--import', 'tsx', 'test/system/chain-torture/main.ts', ...args]);
  },
  'bench:data': (args) => {
    prepare(['run', 'data']);
    handOver(['--import', 'tsx', 'test/bench/data/main.ts', ...args]);
  },
  bench: (args) => {
    prepare(['run']);
    handOver(['--import', 'tsx', 'test/bench/main.ts', ...args]);
  },
};

/** Its help is read from the sources, which are always there. */
function deployment(command, args) {
  const program = asksForHelp ? ['--import', 'tsx', 'deploy/main.ts'] : ['dist/deploy/main.js'];
  return [...program, command, ...args];
}

/** The oldest Node that mocha 12 and the build were tried on. */
const OLDEST_NODE = [20, 19];

function checkMachine() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    fail(
      `Node ${process.versions.node} is too old`,
      `Saggar needs Node ${OLDEST_NODE.join('.')} or newer`,
      'install Node 20 (20.19 or newer)',
    );
  }
  if (process.platform !== 'linux')
    fail(`${process.platform} is not supported`, 'GlusterFS and network namespaces are Linux only', 'use Debian 12');
  if (process.getuid() !== 0) {
    fail(
      'this must run as root',
      'mounts, network namespaces and Debian packages need it',
      'run it again as root, e.g. with sudo',
    );
  }
}

/** Whoever only asks what a command does gets no Debian packages for it, and no build. */
function prepare(sets) {
  if (!asksForHelp) installMissingPackages(sets);
  prepareProgram();
}

function prepareProgram() {
  installNodeModules();
  if (!asksForHelp) build();
}

/** `npm ci` when what is installed differs from the lock file; npm keeps its own record in node_modules/.package-lock.json. */
function installNodeModules() {
  const lock = readFileSync(path.join(root, 'package-lock.json'));
  const stampFile = path.join(root, 'node_modules', '.saggar-installed');
  const stamp = `${createHash('sha256').update(lock).digest('hex')} node ${process.versions.modules}\n`;
  if (readOrEmpty(stampFile) === stamp) return;
  if (!isInstalled(JSON.parse(lock.toString()))) {
    runShown(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      what: 'Installing npm packages',
      cwd: root,
      cure: 'check that the npm registry of your npm configuration answers (npm ping), then run this again',
    });
  }
  writeFileSync(stampFile, stamp);
}

function isInstalled(lock) {
  const record = readOrEmpty(path.join(root, 'node_modules', '.package-lock.json'));
  if (record === '') return false;
  const present = JSON.parse(record).packages;
  return Object.entries(lock.packages).every(
    ([name, wanted]) =>
      name === '' ||
      wanted.optional === true || // of another platform
      wanted.extraneous === true || // npm lists it but never installs it
      present[name]?.version === wanted.version,
  );
}

/** Builds into a folder beside dist/ and swaps, so that a running service never sees half a build. */
function build() {
  const stamp = sourceStamp();
  const stampFile = path.join(root, 'dist', '.built-from');
  if (readOrEmpty(stampFile) === stamp) return;
  const fresh = path.join(root, 'dist.new');
  const old = path.join(root, 'dist.old');
  rmSync(fresh, { recursive: true, force: true });
  const compiler = 'node_modules/@typescript/native/bin/tsc';
  runShown([process.execPath, compiler, '-p', 'tsconfig.build.json', '--outDir', fresh], {
    what: 'Building',
    cwd: root,
    cure: 'the sources do not compile: undo local changes, or mend what the compiler names',
  });
  writeFileSync(path.join(fresh, '.built-from'), stamp);
  rmSync(old, { recursive: true, force: true });
  if (existsSync(path.join(root, 'dist'))) renameSync(path.join(root, 'dist'), old);
  renameSync(fresh, path.join(root, 'dist'));
  rmSync(old, { recursive: true, force: true });
}

/** A hash over names, sizes and times of everything the build reads: far cheaper than reading it. */
function sourceStamp() {
  const hash = createHash('sha256');
  const visit = (relative) => {
    const full = path.join(root, relative);
    const stat = statSync(full);
    if (stat.isDirectory()) {
      for (const name of readdirSync(full).sort()) visit(path.join(relative, name));
    } else if (/\.(ts|json)$/.test(relative)) hash.update(`${relative} ${stat.size} ${stat.mtimeMs}\n`);
  };
  const sources = ['services', 'drivers', 'deploy', 'api-spec/generated', 'tsconfig.json', 'tsconfig.build.json'];
  for (const source of [...sources, 'package-lock.json']) if (existsSync(path.join(root, source))) visit(source);
  return `${hash.digest('hex')}\n`;
}

function readOrEmpty(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** What was started by a build can be stopped by it, whatever has happened to the sources since. */
function handOverBuilt(argv) {
  if (!existsSync(path.join(root, 'dist', 'deploy', 'main.js'))) prepareProgram();
  handOver(argv);
}

function handOver(argv) {
  const done = spawnSync(process.execPath, argv, { cwd: root, stdio: 'inherit' });
  if (done.error) fail('the program could not be started', done.error.message, 'run npm start again');
  process.exitCode = done.status ?? 1;
}

const [command = '', ...args] = process.argv.slice(2);
const asksForHelp = args.some((word) => word === '--help' || word === '-h');
if (!Object.hasOwn(commands, command)) {
  fail(`unknown command "${command}"`, '', `use one of: ${Object.keys(commands).join(', ')}; each knows --help`);
}
checkMachine();
process.chdir(root);
commands[command](args);
