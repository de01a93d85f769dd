// What a Gluster volume must be set to before guests' disks are safe on it, why, and how to cure a difference. Pure: the facts of
// `volume info` in, findings out. Each rule's reason was measured with QEMU 7.2 and GlusterFS 10.3 or is an upstream issue.
import type { HealthFinding } from '../volume-driver.js';
import type { GlusterVolumeInfo } from './gluster-cli.js';

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
];

function satisfies(rule: OptionRule, value: string): boolean {
  if (rule.accepts !== undefined) return rule.accepts(value);
  if (isOn(rule.wanted)) return isOn(value);
  if (isOff(rule.wanted)) return isOff(value);
  return value === rule.wanted;
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
    cure: `gluster volume set ${volume.name} ${rule.key} ${rule.wanted}`,
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
  return findings;
}
