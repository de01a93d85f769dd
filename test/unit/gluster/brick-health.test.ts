// Bricks, quorum, heal backlog and versions: XML and text as GlusterFS 10.3 has printed them, and what is made of them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  brickSets,
  compareVersions,
  hasQuorum,
  judgeBricks,
  judgeHeal,
  judgeVersion,
  versionTroubles,
} from '../../../drivers/gluster/brick-health.js';
import { FindingHistory } from '../../../drivers/gluster/finding-history.js';
import {
  type GlusterVolumeInfo,
  parseCliOutput,
  readBricksOnline,
  readHealSummary,
  readHealText,
  readVolumeInfo,
  succeeded,
} from '../../../drivers/gluster/gluster-xml.js';
import { judgeRoom } from '../../../drivers/gluster/share-watch.js';
import type { HealthFinding } from '../../../drivers/volume-driver.js';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
const answerOf = (name: string) => parseCliOutput(fixture(name)) ?? assert.fail(name);
const codesOf = (findings: readonly HealthFinding[]) => findings.map(({ code, severity }) => `${code} ${severity}`);
const brick = (number: number) => `10.0.0.${number + 1}:/bricks/node${number}/bricks/vols`;

const real = readVolumeInfo(answerOf('volume-info-replica-3.xml'), 'vols') ?? assert.fail();
/** The same volume with other bricks and options. */
function volumeOf(bricks: number, shape: Partial<GlusterVolumeInfo>): GlusterVolumeInfo {
  const all = Array.from({ length: bricks }, (_, at) => ({ name: `h${at}:/b`, host: `h${at}`, isArbiter: false }));
  return { ...real, bricks: all, brickCount: bricks, options: {}, ...shape };
}
const online = (...numbers: number[]) => new Set(numbers.map((at) => `h${at}:/b`));

describe('the state of bricks', () => {
  it('is read from volume info and volume status of a real pool, daemons left out', () => {
    assert.deepEqual(
      real.bricks.map(({ name }) => name),
      [brick(1), brick(2), brick(3)],
    );
    assert.equal(real.options['cluster.quorum-type'], 'auto');
    const status = readBricksOnline(answerOf('volume-status-brick-down.xml'), 'vols');
    assert.deepEqual(status, new Set([brick(1), brick(2)]));
    assert.equal(readBricksOnline(answerOf('volume-status-brick-down.xml'), 'other'), null);
  });

  it('counts a brick as down that the status leaves out, because its server has no glusterd', () => {
    const status = readBricksOnline(answerOf('volume-status-peer-down.xml'), 'vols') ?? assert.fail();
    assert.deepEqual(codesOf(judgeBricks(real, status)), ['bricks.down warning']);
    assert.match(judgeBricks(real, status)[0]?.text ?? '', /1 of 3 bricks of vols do not run: 10\.0\.0\.4:/);
  });

  it('says nothing while all run, and that quorum is lost when too few do', () => {
    assert.deepEqual(judgeBricks(real, new Set([brick(1), brick(2), brick(3)])), []);
    assert.deepEqual(codesOf(judgeBricks(real, new Set([brick(1)]))), ['bricks.down error', 'quorum.lost error']);
    const alone = volumeOf(2, { replicaCount: 1 });
    assert.deepEqual(codesOf(judgeBricks(alone, online(0))), ['bricks.down error', 'quorum.lost error']);
  });

  const quorums: readonly (readonly [string, Partial<GlusterVolumeInfo>, number, number[], boolean])[] = [
    ['two of three', { replicaCount: 3 }, 3, [0, 2], true],
    ['one of three', { replicaCount: 3 }, 3, [0], false],
    ['the first of two, auto', { replicaCount: 2, options: { 'cluster.quorum-type': 'auto' } }, 2, [0], true],
    ['the second of two, auto', { replicaCount: 2, options: { 'cluster.quorum-type': 'auto' } }, 2, [1], false],
    ['the second of two, no quorum', { replicaCount: 2 }, 2, [1], true],
    [
      'one, fixed at one',
      { replicaCount: 3, options: { 'cluster.quorum-type': 'fixed', 'cluster.quorum-count': '1' } },
      3,
      [1],
      true,
    ],
    ['none', { replicaCount: 2 }, 2, [], false],
    [
      'four of six, disperse with two',
      { replicaCount: 1, disperseCount: 6, redundancyCount: 2 },
      6,
      [0, 1, 2, 3],
      true,
    ],
    ['three of six, disperse with two', { replicaCount: 1, disperseCount: 6, redundancyCount: 2 }, 6, [0, 1, 2], false],
  ];
  for (const [what, shape, bricks, up, wanted] of quorums) {
    it(`${wanted ? 'has' : 'has no'} quorum with ${what}`, () => {
      const volume = volumeOf(bricks, shape);
      const [set] = brickSets(volume);
      assert.ok(set);
      assert.equal(hasQuorum(volume, set, online(...up)), wanted);
    });
  }

  it('looks at each set by itself', () => {
    const volume = volumeOf(6, { replicaCount: 3 });
    assert.equal(brickSets(volume).length, 2);
    assert.deepEqual(codesOf(judgeBricks(volume, online(0, 1, 3, 4, 5))), ['bricks.down warning']);
    assert.deepEqual(codesOf(judgeBricks(volume, online(0, 3, 4, 5))), ['bricks.down error', 'quorum.lost error']);
  });
});

