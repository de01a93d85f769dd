// The one table of microversion gates of the block-storage API: what a client gets, may send, or is held to since which version.
// Every step from 3.1 to 3.71 is named, those included whose feature is not offered (yet): a version is a promise about shape, so
// asking for 3.71 is always answered in 3.71's shape.
// Source: the REST API version history of Cinder (api-ref, "rest_api_version_history").
import type { RequestContext } from '../request-context.js';
import { parseVersion, type VersionRules, type VersionText } from '../shell/microversion.js';

export const blockStorageVersions: VersionRules = { service: 'volume', min: '3.0', max: '3.71' };

export const gates = {
  'upload-image-visibility': '3.1',
  'strict-list-booleans': '3.2',
  messages: '3.3',
  'volume-filter-glance-metadata': '3.4',
  'messages-paging': '3.5',
  'consistencygroup-blank-name': '3.6',
  clusters: '3.7',
  'manageable-resources': '3.8',
  'backup-update': '3.9',
  'volume-filter-group': '3.10',
  'group-types': '3.11',
  'volume-summary': '3.12',
  groups: '3.13',
  'group-snapshots': '3.14',
  'metadata-etag': '3.15',
  'migrate-to-cluster': '3.16',
  'manageable-cluster': '3.17',
  'backup-project': '3.18',
  'group-snapshot-reset': '3.19',
  'group-reset': '3.20',
  'volume-provider-id': '3.21',
  'snapshot-filter-metadata': '3.22',
  'volume-delete-force': '3.23',
  'workers-cleanup': '3.24',
  'group-list-volume': '3.25',
  'service-failover': '3.26',
  attachments: '3.27',
  'pool-filters': '3.28',
  'group-snapshot-paging': '3.29',
  'snapshot-sort-name': '3.30',
  'unknown-filter-refused': '3.31',
  'service-log-levels': '3.32',
  'resource-filters': '3.33',
  'like-filters': '3.34',
  'pool-filter-type': '3.35',
  'volume-summary-metadata': '3.36',
  'backup-sort-name': '3.37',
  'group-replication': '3.38',
  'limits-project': '3.39',
  'volume-revert': '3.40',
  'snapshot-user': '3.41',
  'extend-in-use': '3.42',
  'backup-metadata': '3.43',
  'attachment-complete': '3.44',
  'list-count': '3.45',
  'volume-from-server-image': '3.46',
  'volume-from-backup': '3.47',
  'volume-shared-targets': '3.48',
  'service-backend-state': '3.49',
  multiattach: '3.50',
  'backup-zone': '3.51',
  'type-filter-extra-specs': '3.52',
  'volume-strict-body': '3.53',
  'attachment-mode': '3.54',
  'transfer-snapshots': '3.55',
  'backup-user': '3.56',
  'transfer-projects': '3.57',
  'group-project': '3.58',
  'transfer-paging': '3.59',
  'time-filters': '3.60',
  'volume-cluster-name': '3.61',
  'default-types': '3.62',
  'volume-type-id': '3.63',
  'encryption-key-id': '3.64',
  'consumes-quota': '3.65',
  'snapshot-in-use-unforced': '3.66',
  'project-optional': '3.67',
  reimage: '3.68',
  'shared-targets-nullable': '3.69',
  'transfer-encrypted': '3.70',
  'extend-completion': '3.71',
} as const satisfies Record<string, VersionText>;

export type Gate = keyof typeof gates;

const minors = new Map<Gate, number>(
  (Object.entries(gates) as [Gate, VersionText][]).map(([gate, version]) => [gate, parseVersion(version).minor]),
);

/** True when the request's version has passed the gate. The major version is always 3. */
export function passes(context: Pick<RequestContext, 'microversion'>, gate: Gate): boolean {
  return context.microversion.minor >= (minors.get(gate) ?? Infinity);
}
