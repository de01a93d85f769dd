// What a backend tells of itself every few seconds: its shares as pools, with what the scheduler needs to choose among them.
// A report is never an answer to a command, and a lost one does no harm: the next follows.
import type { BackendOptions } from '../../drivers/gluster/backend-options.js';
import type { VolumeDriver } from '../../drivers/volume-driver.js';
import type { PoolReportMessage, Report } from '../core/messages/envelope.js';
import type { LogLevel } from '../core/runtime/config-types.js';

export interface BackendFacts {
  /** `host@backend`. */
  readonly host: string;
  readonly zone: string;
  readonly bootId: string;
  readonly options: BackendOptions;
  /** The kind of its backup store; null: it makes no backups. */
  readonly backups: 'directory' | 's3' | 'swift' | null;
  /** Of the data server. */
  readonly url: string;
}

/** `logLevel`: the one in force now; null when it cannot be changed. */
export async function makeBackendReport(
  driver: VolumeDriver,
  facts: BackendFacts,
  logLevel: LogLevel | null,
): Promise<Report> {
  const pools = await driver.reportPools();
  const { options, host, zone, bootId, url } = facts;
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
    service: {
      binary: 'saggar-volume',
      host,
      zone,
      bootId,
      url,
      ...(logLevel === null ? {} : { logLevel }),
      ...(facts.backups === null ? {} : { backups: facts.backups }),
    },
    pools: pools.map(({ access, findings, figures, ...state }) => ({
      access: { ...access, servers: access.servers.map((server) => ({ ...server })) },
      ...state,
      ...(figures === undefined ? {} : { figures: { ...figures } }),
      findings: findings.map((finding) => ({ ...finding })),
      capabilities,
    })),
    servers: [],
  };
}
