// Identity: a project, a user with a role, the user's application credential, and what each of them may do.
import type { Track } from './typed-command.js';

export const comePeople: Track = {
  title: 'a project and a member',
  commands: [
    {
      line: 'openstack project create --description crew crew -f json',
      fields: { name: 'crew', enabled: true },
      keeps: { crew: 'id' },
    },
    { line: 'openstack project create crew', fails: /HTTP 409/ },
    { line: 'openstack project show crew -f json', fields: { id: '{crew}', domain_id: 'default' } },
    { line: 'openstack user create --password pw --project crew ann -f json', fields: { name: 'ann' } },
    { line: 'openstack role add --user ann --project crew member' },
    { line: 'openstack role add --user ann --project crew no-such-role', fails: /No role .*no-such-role/ },
    {
      line: 'openstack role assignment list --user ann --names -f json',
      has: { Role: 'member', Project: 'crew@Default' },
      rows: 1,
    },
    { line: 'openstack token issue -f json', as: 'ann', fields: { id: /^[\w-]{43}$/, project_id: '{crew}' } },
    { line: 'openstack --os-password wrong token issue', as: 'ann', fails: /requires authentication.*HTTP 401/ },
    {
      line: 'openstack catalog list -f json',
      as: 'ann',
      has: [{ Type: 'volumev3' }, { Type: 'compute' }, { Type: 'identity' }],
    },
    { line: 'openstack volume list -f json', as: 'ann', rows: 0 },
    { line: 'openstack user list', as: 'ann', fails: /HTTP 403/ },
    { line: 'openstack volume service list', as: 'ann', fails: /HTTP 403/ },
    { line: 'cinder --os-volume-api-version 3.70 get-pools', as: 'ann', fails: /HTTP 403/ },
    {
      line: 'openstack application credential create --secret robots-own-secret --role member robot -f json',
      as: 'ann',
      fields: { name: 'robot', roles: 'member', project_id: '{crew}' },
    },
    { line: 'openstack application credential list -f json', as: 'ann', has: { Name: 'robot' }, rows: 1 },
    { line: 'openstack token issue -f json', as: 'robot', fields: { project_id: '{crew}' } },
    { line: 'openstack volume list -f json', as: 'robot', rows: 0 },
    { line: 'openstack user list', as: 'robot', fails: /HTTP 403/ },
  ],
};

export const goPeople: Track = {
  title: 'the people leave',
  commands: [
    { line: 'openstack application credential delete robot', as: 'ann' },
    { line: 'openstack volume list', as: 'robot', fails: /HTTP 401/ },
    { line: 'openstack user set --disable ann' },
    { line: 'openstack volume list', as: 'ann', fails: /HTTP 401/ },
    { line: 'openstack user delete ann' },
    { line: 'openstack project delete crew' },
    { line: 'openstack project list -f json', lacks: { Name: 'crew' } },
  ],
};
