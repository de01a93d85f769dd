// What a fresh installation shows of itself, before anybody has made anything. Only reads.
import type { Track } from './typed-command.js';

const newest = 'cinder --os-volume-api-version 3.70';

export const lookAround: Track = {
  title: 'looking around with openstack',
  commands: [
    { line: 'openstack project list -f json', has: [{ Name: 'admin' }, { Name: 'demo' }, { Name: 'service' }] },
    { line: 'openstack flavor list -f json', has: { Name: 'm1.tiny' } },
    {
      line: 'openstack availability zone list --volume -f json',
      has: { 'Zone Name': 'nova', 'Zone Status': 'available' },
    },
    {
      line: 'openstack volume service list --long -f json',
      has: { Binary: 'cinder-volume', Host: '{host}@gluster', Status: 'enabled', State: 'up', 'Disabled Reason': null },
    },
    { line: 'openstack volume type list --default -f json', has: { Name: '__DEFAULT__' }, rows: 1 },
    { line: 'openstack limits show --absolute -f json', has: { Name: 'maxTotalVolumes', Value: 10 } },
    { line: 'openstack limits show --rate -f json', rows: 0 },
    {
      line: 'openstack --os-volume-api-version 3.70 block storage resource filter list -f json',
      has: { Resource: 'volume', Filters: /status/ },
    },
    { line: 'openstack --os-volume-api-version 3.70 block storage cluster list -f json', rows: 0 },
    { line: 'openstack extension list --volume -f json', has: { Alias: 'os-extended-snapshot-attributes' } },
    { line: 'openstack versions show --service block-storage -f json', has: { Version: '3.0', Status: 'CURRENT' } },
    { line: 'openstack volume show nothing', fails: /No volume with a name or ID of 'nothing' exists/ },
    { line: 'openstack volume snapshot show nothing', fails: /No snapshot with a name or ID of 'nothing' exists/i },
    { line: 'openstack volume type show nothing', fails: /No volumetype with a name or ID of 'nothing' exists/i },
    { line: 'openstack volume qos show nothing', fails: /No qos.* with a name or ID of 'nothing' exists/i },
  ],
};

export const lookAroundWithCinder: Track = {
  title: 'looking around with cinder',
  commands: [
    { line: 'cinder api-version', has: { Status: 'CURRENT', Version: '3.71', Min_version: '3.0' } },
    { line: 'cinder version-list', text: /Maximum version 3\.70[\s\S]*3\.71/ },
    { line: 'cinder list', rows: 0 },
    { line: `${newest} list --all-tenants`, rows: 0 },
    { line: 'cinder --os-volume-api-version 3.71 list', rows: 0 },
    { line: 'cinder --os-volume-api-version 3.999 list', text: /ID/ },
    { line: 'cinder service-list', has: { Binary: 'cinder-scheduler', State: 'up' } },
    {
      line: `${newest} service-list --withreplication`,
      has: { Host: '{host}@gluster', 'Replication Status': 'disabled' },
    },
    { line: 'cinder get-pools', has: { Property: 'name', Value: '{pool}' } },
    { line: `${newest} get-pools --detail`, has: [{ Property: 'backend_state', Value: 'up' }, { Value: '{pool2}' }] },
    { line: `${newest} get-pools --filters name={pool2}`, fields: { name: '{pool2}' }, lacks: { Value: '{pool}' } },
    {
      line: 'cinder get-capabilities {host}@gluster',
      fields: { storage_protocol: 'glusterfs', volume_backend_name: 'gluster' },
    },
    { line: 'cinder get-capabilities {host}@nowhere', fails: /HTTP 404/ },
    { line: 'cinder rate-limits', rows: 0 },
    { line: 'cinder absolute-limits', has: { Name: 'maxTotalVolumes', Value: '10' } },
    { line: 'cinder availability-zone-list', has: { Name: 'nova', Status: 'available' } },
    { line: 'cinder type-list', has: { Name: '__DEFAULT__' } },
    { line: 'cinder type-default', has: { Name: '__DEFAULT__' }, rows: 1 },
    { line: 'cinder extra-specs-list', has: { Name: '__DEFAULT__' } },
    { line: 'cinder list-extensions', has: { Alias: 'os-volume-transfer' } },
    { line: `${newest} list-filters --resource volume`, has: { Resource: 'volume', Filters: /metadata/ } },
    { line: `${newest} summary`, text: /0/ },
    { line: `${newest} default-type-list`, rows: 0 },
    { line: `${newest} cluster-list`, rows: 0 },
    { line: `${newest} service-get-log`, has: { Binary: 'cinder-api', Level: 'INFO' } },
    { line: 'cinder quota-class-show default', fields: { volumes: '10', gigabytes: '1000' } },
    { line: 'cinder show nothing', fails: /No volume with a name or ID of 'nothing' exists/ },
  ],
};
