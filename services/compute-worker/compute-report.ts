// What a compute worker tells of itself every few seconds: where its HTTP listener is, which guests it sees in which power state, and which files
// each has open, for the audit. A report is never an answer to a command, and a lost one does no harm: the next follows.
import type { HypervisorDriver, ListedServer } from '../../drivers/hypervisor-driver.js';
import type { Report } from '../core/messages/envelope.js';
import type { ComputeWorkerConfig, LogLevel } from '../core/runtime/config-types.js';

export type ComputeFacts = Pick<ComputeWorkerConfig, 'host' | 'zone' | 'advertiseUrl'> & {
  readonly bootId: string;
  /** The one in force now; null when it cannot be changed. */
  readonly logLevel?: LogLevel | null;
};

/** Of all disks together, as JSON: a message has to stay below 256 KiB. */
const DISKS_BYTES = 131_072;

/** Guests whose disks could not be asked for, or find no room, are told of without them; nothing is concluded from that. */
export function withDisks(servers: readonly ListedServer[], mostBytes: number = DISKS_BYTES): Report['servers'] {
  let room = mostBytes;
  return servers.map(({ serverId, powerState, disks }) => {
    const bytes = Buffer.byteLength(JSON.stringify(disks));
    if (disks === null || bytes > room) return { serverId, powerState };
    room -= bytes;
    return { serverId, powerState, disks: disks.map(({ volumeId, files }) => ({ volumeId, files: [...files] })) };
  });
}

export async function makeComputeReport(
  driver: Pick<HypervisorDriver, 'listServers'>,
  { host, zone, advertiseUrl, bootId, logLevel = null }: ComputeFacts,
): Promise<Report> {
  const servers = await driver.listServers();
  return {
    version: 1,
    kind: 'report',
    service: {
      binary: 'saggar-compute',
      host,
      zone,
      bootId,
      url: advertiseUrl,
      ...(logLevel === null ? {} : { logLevel }),
    },
    pools: [],
    servers: withDisks(servers),
  };
}
