// What our client prints beside what Debian's python-openstackclient prints, of the same things in the same cloud: the same columns, the
// same fields, the same values. One Python process runs all of its commands. Skipped, with the reason printed, where it is not installed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { RealCloud } from './real-cloud.js';

/** Fields of `show` that differ, with the reason. */
const differences: Readonly<Record<string, { readonly fields: readonly string[]; readonly why: string }>> = {};

const preparations = [
  'volume type create --property volume_backend_name=gluster --description x fast',
  'volume type create --private hidden',
  'volume qos create --consumer both --property a=b modest',
  'volume qos associate modest hidden',
  'volume create --size 1 --property b=2 --property a=1 --description x --bootable --wait data',
  'volume create --size 1 --wait offered',
  'volume transfer request create --name offer offered',
  'volume snapshot create --volume data --property why=test --wait before',
  'volume create --size 1 --bootable --wait root',
  'server create --flavor m1.tiny --volume root --property k=v --wait vm',
  'server add volume --wait vm data',
  'application credential create bot',
];

const lists = [
  'volume list',
  'volume list --long',
  'volume type list --long',
  'volume snapshot list --long',
  'volume qos list',
  'volume transfer request list',
  'volume service list --long',
  'volume attachment list',
  'volume message list',
  'block storage resource filter list',
  'availability zone list --volume',
  'limits show --absolute',
  'server list',
  'server list --long',
  'server volume list vm',
  'flavor list --long',
  'project list --long',
  'user list --long',
  'role list',
  'role assignment list',
  'role assignment list --names',
  'domain list',
  'service list --long',
  'endpoint list',
  'region list',
  'application credential list',
  'extension list --volume',
  'versions show',
  'quota list --volume --project admin',
];

const shows = [
  'volume show data',
  'volume type show fast',
  'volume type show hidden',
  'volume snapshot show before',
  'volume qos show modest',
  'volume transfer request show offer',
  'server show vm',
  'flavor show m1.tiny',
  'project show demo',
  'user show admin',
  'role show member',
  'domain show default',
  'service show compute',
  'application credential show bot',
  'quota show',
];

const program = `
import contextlib, io, json, sys
from openstackclient import shell
answers = {}
for line in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = shell.main(line.split(' ') + ['-f', 'json'])
    answers[line] = {'code': code, 'out': out.getvalue(), 'err': err.getvalue()}
print(json.dumps(answers))
`;

type Answers = Readonly<Record<string, { readonly code: number; readonly out: string; readonly err: string }>>;

/** All answers of the other client; its own words when it cannot be run. */
function askOpenstack(lines: readonly string[], env: Readonly<Record<string, string>>): Promise<Answers | string> {
  return new Promise((resolve, reject) => {
    // Debian's interpreter: the packages of the system are not those of another Python that may be first in the path.
    const child = spawn('/usr/bin/python3', ['-c', program], {
      env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', LC_ALL: 'C.UTF-8', ...env },
      timeout: 100_000,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (piece: Buffer) => {
      stdout += piece.toString();
    });
    child.stderr.on('data', (piece: Buffer) => {
      stderr += piece.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code === 0 ? (JSON.parse(stdout) as Answers) : (stderr.trim().split('\n').at(-1) ?? 'no reason'));
    });
    child.stdin.end(JSON.stringify(lines));
  });
}

describe('what saggar prints beside what openstack prints', function () {
  this.timeout(120_000);
  let cloud: RealCloud;
  let theirs: Answers;

  before(async function () {
    cloud = await RealCloud.open();
    for (const line of preparations) {
      const { exitCode, stderr } = await cloud.run(line);
      assert.equal(exitCode, 0, `${line}: ${stderr}`);
    }
    const asked = await askOpenstack([...lists, ...shows], {
      ...cloud.environment(),
      OS_IDENTITY_API_VERSION: '3',
      OS_VOLUME_API_VERSION: '3.70',
    });
    if (typeof asked === 'string') {
      process.stdout.write(`      skipped: python-openstackclient cannot be run: ${asked}\n`);
      this.skip();
    } else theirs = asked;
  });
  after(async () => {
    await cloud.close();
  });

  async function both(line: string): Promise<{ ours: unknown; their: unknown }> {
    const their = theirs[line];
    assert.equal(their?.code, 0, `openstack ${line}: ${their?.err ?? ''}`);
    const { stdout, stderr } = await cloud.run(`${line} -f json`);
    assert.equal(stderr, '');
    return { ours: JSON.parse(stdout), their: JSON.parse(their.out) };
  }

  for (const line of lists) {
    it(`\`${line}\``, async () => {
      const { ours, their } = await both(line);
      // Services go on reporting between the two questions.
      const still = (row: object): object => ('Updated At' in row ? { ...row, 'Updated At': null } : row);
      const sorted = (rows: unknown): string[] => (rows as object[]).map((row) => JSON.stringify(still(row))).sort();
      assert.deepEqual(sorted(ours), sorted(their));
    });
  }

  for (const line of shows) {
    it(`\`${line}\``, async () => {
      const { ours, their } = await both(line);
      const { fields = [] } = differences[line] ?? {};
      const kept = (shown: unknown): object =>
        Object.fromEntries(Object.entries(shown as object).filter(([name]) => !fields.includes(name)));
      assert.deepEqual(kept(ours), kept(their));
    });
  }
});
