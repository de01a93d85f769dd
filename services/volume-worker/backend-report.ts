// What a backend tells of itself every few seconds: its shares as pools, with what the scheduler needs to choose among them.
// A report is never an answer to a command, and a lost one does no harm: the next follows.
import type { BackendOptions } from '../../drivers/gluster/backend-options.js';
import type { VolumeDriver } from '../../drivers/volume-driver.js';
import type { PoolReportMessage, Report } from '../core/messages/envelope.js';

export interface BackendFacts {
  /** `host@backend`. */
  readonly host: string;
  readonly zone: string;
  readonly bootId: string;
  readonly options: BackendOptions;
}

export async function makeBackendReport(driver: VolumeDriver, facts: BackendFacts): Promise<Report> {
  const pools = await driver.reportPools();
  const { options } = facts;
  const capabilities: PoolReportMessage['capabilities'] = {
    volumeBackendName: options.volumeBackendName,
    ...driver.identity,
    reservedPercentage: options.reservedPercentage,
    maxOverSubscriptionRatio: options.maxOverSubscriptionRatio,
    thinProvisioning: options.thin,
    thickProvisioning: !options.thin,
    volumeFormat: options.volumeFormat,
    preallocation: options.preallocation,
  };
  return {
    version: 1,
    kind: 'report',
    service: { binary: 'saggar-volume', host: facts.host, zone: facts.zone, bootId: facts.bootId, url: null },
    pools: pools.map(({ access, findings, ...figures }) => ({
      access: { ...access, servers: access.servers.map((server) => ({ ...server })) },
      ...figures,
      findings: findings.map((finding) => ({ ...finding })),
      capabilities,
    })),
    servers: [],
  };
}
