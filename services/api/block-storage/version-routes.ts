// Discovery: versions and extensions. The extensions are those whose routes or fields are served; the word is Cinder's, their names and
// aliases are what older clients ask for. Source: cinder/api/contrib/*.py.
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import { blockStorageVersions } from './microversions.js';

function versionEntry(context: RequestContext): object {
  return {
    id: 'v3.0',
    status: 'CURRENT',
    version: blockStorageVersions.max,
    min_version: blockStorageVersions.min,
    // The day of the newest microversion in Cinder.
    updated: '2023-08-31T00:00:00Z',
    links: [
      { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
      { rel: 'self', href: `${context.apiUrl}/v3/` },
    ],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' }],
  };
}

const extensions: readonly (readonly [alias: string, name: string, description: string, updated: string])[] = [
  ['os-admin-actions', 'AdminActions', 'Enable admin actions.', '2012-08-25T00:00:00+00:00'],
  ['os-availability-zone', 'AvailabilityZones', 'Describe Availability Zones.', '2013-06-27T00:00:00+00:00'],
  [
    'os-extended-snapshot-attributes',
    'ExtendedSnapshotAttributes',
    'Extended SnapshotAttributes support.',
    '2012-06-19T00:00:00+00:00',
  ],
  ['os-quota-class-sets', 'QuotaClasses', 'Quota classes management support.', '2012-03-12T00:00:00+00:00'],
  ['os-quota-sets', 'Quotas', 'Quota management support.', '2011-08-08T00:00:00+00:00'],
  ['os-services', 'Services', 'Services support.', '2012-10-28T00:00:00-00:00'],
  ['os-snapshot-actions', 'SnapshotActions', 'Enable snapshot manager actions.', '2013-07-16T00:00:00+00:00'],
  ['os-types-extra-specs', 'TypesExtraSpecs', 'Type extra specs support.', '2011-08-24T00:00:00+00:00'],
  ['os-types-manage', 'TypesManage', 'Types manage support.', '2011-08-24T00:00:00+00:00'],
  [
    'os-used-limits',
    'UsedLimits',
    'Provide data on limited resources that are being used.',
    '2013-10-03T00:00:00+00:00',
  ],
  ['os-vol-host-attr', 'VolumeHostAttribute', 'Expose host as an attribute of a volume.', '2011-11-03T00:00:00+00:00'],
  [
    'os-vol-image-meta',
    'VolumeImageMetadata',
    'Show image metadata associated with the volume.',
    '2012-12-07T00:00:00+00:00',
  ],
  [
    'os-vol-mig-status-attr',
    'VolumeMigStatusAttribute',
    'Expose migration_status as an attribute of a volume.',
    '2013-08-08T00:00:00+00:00',
  ],
  [
    'os-vol-tenant-attr',
    'VolumeTenantAttribute',
    'Expose the internal project_id as an attribute of a volume.',
    '2011-11-03T00:00:00+00:00',
  ],
  ['os-volume-actions', 'VolumeActions', 'Enable volume actions.', '2012-05-31T00:00:00+00:00'],
  [
    'os-volume-encryption-metadata',
    'VolumeEncryptionMetadata',
    'Volume encryption metadata retrieval support.',
    '2013-07-10T00:00:00+00:00',
  ],
  [
    'os-volume-manage',
    'VolumeManage',
    'Allows existing backend storage to be managed by the service.',
    '2014-02-10T00:00:00+00:00',
  ],
  ['os-volume-transfer', 'VolumeTransfer', 'Volume transfer management support.', '2013-05-29T00:00:00+00:00'],
  ['scheduler-stats', 'Scheduler_stats', 'Scheduler stats support.', '2014-09-07T00:00:00+00:00'],
];

function viewExtension([alias, name, description, updated]: (typeof extensions)[number]): object {
  return { alias, name, description, updated, links: [] };
}

export function versionRoutes(): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/',
      operationId: 'listVersions',
      policy: 'none',
      success: 300,
      handler: (context) => ({ body: { versions: [versionEntry(context)] } }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v3',
      operationId: 'showVersion',
      policy: 'version:show',
      success: 200,
      handler: (context) => ({ body: { versions: [versionEntry(context)] } }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/extensions',
      operationId: 'listExtensions',
      policy: 'extension:list',
      success: 200,
      handler: () => ({ body: { extensions: extensions.map(viewExtension) } }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/extensions/{alias}',
      operationId: 'showExtension',
      policy: 'extension:list',
      success: 200,
      handler(_context, { param }) {
        const found = extensions.find(([alias]) => alias === param('alias'));
        if (found === undefined)
          throw new ServiceError(
            'not_found',
            `Extension with alias ${param('alias').slice(0, 64)} could not be found.`,
          );
        return { body: { extension: viewExtension(found) } };
      },
    }),
  ];
}
