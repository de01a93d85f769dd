// Boot images, from a file and back to one. The program `true` is a file that every machine has; it is no container, so it is a raw disk.
import type { Track } from './typed-command.js';

export const images: Track = {
  title: 'boot images',
  commands: [
    {
      line: 'openstack image create --disk-format raw --container-format bare --file /bin/true --property os_distro=none --tag small tiny -f json',
      fields: { name: 'tiny', status: /active|queued|saving/ },
    },
    {
      line: 'openstack image show tiny -f json',
      fields: { status: 'active', disk_format: 'raw' },
      soon: true,
      keeps: { tiny: 'id' },
    },
    { line: 'openstack image list -f json', has: { Name: 'tiny', Status: 'active' } },
    { line: 'openstack image list --name nothing -f json', rows: 0 },
    { line: 'openstack image set --name smaller --property colour=red --tag other {tiny}' },
    { line: 'openstack image show smaller -f json', fields: { properties: /red/ } },
    { line: 'openstack image unset --property colour --tag other smaller' },
    { line: 'openstack image set --public smaller', as: 'ann', fails: /403|[Nn]o .*found|not authorized/ },
    { line: 'openstack image set --deactivate smaller' },
    { line: 'openstack image show smaller -f json', fields: { status: 'deactivated' } },
    { line: 'openstack image set --activate smaller' },
    { line: 'openstack image save --file /dev/null smaller' },
    { line: 'openstack image set --protected smaller' },
    { line: 'openstack image delete smaller', fails: /protected/ },
    { line: 'openstack image set --unprotected smaller' },
    { line: 'openstack image delete smaller' },
    { line: 'openstack image list -f json', lacks: { Name: 'smaller' } },
  ],
};
