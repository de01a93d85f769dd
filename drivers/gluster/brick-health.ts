// What the state of bricks, the heal backlog and the installed version mean for the disks on a share, in words with a cure. Pure.
//
// Bricks form sets: with replica r the first r of the list hold the same files, and so on; with disperse, the first d hold one code. A
// volume works as long as every set does. Client quorum (`cluster.quorum-type: auto`): more than half of a set, or exactly half with
// its first brick; below it every write fails. Source: gluster's documentation of quorum, and afr-common.c of GlusterFS 10.
import type { HealthFinding } from '../volume-driver.js';
import type { BricksOnline, GlusterBrick, GlusterVolumeInfo, HealSummary } from './gluster-xml.js';

/** The sets of the volume; a distribute volume has one brick in each. */
export function brickSets(volume: GlusterVolumeInfo): readonly (readonly GlusterBrick[])[] {
  const size = Math.max(1, volume.disperseCount, volume.replicaCount);
  const sets: GlusterBrick[][] = [];
  for (let at = 0; at < volume.bricks.length; at += size) sets.push(volume.bricks.slice(at, at + size));
  return sets;
}

/** True when the set can be written with what is online. */
export function hasQuorum(volume: GlusterVolumeInfo, set: readonly GlusterBrick[], online: BricksOnline): boolean {
  const up = set.filter(({ name }) => online.has(name)).length;
  if (volume.disperseCount > 0) return up >= volume.disperseCount - volume.redundancyCount;
  if (set.length === 1) return up === 1;
  const type = volume.options['cluster.quorum-type'] ?? (set.length > 2 ? 'auto' : 'none');
  if (type === 'fixed') return up >= Number(volume.options['cluster.quorum-count'] ?? set.length);
  if (type === 'none') return up > 0;
  const [first] = set;
  return up * 2 > set.length || (up * 2 === set.length && first !== undefined && online.has(first.name));
}

/** Bricks that do not run, and sets that cannot be written. */
export function judgeBricks(volume: GlusterVolumeInfo, online: BricksOnline): readonly HealthFinding[] {
  const down = volume.bricks.filter(({ name }) => !online.has(name));
  if (down.length === 0) return [];
  const lost = brickSets(volume).filter((set) => !hasQuorum(volume, set, online));
  const names = down.map(({ name }) => name).join(', ');
  const cure = `start the servers of these bricks and glusterd on them, then: gluster volume start ${volume.name} force`;
  const findings: HealthFinding[] = [
    {
      code: 'bricks.down',
      severity: lost.length > 0 ? 'error' : 'warning',
      text: `${down.length} of ${volume.bricks.length} bricks of ${volume.name} do not run: ${names}`,
      cure,
    },
  ];
  if (lost.length > 0) {
    const of = lost.length === 1 ? 'a set' : `${lost.length} sets`;
    findings.push({
      code: 'quorum.lost',
      severity: 'error',
      text: `${of} of bricks of ${volume.name} has too few that run: writes to the files there fail`,
      cure: 'bring bricks back before anything else; guests that were stopped by an error can go on afterwards',
    });
  }
  return findings;
}

/** Whether self-heal has anything to do with the volume at all. */
export function keepsCopies(volume: GlusterVolumeInfo): boolean {
  return volume.replicaCount > 1 || volume.disperseCount > 0;
}

export function judgeHeal(
  volume: GlusterVolumeInfo,
  { pending, splitBrain, unreachable }: HealSummary,
): readonly HealthFinding[] {
  const findings: HealthFinding[] = [];
  if (splitBrain > 0) {
    findings.push({
      code: 'heal.split-brain',
      severity: 'error',
      text: `${splitBrain} entries of ${volume.name} are in split brain: their copies contradict each other, and reading them fails`,
      cure: `gluster volume heal ${volume.name} info split-brain, then choose a copy for each with "gluster volume heal ${volume.name} split-brain"`,
    });
  }
  if (pending > splitBrain) {
    findings.push({
      code: 'heal.pending',
      severity: 'warning',
      text: `${pending - splitBrain} entries of ${volume.name} wait to be healed: a further server must not go down now`,
      cure: `wait; "gluster volume heal ${volume.name} info summary" shows how it goes`,
    });
  }
  if (unreachable.length > 0) {
    findings.push({
      code: 'heal.partly-unknown',
      severity: 'info',
      text: `what waits on ${unreachable.join(', ')} is not known: the brick cannot be asked`,
      cure: 'bring the brick back',
    });
  }
  return findings;
}

