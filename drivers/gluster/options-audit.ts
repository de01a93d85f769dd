// What a Gluster volume must be set to before guests' disks are safe on it, why, and how to cure a difference. Pure: the facts of
// `volume info` in, findings out. Each rule's reason was measured with QEMU 7.2 and GlusterFS 10.3 or is an upstream issue.
import type { HealthFinding } from '../volume-driver.js';
import type { GlusterVolumeInfo } from './gluster-xml.js';

export interface OptionRule {
  readonly code: string;
  readonly key: string;
  /** Value when the option is not set. */
  readonly byDefault: string;
  /** What to set. */
  readonly wanted: string;
  readonly severity: HealthFinding['severity'];
  readonly why: string;
  readonly accepts?: (value: string) => boolean;
  readonly appliesTo?: (volume: GlusterVolumeInfo) => boolean;
  /** What to do, where a person has to choose the value; such an option is never set from here. */
  readonly cure?: string;
}

const isOn = (value: string) => ['on', 'enable', 'yes', 'true', '1'].includes(value.toLowerCase());
const isOff = (value: string) => ['off', 'disable', 'no', 'false', '0'].includes(value.toLowerCase());

export const optionRules: readonly OptionRule[] = [
  {
    code: 'options.strict-o-direct',
    key: 'performance.strict-o-direct',
    byDefault: 'off',
    wanted: 'on',
    severity: 'warning',
    why: 'without it write-behind keeps acknowledged writes in memory, and an outage of all bricks loses the last one',
  },
  {
    code: 'options.remote-dio',
    key: 'network.remote-dio',
    byDefault: 'disable',
    wanted: 'disable',
    severity: 'warning',
    why: 'it strips O_DIRECT on the way to the bricks',
  },
  {
    code: 'options.stat-prefetch',
    key: 'performance.stat-prefetch',
    byDefault: 'on',
    wanted: 'off',
    severity: 'warning',
    why: 'guests would see the old size of a file that has just grown, and stale handles',
  },
  {
    code: 'options.quick-read',
    key: 'performance.quick-read',
    byDefault: 'on',
    wanted: 'off',
    severity: 'info',
    why: 'it caches whole small files, useless and stale for image files',
  },
  {
    code: 'options.io-cache',
    key: 'performance.io-cache',
    byDefault: 'off',
    wanted: 'off',
    severity: 'warning',
    why: 'with stat-prefetch it shows for a second what a guest has overwritten; only mounts made here are exempt',
  },
  {
    code: 'options.open-behind',
    key: 'performance.open-behind',
    byDefault: 'on',
    wanted: 'off',
    severity: 'warning',
    why: 'a file that may not be opened attaches without an error, and the guest gets the error at its first write',
  },
  {
    code: 'options.ping-timeout',
    key: 'network.ping-timeout',
    byDefault: '42',
    wanted: '20',
    severity: 'info',
    why: 'a hung brick stops all guests for about twice this time (seconds)',
    accepts: (value) => Number(value) > 0 && Number(value) <= 20,
  },
  {
    code: 'options.quorum',
    key: 'cluster.quorum-type',
    byDefault: 'auto',
    wanted: 'auto',
    severity: 'error',
    why: 'writes without a majority of replicas end in split brain',
    accepts: (value) => value === 'auto',
    appliesTo: (volume) => volume.replicaCount > 2,
  },
  {
    code: 'options.lookup-optimize',
    key: 'cluster.lookup-optimize',
    byDefault: 'on',
    wanted: 'off',
    severity: 'warning',
    why: 'with sharding, adding bricks can corrupt image files (gluster issue 2254)',
    appliesTo: (volume) => isOn(volume.options['features.shard'] ?? 'off'),
  },
  {
    code: 'options.allow-insecure',
    key: 'server.allow-insecure',
    byDefault: 'on',
    wanted: 'on',
    severity: 'error',
    why: 'QEMU without root privileges uses ports above 1024 and would be refused',
  },
  {
    code: 'options.auth-allow',
    key: 'auth.allow',
    byDefault: '*',
    wanted: 'the addresses of compute and storage hosts',
    severity: 'warning',
    why: 'every host that reaches the bricks can mount the volume and read every disk',
    accepts: (value) => !value.split(',').some((one) => one.trim() === '*'),
    cure: "gluster volume set VOLUME auth.allow ADDRESSES (with commas; this host's, every compute host's and every server's)",
  },
  {
    code: 'options.ssl-one-sided',
    key: 'client.ssl',
    byDefault: 'off',
    wanted: 'the same as server.ssl',
    severity: 'error',
    why: 'clients and bricks disagree about TLS, so nobody can connect',
    accepts: () => false,
    appliesTo: (volume) => hasOption(volume, 'client.ssl') !== hasOption(volume, 'server.ssl'),
    cure: 'gluster volume set VOLUME client.ssl on server.ssl on (or both off), with the volume stopped',
  },
  {
    code: 'options.ssl-allow',
    key: 'auth.ssl-allow',
    byDefault: '*',
    wanted: 'the common names of the hosts',
    severity: 'warning',
    why: 'TLS is on, and every certificate of the authority may mount the volume',
    accepts: (value) => !value.split(',').some((one) => one.trim() === '*'),
    appliesTo: (volume) => hasOption(volume, 'server.ssl'),
    cure: 'gluster volume set VOLUME auth.ssl-allow NAMES (with commas, as they stand in the certificates)',
  },
  {
    code: 'options.root-access',
    key: 'server.root-squash',
    byDefault: 'off',
    wanted: 'off',
    severity: 'warning',
    why: 'a worker or guest that runs as root becomes nobody on the bricks and loses the right to its files',
  },
  {
    code: 'options.io-read-only',
    key: 'features.read-only',
    byDefault: 'off',
    wanted: 'off',
    severity: 'error',
    why: 'nothing can be written',
  },
];

