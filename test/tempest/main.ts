// `npm run tempest`: starts a Saggar of its own on real parts, runs the public test suite's tests of volumes (Debian's Tempest 33) against
// it, prints every failure, every test that did not run with its reason, and the counts. Exit code 1 when a test fails.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { clientEnvironment } from '../../deploy/config-files.js';
import { ensureGuestImage } from '../../deploy/guest/guest-image.js';
import { placesOf } from '../../deploy/places.js';
import { openProgress } from '../../deploy/progress.js';
import { startAll } from '../../deploy/start.js';
import { ensureLayout } from '../../deploy/state-directory.js';
import { stopAll } from '../../deploy/stop.js';
import { projectRoot } from '../../services/core/runtime/spec-files.js';
import { BenchClient, readOpenrc } from '../bench/api-client.js';
import { privateDirectory } from '../harness/environment.js';
import { endAsMisused, readProgramOptions, wholeNumberOf } from '../harness/program-options.js';
import { collectResults, reportText, type TestResult, teardownFailures } from './results.js';
import { openStestr } from './stestr.js';
import { type Cloud, tempestConf } from './tempest-conf.js';

const usage = `Usage: npm run tempest -- [options]

Starts a Saggar of its own with two backends and runs Debian's Tempest 33 against it: all of tempest.api.volume, then all of
tempest.api.compute.volumes. Prints every failure, every test that did not run with its reason, and the counts. Exit code 1 when a
test fails.

  --suite NAME       one of the two: volume or compute
  --regex REGEX      the tests whose names match
  --concurrency N    so many tests at the same time (default 2)
  --openrc FILE      against a cloud that runs already, e.g. the one of npm start
  --out FILE         every test with its verdict, as JSON
  --keep             leave the workspace (logs, configuration) behind
  -h, --help         this text

Examples:
  npm run tempest -- --suite compute
  npm run tempest -- --regex test_volumes_get --concurrency 1 --keep
`;

type Environment = Readonly<Record<string, string>>;

interface PoolDetail {
  readonly capabilities: {
    readonly volume_backend_name: string;
    readonly storage_protocol: string;
    readonly vendor_name: string;
  };
}

