// What an operator does to running services. It changes what everybody's requests meet, so nothing else is typed meanwhile.
import type { Track } from './typed-command.js';

const newest = 'cinder --os-volume-api-version 3.70';

export const operator: Track = {
  title: 'services',
  commands: [
    { line: 'openstack volume service set --disable --disable-reason maintenance {host}@gluster2 cinder-volume' },
    {
      line: 'openstack volume service list --long -f json',
      has: { Host: '{host}@gluster2', Status: 'disabled', 'Disabled Reason': 'maintenance' },
    },
    { line: 'openstack volume service set --enable {host}@gluster2 cinder-volume' },
    { line: 'openstack volume service set --disable nowhere cinder-volume', fails: /HTTP 404/ },
    {
      line: 'openstack volume service list --service cinder-volume --host {host}@gluster2 -f json',
      has: { Status: 'enabled' },
      rows: 1,
    },
    {
      line: 'cinder service-disable {host}@gluster cinder-volume --reason tired',
      has: { Host: '{host}@gluster', Status: 'disabled' },
    },
    { line: 'cinder service-list --host {host}@gluster', has: { Status: 'disabled', 'Disabled Reason': 'tired' } },
    { line: 'cinder service-enable {host}@gluster cinder-volume', has: { Status: 'enabled' } },
    { line: 'openstack volume host set --disable {host}@gluster' },
    { line: 'cinder service-list --host {host}@gluster', has: { Status: 'disabled', 'Disabled Reason': 'frozen' } },
    { line: 'openstack volume host set --enable {host}@gluster' },
    { line: 'openstack volume host set --disable nowhere', fails: /HTTP 400/ },
    { line: 'cinder freeze-host {host}@gluster' },
    { line: 'cinder thaw-host {host}@gluster' },
    { line: 'cinder failover-host {host}@gluster', fails: /must be enabled or failed-over.*HTTP 400/ },
    { line: 'cinder freeze-host {host}@gluster', as: 'ann', fails: /HTTP 403/ },
    { line: `${newest} service-set-log --binary cinder-api debug` },
    {
      line: `${newest} service-get-log --binary cinder-api`,
      has: { Binary: 'cinder-api', Level: 'DEBUG' },
      soon: true,
    },
    { line: `${newest} service-set-log --binary cinder-api info` },
    { line: `${newest} service-set-log loud`, fails: /HTTP 400|loud/ },
    { line: `${newest} work-cleanup --host {host}@gluster`, text: /^/ },
    {
      line: 'openstack volume service list -f json',
      has: [
        { Host: '{host}@gluster', Status: 'enabled' },
        { Host: '{host}@gluster2', Status: 'enabled' },
      ],
    },
  ],
};

export const nothingLeft: Track = {
  title: 'nothing is left',
  commands: [
    { line: 'openstack volume list --all-projects -f json', rows: 0 },
    { line: 'openstack volume snapshot list --all-projects -f json', rows: 0 },
    { line: 'openstack server list --all-projects -f json', rows: 0 },
    { line: 'openstack volume qos list -f json', rows: 0 },
    { line: 'openstack volume transfer request list --all-projects -f json', rows: 0 },
    { line: `${newest} attachment-list --all-tenants`, rows: 0 },
    { line: 'openstack volume type list -f json', has: { Name: '__DEFAULT__' }, rows: 1 },
  ],
};
