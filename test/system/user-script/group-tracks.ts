// Consistency groups as Debian's clients know them, and a volume that moves while a server has it.
import type { Track } from './typed-command.js';

export const consistencyGroups: Track = {
  title: 'consistency groups',
  commands: [
    { line: 'openstack volume type create together' },
    { line: 'openstack consistency group create --volume-type together shelf', text: /shelf/ },
    { line: 'openstack consistency group create --volume-type no-such-type nil', fails: /no-such-type/ },
    { line: 'openstack consistency group list -f json', has: { Name: 'shelf', Status: 'available' } },
    { line: 'openstack volume create --size 1 --type together book', until: ['volume', 'book', 'available'] },
    { line: 'openstack consistency group add volume shelf book' },
    { line: 'openstack consistency group set --name rack --description wide shelf' },
    { line: 'openstack consistency group show rack -f json', fields: { name: 'rack', description: 'wide' } },
    { line: 'cinder consisgroup-list', has: { Name: 'rack', Status: 'available' } },
    { line: 'openstack consistency group snapshot create --consistency-group rack monday', text: /monday/ },
    {
      line: 'openstack consistency group snapshot show monday -f json',
      fields: { name: 'monday', status: 'available' },
      soon: true,
    },
    { line: 'cinder cgsnapshot-list', has: { Name: 'monday' } },
    // The group is made; python-openstackclient 6.0.0 fails when it prints the answer.
    {
      line: 'openstack consistency group create --consistency-group-snapshot monday copy',
      fails: /'DictWithMeta' object has no attribute '_info'/,
    },
    { line: 'openstack consistency group show copy -f json', fields: { status: 'available' }, soon: true },
    { line: 'openstack consistency group delete copy', fails: /1 of 1 consistency groups failed to delete/ },
    { line: 'openstack consistency group delete --force copy' },
    { line: 'openstack consistency group list -f json', lacks: { Name: 'copy' }, soon: true },
    { line: 'openstack consistency group snapshot delete monday' },
    { line: 'openstack consistency group snapshot list -f json', lacks: { Name: 'monday' }, soon: true },
    { line: 'openstack consistency group remove volume rack book' },
    { line: 'cinder consisgroup-delete rack' },
    { line: 'openstack consistency group list -f json', lacks: { Name: 'rack' }, soon: true },
    { line: 'openstack volume delete book', until: ['volume', 'book', 'gone'] },
    { line: 'openstack volume type delete together' },
  ],
};

export const movesInUse: Track = {
  title: 'moves of a volume that a server has',
  commands: [
    { line: 'openstack volume type create --property volume_backend_name=gluster left' },
    { line: 'openstack volume type create --property volume_backend_name=gluster2 right' },
    { line: 'openstack volume create --size 1 --bootable helm', until: ['volume', 'helm', 'available'] },
    { line: 'openstack volume create --size 1 --type left cargo', until: ['volume', 'cargo', 'available'] },
    { line: 'openstack server create --volume helm --flavor m1.tiny --wait ship', text: /ACTIVE/ },
    { line: 'openstack server add volume ship cargo', until: ['volume', 'cargo', 'in-use'] },
    {
      line: 'openstack volume snapshot create --force --volume cargo crate',
      until: ['snapshot', 'crate', 'available'],
    },
    { line: 'openstack volume set --type right --retype-policy on-demand cargo' },
    {
      line: 'openstack volume show cargo -f json',
      fields: { status: 'in-use', type: 'right', migration_status: 'success', 'os-vol-host-attr:host': '{pool2}' },
      soon: true,
    },
    { line: 'openstack volume migrate --host {pool} cargo', fails: /HTTP 400/ },
    { line: 'openstack volume snapshot delete crate', until: ['snapshot', 'crate', 'gone'] },
    { line: 'openstack server show ship -f json', fields: { status: 'ACTIVE' } },
    { line: 'openstack server delete --wait ship', until: ['volume', 'cargo', 'available'] },
    { line: 'openstack volume delete cargo helm', until: ['volume', 'helm', 'gone'] },
    { line: 'openstack volume type delete left right' },
  ],
};
