// The extensions of the days before microversions: names and aliases that older clients ask for to learn what a server can do. The table
// has all that Cinder has; listed are those of which a route is served here, so the list can neither lag behind nor promise too much.
// Source: cinder/api/contrib/*.py.
import { ServiceError } from '../../core/domain/errors.js';
import { defineRoute, type Route } from '../shell/route.js';

interface Extension {
  readonly alias: string;
  readonly name: string;
  readonly description: string;
  readonly updated: string;
  /** A route without which the extension is not there. */
  readonly needs: (route: Route) => boolean;
}

function at(path: string): Extension['needs'] {
  return (route) => route.path === path || route.path.startsWith(`${path}/`);
}

function action(path: string, name: string): Extension['needs'] {
  return (route) => route.path.startsWith(`${path}/`) && route.action === name;
}

function row(
  alias: string,
  name: string,
  updated: string,
  description: string,
  needs: (route: Route) => boolean,
): Extension {
  return { alias, name, description, updated, needs };
}

const volumes = '/v3/volumes';
const snapshots = '/v3/snapshots';

const extensions: readonly Extension[] = [
  row('backups', 'Backups', '2012-12-12T00:00:00+00:00', 'Backups support.', at('/v3/backups')),
  row('capabilities', 'Capabilities', '2015-08-31T00:00:00+00:00', 'Capabilities support.', at('/v3/capabilities')),
  row('cgsnapshots', 'Cgsnapshots', '2014-08-18T00:00:00+00:00', 'cgsnapshots support.', at('/v3/cgsnapshots')),
  row(
    'consistencygroups',
    'Consistencygroups',
    '2014-08-18T00:00:00+00:00',
    'consistency groups support.',
    at('/v3/consistencygroups'),
  ),
  row(
    'encryption',
    'VolumeTypeEncryption',
    '2013-07-01T00:00:00+00:00',
    'Encryption support for volume types.',
    at('/v3/types/{type_id}/encryption'),
  ),
  row(
    'os-admin-actions',
    'AdminActions',
    '2012-08-25T00:00:00+00:00',
    'Enable admin actions.',
    action(volumes, 'os-reset_status'),
  ),
  row(
    'os-availability-zone',
    'AvailabilityZones',
    '2013-06-27T00:00:00+00:00',
    'Describe Availability Zones.',
    at('/v3/os-availability-zone'),
  ),
  row(
    'os-extended-services',
    'ExtendedServices',
    '2014-01-10T00:00:00-00:00',
    'Extended services support.',
    at('/v3/os-services'),
  ),
  row(
    'os-extended-snapshot-attributes',
    'ExtendedSnapshotAttributes',
    '2012-06-19T00:00:00+00:00',
    'Extended SnapshotAttributes support.',
    at(snapshots),
  ),
  row('os-hosts', 'Hosts', '2011-06-29T00:00:00+00:00', 'Admin-only host administration.', at('/v3/os-hosts')),
  row(
    'os-quota-class-sets',
    'QuotaClasses',
    '2012-03-12T00:00:00+00:00',
    'Quota classes management support.',
    at('/v3/os-quota-class-sets'),
  ),
  row('os-quota-sets', 'Quotas', '2011-08-08T00:00:00+00:00', 'Quota management support.', at('/v3/os-quota-sets')),
  row('OS-SCH-HNT', 'SchedulerHints', '2013-04-18T00:00:00+00:00', 'Pass arbitrary key/value pairs.', at(volumes)),
  row('os-services', 'Services', '2012-10-28T00:00:00-00:00', 'Services support.', at('/v3/os-services')),
  row(
    'os-snapshot-actions',
    'SnapshotActions',
    '2013-07-16T00:00:00+00:00',
    'Enable snapshot manager actions.',
    action(snapshots, 'os-update_snapshot_status'),
  ),
  row(
    'os-snapshot-manage',
    'SnapshotManage',
    '2014-12-31T00:00:00+00:00',
    'Allows existing backend snapshots to be managed by the service.',
    at('/v3/os-snapshot-manage'),
  ),
  row(
    'os-snapshot-unmanage',
    'SnapshotUnmanage',
    '2014-12-31T00:00:00+00:00',
    'Enable snapshot unmanage operation.',
    action(snapshots, 'os-unmanage'),
  ),
  row(
    'os-types-extra-specs',
    'TypesExtraSpecs',
    '2011-08-24T00:00:00+00:00',
    'Type extra specs support.',
    at('/v3/types/{type_id}/extra_specs'),
  ),
  row('os-types-manage', 'TypesManage', '2011-08-24T00:00:00+00:00', 'Types manage support.', at('/v3/types')),
  row(
    'os-used-limits',
    'UsedLimits',
    '2013-10-03T00:00:00+00:00',
    'Provide data on limited resources that are being used.',
    at('/v3/limits'),
  ),
  row(
    'os-vol-host-attr',
    'VolumeHostAttribute',
    '2011-11-03T00:00:00+00:00',
    'Expose host as an attribute of a volume.',
    at(volumes),
  ),
  row(
    'os-vol-image-meta',
    'VolumeImageMetadata',
    '2012-12-07T00:00:00+00:00',
    'Show image metadata associated with the volume.',
    at(volumes),
  ),
  row(
    'os-vol-mig-status-attr',
    'VolumeMigStatusAttribute',
    '2013-08-08T00:00:00+00:00',
    'Expose migration_status as an attribute of a volume.',
    at(volumes),
  ),
  row(
    'os-vol-tenant-attr',
    'VolumeTenantAttribute',
    '2011-11-03T00:00:00+00:00',
    'Expose the internal project_id as an attribute of a volume.',
    at(volumes),
  ),
  row(
    'os-volume-actions',
    'VolumeActions',
    '2012-05-31T00:00:00+00:00',
    'Enable volume actions.',
    action(volumes, 'os-reserve'),
  ),
  row(
    'os-volume-encryption-metadata',
    'VolumeEncryptionMetadata',
    '2013-07-10T00:00:00+00:00',
    'Volume encryption metadata retrieval support.',
    at('/v3/volumes/{volume_id}/encryption'),
  ),
  row(
    'os-volume-manage',
    'VolumeManage',
    '2014-02-10T00:00:00+00:00',
    'Allows existing backend storage to be managed by the service.',
    at('/v3/os-volume-manage'),
  ),
  row(
    'os-volume-transfer',
    'VolumeTransfer',
    '2013-05-29T00:00:00+00:00',
    'Volume transfer management support.',
    at('/v3/os-volume-transfer'),
  ),
  row(
    'os-volume-type-access',
    'VolumeTypeAccess',
    '2014-06-26T00:00:00Z',
    'Volume type access support.',
    at('/v3/types/{type_id}/os-volume-type-access'),
  ),
  row(
    'os-volume-unmanage',
    'VolumeUnmanage',
    '2012-05-31T00:00:00+00:00',
    'Enable volume unmanage operation.',
    action(volumes, 'os-unmanage'),
  ),
  row('qos-specs', 'Qos_specs_manage', '2013-08-02T00:00:00+00:00', 'QoS specs support.', at('/v3/qos-specs')),
  row(
    'scheduler-stats',
    'Scheduler_stats',
    '2014-09-07T00:00:00+00:00',
    'Scheduler stats support.',
    at('/v3/scheduler-stats'),
  ),
];

function viewExtension({ alias, name, description, updated }: Extension): object {
  return { alias, name, description, updated, links: [] };
}

/** `served`: all other routes of the API. */
export function extensionRoutes(served: readonly Route[]): Route[] {
  const present = extensions.filter(({ needs }) => served.some(needs));
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/extensions',
      operationId: 'listExtensions',
      policy: 'extension:list',
      success: 200,
      handler: () => ({ body: { extensions: present.map(viewExtension) } }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/extensions/{alias}',
      operationId: 'showExtension',
      policy: 'extension:list',
      success: 200,
      handler(_context, { param }) {
        const found = present.find(({ alias }) => alias === param('alias'));
        if (found === undefined) {
          throw new ServiceError(
            'not_found',
            `Extension with alias ${param('alias').slice(0, 64)} could not be found.`,
          );
        }
        return { body: { extension: viewExtension(found) } };
      },
    }),
  ];
}