function hasOption(volume: GlusterVolumeInfo, key: string): boolean {
  return isOn(volume.options[key] ?? 'off');
}

function satisfies(rule: OptionRule, value: string): boolean {
  if (rule.accepts !== undefined) return rule.accepts(value);
  if (isOn(rule.wanted)) return isOn(value);
  if (isOff(rule.wanted)) return isOff(value);
  return value === rule.wanted;
}

/** Broken rules that can be cured by setting what is wanted. */
export function findCurableRules(volume: GlusterVolumeInfo): readonly OptionRule[] {
  return findBrokenRules(volume).filter(({ cure }) => cure === undefined);
}

/** Rules that the volume breaks. */
export function findBrokenRules(volume: GlusterVolumeInfo): readonly OptionRule[] {
  return optionRules.filter(
    (rule) => rule.appliesTo?.(volume) !== false && !satisfies(rule, volume.options[rule.key] ?? rule.byDefault),
  );
}

/** All findings about a volume: its shape and its options. Empty when nothing is to be said. */
export function auditVolume(volume: GlusterVolumeInfo): readonly HealthFinding[] {
  const findings: HealthFinding[] = findBrokenRules(volume).map((rule) => ({
    code: rule.code,
    severity: rule.severity,
    text: `${rule.key} is ${volume.options[rule.key] ?? `${rule.byDefault} (default)`}: ${rule.why}`,
    cure: (rule.cure ?? `gluster volume set VOLUME ${rule.key} ${rule.wanted}`).replace('VOLUME', volume.name),
  }));
  if (!volume.started) {
    findings.push({
      code: 'volume.stopped',
      severity: 'error',
      text: `the Gluster volume ${volume.name} is not started`,
      cure: `gluster volume start ${volume.name}`,
    });
  }
  if (volume.replicaCount === 2 && volume.arbiterCount === 0) {
    findings.push({
      code: 'volume.replica-2',
      severity: 'error',
      text: `the Gluster volume ${volume.name} keeps two copies without an arbiter: split brain is a matter of time`,
      cure: `gluster volume add-brick ${volume.name} replica 3 arbiter 1 HOST:/BRICK`,
    });
  }
  if (volume.replicaCount === 1 && volume.disperseCount === 0) {
    findings.push({
      code: 'volume.one-copy',
      severity: 'info',
      text: `the Gluster volume ${volume.name} keeps one copy: a lost brick loses its disks`,
      cure: 'keep backups, or make the volume with three copies (two and an arbiter)',
    });
  }
  const isSharded = hasOption(volume, 'features.shard');
  if (isSharded) {
    findings.push({
      code: 'shard.on',
      severity: 'info',
      text: `${volume.name} cuts files into blocks: switched off again, its disks cannot be read any more`,
      cure: 'leave features.shard on for ever, and read disks through a mount only, never from bricks',
    });
  }
  return findings;
}

/** From this size on a whole image that is healed or moved at once takes hours. */
const LARGE_IMAGE_BYTES = 512 * 1024 ** 3;

/** `largestBytes`: the largest file on the share, or null when that is not known. */
export function judgeSharding(volume: GlusterVolumeInfo, largestBytes: number | null): readonly HealthFinding[] {
  if (largestBytes === null || largestBytes < LARGE_IMAGE_BYTES || hasOption(volume, 'features.shard')) return [];
  if (volume.replicaCount === 1 && volume.disperseCount === 0) return [];
  return [
    {
      code: 'shard.off',
      severity: 'info',
      text: `${volume.name} holds files of ${Math.floor(largestBytes / 1024 ** 3)} GiB in one piece: healing one copies it whole`,
      cure: 'consider a new volume with features.shard on (never switched on with files in use, never off), and move large disks there',
    },
  ];
}