/** The backlog could not be read at all. */
export function unknownHeal(name: string, reason: string): HealthFinding {
  return {
    code: 'heal.unknown',
    severity: 'info',
    text: `how much of ${name} waits to be healed is not known: ${reason}`,
    cure: 'install glusterfs-server here (it brings glfsheal; glusterd need not run), and let a server of the share answer on port 24007',
  };
}

interface VersionTrouble {
  /** First version that has it. */
  readonly from: string;
  /** First version without it. */
  readonly until: string;
  readonly severity: HealthFinding['severity'];
  readonly what: string;
  /** Where upstream tells of it. */
  readonly source: string;
  /** Only for volumes that it can touch. */
  readonly concerns?: (volume: GlusterVolumeInfo) => boolean;
}

const isDistributed = (volume: GlusterVolumeInfo) => brickSets(volume).length > 1;
const isSharded = (volume: GlusterVolumeInfo) =>
  ['on', 'enable', 'true', 'yes', '1'].includes(volume.options['features.shard'] ?? 'off');

/** Ranges from the release notes that name the fix; a release that was never made closes a range where upstream gave up on it. */
export const versionTroubles: readonly VersionTrouble[] = [
  {
    from: '3.7.12',
    until: '3.7.13',
    severity: 'error',
    what: 'guests that use libgfapi hang when they do I/O',
    source: 'bug 1352482, release notes of 3.7.13',
  },
  {
    from: '3.7',
    until: '4.0',
    severity: 'error',
    what: 'adding bricks to a sharded volume corrupts image files',
    source: 'bug 1498081, release notes of 3.10.7',
    concerns: isSharded,
  },
  {
    from: '9.0',
    until: '9.3',
    severity: 'warning',
    what: 'auth.allow is damaged when bricks are added',
    source: 'issue 2524, release notes of 9.3',
  },
  {
    from: '9.0',
    until: '9.6',
    severity: 'warning',
    what: 'making qcow2 files through libgfapi fails or takes minutes',
    source: 'issue 3334, release notes of 9.6',
  },
  {
    from: '10.0',
    until: '10.1',
    severity: 'error',
    what: 'I/O fails while a distributed disperse volume shrinks',
    source: 'issue 2947, release notes of 10.1',
    concerns: (volume) => volume.disperseCount > 0 && isDistributed(volume),
  },
  {
    from: '10.0',
    until: '10.4',
    severity: 'info',
    what: 'locks of a client are not always restored when a brick comes back',
    source: 'issue 4042, release notes of 10.4',
    concerns: keepsCopies,
  },
  {
    from: '11.0',
    until: '11.1',
    severity: 'error',
    what: 'a rebalance can delete files',
    source: 'issue 4148, release notes of 11.1',
    concerns: isDistributed,
  },
];

/** Known troubles of the version that runs here. Servers are expected to run the same. */
export function judgeVersion(version: string, volume: GlusterVolumeInfo): readonly HealthFinding[] {
  const found = versionTroubles.filter(
    ({ from, until, concerns }) =>
      compareVersions(version, from) >= 0 && compareVersions(version, until) < 0 && concerns?.(volume) !== false,
  );
  return found.map(({ until, severity, what, source }) => ({
    code: `version.${until}`,
    severity,
    text: `GlusterFS ${version}: ${what} (${source})`,
    cure: `bring servers and clients to ${until} or later, one server after the other, each healed before the next`,
  }));
}

/** Negative when a is the older; parts that are missing count as 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  for (let at = 0; at < Math.max(left?.length ?? 0, right?.length ?? 0); at += 1) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