describe('the heal backlog', () => {
  it('is read from glfsheal, where a brick that is down has no numbers', () => {
    const summary = readHealText(fixture('heal-info-summary-brick-down.txt'));
    assert.deepEqual(summary, { pending: 6, splitBrain: 0, unreachable: [brick(3)] });
    assert.deepEqual(codesOf(judgeHeal(real, summary ?? assert.fail())), [
      'heal.pending warning',
      'heal.partly-unknown info',
    ]);
  });

  it('is read from XML too, and a refusal is none', () => {
    const refusal = answerOf('heal-info-no-volfile.xml');
    assert.equal(succeeded(refusal), false);
    assert.equal(readHealSummary(refusal), null);
    const of = (pending: string, split: string) =>
      `<brick><name>h:/b</name><status>Connected</status><totalNumberOfEntries>${pending}</totalNumberOfEntries><numberOfEntriesInSplitBrain>${split}</numberOfEntriesInSplitBrain></brick>`;
    const answer = parseCliOutput(
      `<?xml version="1.0"?><cliOutput><healInfo><bricks>${of('3', '2')}${of('0', '0')}</bricks></healInfo><opRet>0</opRet></cliOutput>`,
    );
    const summary = readHealSummary(answer ?? assert.fail());
    assert.deepEqual(summary, { pending: 3, splitBrain: 2, unreachable: [] });
    assert.deepEqual(codesOf(judgeHeal(real, summary ?? assert.fail())), [
      'heal.split-brain error',
      'heal.pending warning',
    ]);
    assert.deepEqual(judgeHeal(real, { pending: 0, splitBrain: 0, unreachable: [] }), []);
  });

  it('is no answer where the program said something else', () => {
    for (const text of ['', 'Usage: glfsheal <VOLNAME>', 'vols: Not able to fetch volfile']) {
      assert.equal(readHealText(text), null);
    }
  });
});

describe('versions with known trouble', () => {
  it('are compared by their numbers', () => {
    assert.ok(compareVersions('10.3', '10.4') < 0);
    assert.ok(compareVersions('9.10', '9.9') > 0);
    assert.equal(compareVersions('11', '11.0'), 0);
    assert.ok(versionTroubles.every(({ from, until }) => compareVersions(from, until) < 0));
  });

  const of = (version: string, volume: GlusterVolumeInfo) => judgeVersion(version, volume).map(({ code }) => code);
  it('are told where they concern the volume, with the version that cures them', () => {
    const spread = volumeOf(6, { replicaCount: 3 });
    assert.deepEqual(of('11.0', spread), ['version.11.1']);
    assert.deepEqual(of('11.0', real), [], 'a single set is never rebalanced');
    assert.deepEqual(of('11.1', spread), []);
    assert.deepEqual(of('10.3', real), ['version.10.4']);
    assert.deepEqual(of('9.2', real), ['version.9.3', 'version.9.6']);
    assert.deepEqual(of('3.7.12', volumeOf(3, { replicaCount: 3, options: { 'features.shard': 'on' } })), [
      'version.3.7.13',
      'version.4.0',
    ]);
    assert.match(judgeVersion('9.5', real)[0]?.text ?? '', /issue 3334/);
  });
});

describe('room that is left', () => {
  const codes = (figures: object) => codesOf(judgeRoom('s', figures));
  it('is told when little of it is left, in bytes or inodes', () => {
    const fine = { totalBytes: 100, freeBytes: 50, totalInodes: 100, freeInodes: 50 };
    assert.deepEqual(codes(fine), []);
    assert.deepEqual(codes({ ...fine, freeBytes: 4 }), ['share.nearly-full warning']);
    assert.deepEqual(codes({ ...fine, freeBytes: 0, freeInodes: 0 }), [
      'share.nearly-full error',
      'share.few-inodes error',
    ]);
    assert.deepEqual(codes({ ...fine, totalInodes: 0, freeInodes: 0 }), [], 'such file systems do not count');
  });
});

describe('findings that come and go', () => {
  it('are told as such from the third time on, until they keep still', () => {
    let now = 0;
    const history = new FindingHistory(() => now);
    const finding: HealthFinding = { code: 'bricks.down', severity: 'warning', text: '', cure: '' };
    const look = (...findings: HealthFinding[]) => {
      now += 60_000;
      return history.note('s', findings).map(({ code }) => code);
    };
    for (let time = 0; time < 2; time += 1) {
      assert.deepEqual(look(finding), ['bricks.down']);
      assert.deepEqual(look(finding), ['bricks.down'], 'there still is not there again');
      assert.deepEqual(look(), []);
    }
    assert.deepEqual(look(finding), ['bricks.down', 'flapping']);
    assert.deepEqual(look(), ['flapping'], 'a good moment is no health');
    assert.match(history.note('s', [])[0]?.text ?? '', /bricks\.down has come 3 times within 15 minutes/);
    assert.deepEqual(history.note('other', [finding]).length, 1, 'shares are apart');
    now += 15 * 60_000;
    assert.deepEqual(look(), []);
  });

  it('are no settings: those are changed by people', () => {
    const history = new FindingHistory(() => 0);
    const finding: HealthFinding = { code: 'options.quorum', severity: 'error', text: '', cure: '' };
    for (let time = 0; time < 9; time += 1) {
      assert.equal(history.note('s', [finding]).length, 1);
      assert.equal(history.note('s', []).length, 0);
    }
  });
});
