// What a compute worker tells of itself every few seconds: where its HTTP listener is, and which guests it sees in which power
// state. A report is never an answer to a command, and a lost one does no harm: the next follows.
import type { HypervisorDriver } from '../../drivers/hypervisor-driver.js';
import type { Report } from '../core/messages/envelope.js';
import type { ComputeWorkerConfig, LogLevel } from '../core/runtime/config-types.js';

export type ComputeFacts = Pick<ComputeWorkerConfig, 'host' | 'zone' | 'advertiseUrl'> & {
  readonly bootId: string;
  /** The one in force now; null when it cannot be changed. */
  readonly logLevel?: LogLevel | null;
};

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
    servers: servers.map(({ serverId, powerState }) => ({ serverId, powerState })),
  };
}