function must(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

/** A disk that boots: a guest without a system never lets go of a disk, and tests attach and detach. */
async function bootDisk(workspace: string): Promise<Buffer> {
  const { file } = await ensureGuestImage(path.join(projectRoot(), 'node_modules', '.cache', 'saggar-guest'));
  mkdirSync(workspace, { recursive: true });
  const small = path.join(workspace, 'boot.qcow2');
  const { status, stderr } = spawnSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', file, small], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`qemu-img: ${stderr}`);
  return readFileSync(small);
}

/** Two images that everybody sees; null, with the reason printed, where none can be stored. */
async function twoImages(environment: Environment, workspace: string): Promise<readonly [string, string] | null> {
  try {
    const disk = await bootDisk(workspace);
    const client = await BenchClient.login(environment, 'image');
    const made: string[] = [];
    for (const name of ['tempest-one', 'tempest-two']) {
      const wish = { name, disk_format: 'qcow2', container_format: 'bare', visibility: 'public' };
      const { status, body } = await client.call('POST', '/v2/images', wish);
      if (status !== 201) throw new Error(`creating an image answered ${status}`);
      const { id } = body as { id: string };
      await client.upload(`/v2/images/${id}/file`, disk);
      made.push(id);
    }
    const [one, two] = made;
    return one === undefined || two === undefined ? null : [one, two];
  } catch (thrown) {
    process.stdout.write(`without images: ${String(thrown)}\n`);
    return null;
  }
}

async function twoFlavors(environment: Environment): Promise<readonly [string, string] | null> {
  const client = await BenchClient.login(environment, 'compute');
  const { body } = await client.call('GET', '/flavors');
  const [one, two] = (body as { flavors: { id: string }[] }).flavors;
  return one === undefined ? null : [one.id, (two ?? one).id];
}

/** Asks the cloud what it has, so that the configuration promises no more and no less. */
async function describeCloud(environment: Environment, workspace: string): Promise<Cloud> {
  const client = await BenchClient.login(environment);
  const answer = await client.call('GET', '/scheduler-stats/get_pools?detail=true');
  const { pools } = answer.body as { pools: PoolDetail[] };
  const first = pools[0]?.capabilities;
  if (first === undefined) throw new Error('the cloud reports no pool');
  return {
    authUrl: must(environment, 'OS_AUTH_URL'),
    userName: must(environment, 'OS_USERNAME'),
    password: must(environment, 'OS_PASSWORD'),
    projectName: must(environment, 'OS_PROJECT_NAME'),
    region: environment['OS_REGION_NAME'] ?? 'RegionOne',
    backendNames: [...new Set(pools.map((pool) => pool.capabilities.volume_backend_name))],
    storageProtocol: first.storage_protocol,
    vendorName: first.vendor_name,
    images: await twoImages(environment, workspace),
    flavors: await twoFlavors(environment),
    hasBackup: true,
    hasManage: true,
  };
}

interface Suite {
  readonly name: string;
  readonly regex: string;
}

const suites: Readonly<Record<string, Suite>> = {
  volume: { name: 'tempest.api.volume', regex: '^tempest\\.api\\.volume\\.' },
  compute: { name: 'tempest.api.compute.volumes', regex: '^tempest\\.api\\.compute\\.volumes\\.' },
};

interface Options {
  readonly suites: readonly Suite[];
  readonly concurrency: number;
  readonly out: string | undefined;
}

interface SuiteEnd {
  readonly good: boolean;
  readonly report: string;
  readonly results: readonly TestResult[];
}

async function runSuite(cloud: Cloud, workspace: string, suite: Suite, concurrency: number): Promise<SuiteEnd> {
  const stestr = openStestr(workspace, tempestConf(cloud, workspace), suite.regex);
  const listed = stestr.list();
  process.stdout.write(`${suite.name}: ${listed.length} tests, backends ${cloud.backendNames.join(', ')}\n`);
  const since = performance.now();
  let done = 0;
  await stestr.run(concurrency, (line) => {
    done += 1;
    if (line.includes('FAILED')) process.stdout.write(`  ${line.replace(/^\{\d+\}\s*/, '')}\n`);
    else if (done % 20 === 0) process.stdout.write(`  ${done} of ${listed.length}\n`);
  });
  const raw = stestr.results();
  const results = collectResults(listed, raw);
  const teardowns = teardownFailures(raw);
  const report = reportText(suite.name, results, teardowns, (performance.now() - since) / 1000);
  process.stdout.write(report);
  return { good: teardowns.length === 0 && results.every((one) => one.verdict !== 'fail'), report, results };
}

/** The counts of all suites stand together at the end. */
async function runSuites(environment: Environment, workspace: string, options: Options): Promise<boolean> {
  const cloud = await describeCloud(environment, workspace);
  const ends: SuiteEnd[] = [];
  for (const [at, suite] of options.suites.entries()) {
    ends.push(await runSuite(cloud, path.join(workspace, String(at)), suite, options.concurrency));
  }
  const results = ends.flatMap((end) => end.results);
  if (options.out !== undefined) writeFileSync(options.out, `${JSON.stringify(results, null, 1)}\n`);
  for (const { report } of ends) process.stdout.write(`${report.trimEnd().split('\n').at(-1) ?? ''}\n`);
  return ends.every((end) => end.good);
}

async function withOwnCloud(state: string, use: (environment: Environment) => Promise<boolean>): Promise<boolean> {
  // Two backends, so that the tests that need several run as well.
  process.env['SAGGAR_BACKENDS'] ??= '2';
  const layout = await ensureLayout(state);
  const places = placesOf(state);
  const progress = openProgress();
  try {
    await startAll(places, layout, progress);
    return await use(clientEnvironment(places, layout));
  } finally {
    await stopAll(places, layout, progress);
    progress.close();
  }
}

function chooseSuites(regex: string | undefined, name: string | undefined): readonly Suite[] {
  if (regex !== undefined) return [{ name: 'tempest', regex }];
  if (name === undefined) return Object.values(suites);
  const one = suites[name];
  if (one === undefined) endAsMisused(`--suite is one of: ${Object.keys(suites).join(', ')}; not "${name}"`);
  return [one];
}

async function main(): Promise<void> {
  const { values } = readProgramOptions(usage, {
    options: {
      regex: { type: 'string' },
      suite: { type: 'string' },
      concurrency: { type: 'string', default: '2' },
      openrc: { type: 'string' },
      out: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const options = {
    suites: chooseSuites(values.regex, values.suite),
    concurrency: wholeNumberOf('--concurrency', values.concurrency),
    out: values.out,
  };
  const workspace = privateDirectory();
  const run = (environment: Environment): Promise<boolean> =>
    runSuites(environment, path.join(workspace, 'tempest'), options);
  try {
    const good =
      values.openrc === undefined ? await withOwnCloud(workspace, run) : await run(readOpenrc(values.openrc));
    process.exitCode = good ? 0 : 1;
  } finally {
    if (values.keep) process.stdout.write(`kept: ${workspace}\n`);
    else rmSync(workspace, { recursive: true, force: true });
  }
}

await main();
