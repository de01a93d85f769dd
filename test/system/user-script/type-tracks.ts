// Volume types, their QoS specifications and encryption, and who may use a private one.
import type { Track } from './typed-command.js';

const newest = 'cinder --os-volume-api-version 3.70';

export const types: Track = {
  title: 'volume types',
  commands: [
    {
      line: 'openstack volume type create --private --description quick --property volume_backend_name=gluster --project crew fast -f json',
      fields: { name: 'fast', is_public: false },
      keeps: { fast: 'id' },
    },
    { line: 'openstack volume type create fast', fails: /HTTP 409/ },
    {
      line: 'openstack volume type list --long --private -f json',
      has: { Name: 'fast', Properties: { volume_backend_name: 'gluster' } },
    },
    { line: 'openstack volume type list -f json', as: 'ann', has: { Name: 'fast' } },
    {
      line: 'openstack volume type show fast -f json',
      fields: { id: '{fast}', access_project_ids: /{crew}|[0-9a-f]{32}/ },
    },
    { line: 'openstack volume type unset --project crew fast' },
    { line: 'openstack volume type list -f json', as: 'ann', lacks: { Name: 'fast' } },
    { line: 'openstack volume type set --project crew --property dull=yes --description quicker fast' },
    { line: 'openstack volume type unset --property dull fast' },
    {
      line: 'openstack volume type show fast -f json',
      fields: { description: 'quicker', properties: { volume_backend_name: 'gluster' } },
    },
    { line: 'openstack volume type set --property a=b fast', as: 'ann', fails: /HTTP 403/ },
    {
      line: 'openstack volume create --type fast --size 1 typed -f json',
      as: 'ann',
      fields: { type: 'fast' },
      until: ['volume', 'typed', 'available'],
    },
    { line: 'openstack volume type delete fast', fails: /1 of 1 volume types failed to delete/ },
    { line: 'openstack volume type set --property a=b fast', fails: /in use|HTTP 400|failed/i },
    { line: 'openstack volume delete typed', as: 'ann', until: ['volume', 'typed', 'gone'] },
    { line: 'openstack volume type delete fast' },
    {
      line: 'openstack volume type create --encryption-provider luks --encryption-cipher aes-xts-plain64 --encryption-key-size 256 --encryption-control-location front-end secret -f json',
      fields: { name: 'secret', encryption: /luks/ },
    },
    {
      line: 'openstack volume type list --encryption-type -f json',
      has: { Name: 'secret', Encryption: /aes-xts-plain64/ },
    },
    { line: 'openstack volume type set --encryption-key-size 512 secret' },
    { line: 'openstack volume type show --encryption-type secret -f json', fields: { encryption: /512/ } },
    { line: 'openstack volume type unset --encryption-type secret' },
    { line: 'openstack volume type delete secret' },
    { line: 'openstack volume type list -f json', lacks: { Name: 'secret' } },
  ],
};

export const typesWithCinder: Track = {
  title: 'volume types with cinder',
  commands: [
    { line: 'cinder type-create --is-public False slow', has: { Name: 'slow', Is_Public: 'False' } },
    { line: 'cinder type-key slow set volume_backend_name=gluster2 note=old' },
    { line: 'cinder type-key slow unset note' },
    { line: 'cinder extra-specs-list', has: { Name: 'slow', extra_specs: "{'volume_backend_name': 'gluster2'}" } },
    { line: 'cinder type-show slow', fields: { name: 'slow', is_public: 'False' }, keeps: { slow: 'id' } },
    { line: `${newest} type-list --filters is_public=False`, has: { Name: 'slow' } },
    { line: 'cinder type-access-add --volume-type slow --project-id {crew}' },
    { line: 'cinder type-access-add --volume-type slow --project-id {crew}', fails: /HTTP 409/ },
    { line: 'cinder type-access-list --volume-type slow', has: { Project_ID: '{crew}' }, rows: 1 },
    { line: 'cinder type-access-remove --volume-type slow --project-id {crew}' },
    {
      line: 'cinder type-update --name slower --description calm {slow}',
      has: { Name: 'slower', Description: 'calm' },
    },
    {
      line: 'cinder encryption-type-create --cipher aes-xts-plain64 --key-size 256 --control-location front-end slower luks',
      has: { Provider: 'luks' },
    },
    { line: 'cinder encryption-type-show slower', has: { Cipher: 'aes-xts-plain64' } },
    { line: 'cinder encryption-type-list', has: { Provider: 'luks' } },
    { line: 'cinder encryption-type-delete slower' },
    { line: 'cinder type-update --is-public True {slow}', has: { Is_Public: 'True' } },
    { line: `${newest} default-type-set slower {crew}`, fields: { project_id: '{crew}' } },
    { line: `${newest} default-type-list --project-id {crew}`, fields: { project_id: '{crew}' } },
    { line: 'cinder type-default', as: 'ann', text: /\|/ },
    {
      line: 'openstack volume create --size 1 preset -f json',
      as: 'ann',
      fields: { type: 'slower' },
      until: ['volume', 'preset', 'available'],
    },
    { line: 'openstack volume show preset -f json', as: 'ann', fields: { type: 'slower', status: 'available' } },
    { line: 'openstack volume delete preset', as: 'ann', until: ['volume', 'preset', 'gone'] },
    { line: `${newest} default-type-unset {crew}` },
    { line: 'cinder type-delete slower' },
    { line: 'cinder type-delete slower', fails: /Unable to delete|No volumetype|No volume type/i },
  ],
};

export const qualities: Track = {
  title: 'QoS specifications',
  commands: [
    { line: 'openstack volume type create bronze' },
    {
      line: 'openstack volume qos create --consumer front-end --property total_iops_sec=500 limited -f json',
      fields: { name: 'limited', consumer: 'front-end', properties: { total_iops_sec: '500' } },
    },
    { line: 'openstack volume qos create limited', fails: /HTTP 409/ },
    { line: 'openstack volume qos associate limited bronze' },
    {
      line: 'openstack volume qos list -f json',
      has: { Name: 'limited', Consumer: 'front-end', Associations: ['bronze'] },
    },
    { line: 'openstack volume qos set --property total_bytes_sec=1000 limited' },
    {
      line: 'openstack volume qos show limited -f json',
      fields: { properties: { total_iops_sec: '500', total_bytes_sec: '1000' } },
    },
    { line: 'openstack volume qos unset --property total_bytes_sec limited' },
    { line: 'openstack volume qos delete limited', fails: /1 of 1 QoS specifications failed to delete/ },
    { line: 'openstack volume qos disassociate --volume-type bronze limited' },
    { line: 'openstack volume qos delete limited' },
    {
      line: 'cinder qos-create fine consumer=back-end grade=a',
      fields: { name: 'fine', consumer: 'back-end' },
      keeps: { fine: 'id' },
    },
    { line: 'cinder qos-key {fine} set grade=b size=l' },
    { line: 'cinder qos-key {fine} unset size' },
    { line: 'cinder qos-show {fine}', fields: { specs: /grade : b|'grade': 'b'/ } },
    { line: 'cinder qos-list', has: { Name: 'fine', Consumer: 'back-end' } },
    { line: 'openstack volume type show bronze -f json', keeps: { bronze: 'id' } },
    { line: 'cinder qos-associate {fine} {bronze}' },
    { line: 'cinder qos-get-association {fine}', has: { Name: 'bronze' }, rows: 1 },
    { line: 'cinder qos-disassociate {fine} {bronze}' },
    { line: 'cinder qos-disassociate-all {fine}' },
    { line: 'cinder qos-delete {fine}' },
    { line: 'openstack volume type delete bronze' },
  ],
};
