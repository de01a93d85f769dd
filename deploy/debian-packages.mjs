// Finds and installs the missing Debian packages of debian-packages.json. The packages bring services of the machine along
// (postgresql, rabbitmq-server, glusterd): none of them may be started, enabled or get data made by us, because Saggar runs private
// ones. So, only while apt runs and only where they are not there already: a policy-rc.d that refuses starts (Debian policy manual
// 9.3.3.1) and a createcluster.d file that keeps postgresql-common from making its `main` cluster; both are removed again.
// Units that a fresh package enabled for the next boot are disabled; units of packages that were there before are left alone.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { fail, run, runShown } from './bootstrap-run.mjs';

const POLICY = '/usr/sbin/policy-rc.d';
const CLUSTER_FOLDER = '/etc/postgresql-common/createcluster.d';
const CLUSTER_FILE = `${CLUSTER_FOLDER}/zz-saggar-install.conf`;
const APT_CURE = 'check /etc/apt/sources.list and the network (apt-get update), or install these packages yourself';

const listing = JSON.parse(readFileSync(new URL('./debian-packages.json', import.meta.url), 'utf8'));

/** `sets`: names of lists in debian-packages.json. Returns when all their packages are installed; ends the process otherwise. */
export function installMissingPackages(sets) {
  const missing = findMissing(sets.flatMap((set) => listing[set]));
  if (missing.length === 0) return;
  if (run(['apt-get', '--version']).status !== 0) {
    fail(
      `these packages are missing: ${missing.join(' ')}`,
      'they can only be installed with apt-get, which is not here',
      'use Debian 12, or install them by hand',
    );
  }
  process.stdout.write(`Missing Debian packages: ${missing.join(' ')}\n`);
  const restore = forbidServices();
  const onSignal = () => {
    restore();
    process.exit(130);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('exit', restore);
  if (missing.includes('postgresql')) {
    install(['postgresql-common'], 'Installing postgresql-common');
    forbidClusters();
  }
  install(missing, 'Installing Debian packages');
  restore();
  disableUnits(missing);
  const still = findMissing(missing);
  if (still.length > 0) fail(`not installed: ${still.join(' ')}`, 'apt-get said it was done', APT_CURE);
}

function findMissing(packages) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
  const query = run(['dpkg-query', '-W', '-f=${Package} ${db:Status-Status}\n', ...packages]);
  const installed = new Set(
    (query.stdout ?? '')
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return packages.filter((name) => !installed.has(name));
}

function install(packages, what) {
  const haveLists =
    existsSync('/var/lib/apt/lists') && readdirSync('/var/lib/apt/lists').some((n) => /_Packages/.test(n));
  const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
  const argv = [
    'apt-get',
    'install',
    '--yes',
    '--no-install-recommends',
    '-o',
    'DPkg::Lock::Timeout=300',
    '-o',
    'Dpkg::Options::=--force-confdef',
    '-o',
    'Dpkg::Options::=--force-confold',
    ...packages,
  ];
  if (haveLists) {
    process.stdout.write(`${what} (this may take minutes) ...\n`);
    if (run(argv, { env }).status === 0) return;
  }
  // Lists that are missing or too old are the usual reason; only now is it worth the time to fetch them.
  runShown(['apt-get', 'update'], { what: 'Updating package lists', cure: APT_CURE, env });
  runShown(argv, { what, cure: APT_CURE, env });
}

/** Returns the function that undoes everything; it may be called more than once. */
function forbidServices() {
  const ours = !existsSync(POLICY);
  if (ours)
    writeFileSync(
      POLICY,
      '#!/bin/sh\n# Temporary: keeps services from being started while packages are installed.\nexit 101\n',
      { mode: 0o755 },
    );
  return () => {
    if (ours) rmSync(POLICY, { force: true });
    rmSync(CLUSTER_FILE, { force: true });
    if (existsSync(CLUSTER_FOLDER) && readdirSync(CLUSTER_FOLDER).length === 0) rmdirSync(CLUSTER_FOLDER);
  };
}

function forbidClusters() {
  mkdirSync(CLUSTER_FOLDER, { recursive: true });
  writeFileSync(CLUSTER_FILE, 'create_main_cluster = false\n');
}

function disableUnits(packages) {
  if (run(['systemctl', '--version']).status !== 0) return; // without systemd nothing is started at boot by a unit
  const units = packages.flatMap((name) => listing.unitsOf[name] ?? []);
  for (const unit of units) run(['systemctl', 'disable', '--quiet', unit]);
}
