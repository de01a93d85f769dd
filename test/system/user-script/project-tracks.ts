// What belongs to projects: quotas, and volumes that change hands; and the messages that tell users why something came to nothing.
import type { Track } from './typed-command.js';

const newest = 'cinder --os-volume-api-version 3.70';

export const transfers: Track = {
  title: 'transfers',
  commands: [
    {
      line: 'openstack volume create --size 1 gift -f json',
      keeps: { gift: 'id' },
      until: ['volume', 'gift', 'available'],
    },
    {
      line: 'openstack volume transfer request create --name offer gift -f json',
      fields: { name: 'offer', volume_id: '{gift}' },
      keeps: { offer: 'id', key: 'auth_key' },
    },
    { line: 'openstack volume show gift -f json', fields: { status: 'awaiting-transfer' } },
    { line: 'openstack volume transfer request list -f json', has: { ID: '{offer}', Name: 'offer', Volume: '{gift}' } },
    { line: 'openstack volume transfer request list --all-projects -f json', has: { ID: '{offer}' } },
    { line: 'openstack volume transfer request show {offer} -f json', fields: { volume_id: '{gift}' } },
    { line: 'openstack volume delete gift', fails: /1 of 1 volumes failed to delete/ },
    {
      line: 'openstack volume transfer request accept --auth-key wrong {offer}',
      as: 'ann',
      fails: /HTTP 400|transfer/i,
    },
    { line: 'openstack volume transfer request delete offer', until: ['volume', 'gift', 'available'] },
    {
      line: `${newest} transfer-create --name again gift`,
      fields: { name: 'again' },
      keeps: { again: 'id', againKey: 'auth_key' },
    },
    { line: `${newest} transfer-list`, has: { ID: '{again}', 'Volume ID': '{gift}' } },
    { line: `${newest} transfer-show {again}`, fields: { volume_id: '{gift}' } },
    { line: 'cinder transfer-accept {again} {againKey}', as: 'ann', fields: { volume_id: '{gift}', id: '{again}' } },
    {
      line: 'openstack volume show {gift} -f json',
      as: 'ann',
      fields: { name: 'gift', status: 'available', 'os-vol-tenant-attr:tenant_id': '{crew}' },
    },
    { line: 'openstack volume list -f json', lacks: { ID: '{gift}' } },
    { line: 'cinder transfer-create gift', as: 'ann', keeps: { third: 'id' } },
    { line: 'cinder transfer-delete {third}', as: 'ann', until: ['volume', 'gift', 'available'] },
    { line: 'cinder transfer-show {third}', as: 'ann', fails: /No volumetransfer with a name or ID/ },
    { line: 'openstack volume delete gift', as: 'robot', until: ['volume', 'gift', 'gone'] },
  ],
};

export const quotas: Track = {
  title: 'quotas',
  commands: [
    { line: 'openstack quota show --default -f json', fields: { volumes: 10, gigabytes: 1000 } },
    { line: 'openstack project create tight -f json', keeps: { tight: 'id' } },
    { line: 'openstack quota set --volumes 3 --gigabytes 2 --snapshots 1 tight' },
    {
      line: 'openstack quota show tight -f json',
      fields: { volumes: 3, gigabytes: 2 },
    },
    { line: 'openstack quota list --volume -f json', has: { 'Project ID': '{tight}', Volumes: 3, Gigabytes: 2 } },
    {
      line: 'openstack quota list --volume --project tight -f json',
      has: { 'Project ID': '{tight}', Volumes: 3, Snapshots: 1 },
    },
    { line: 'openstack quota set --volumes 5 tight', as: 'ann', fails: /HTTP 403/ },
    { line: 'openstack role add --user admin --project tight member' },
    {
      line: 'openstack --os-project-name tight volume create --size 3 nil',
      fails: /VolumeSizeExceedsAvailableQuota|exceeds allowed gigabytes quota/,
    },
    {
      line: 'openstack --os-project-name tight volume create --size 1 within',
      until: ['volume', 'within', 'available'],
    },
    { line: 'cinder quota-usage {tight}', has: { Type: 'gigabytes', In_use: '1', Limit: '2' } },
    { line: `${newest} quota-update --gigabytes 0 {tight}`, fails: /Current usage is 1 and the requested limit is 0/ },
    { line: 'openstack --os-project-name tight volume set --size 3 within', fails: /quota/i },
    { line: 'openstack --os-project-name tight volume delete within', until: ['volume', 'within', 'gone'] },
    { line: 'cinder quota-update --volumes 4 --volume-type __DEFAULT__ {tight}', fields: { volumes___DEFAULT__: '4' } },
    { line: 'cinder quota-show {tight}', fields: { volumes___DEFAULT__: '4', gigabytes: '2' } },
    { line: 'cinder quota-update --volumes -2 {tight}', fails: /HTTP 400/ },
    { line: 'cinder quota-delete {tight}' },
    { line: 'cinder quota-show {tight}', fields: { volumes: '10' } },
    { line: 'cinder quota-defaults {tight}', fields: { gigabytes: '1000' } },
    { line: 'openstack quota set --class --per-volume-gigabytes 500 default' },
    { line: 'cinder quota-class-show default', fields: { per_volume_gigabytes: '500' } },
    { line: 'openstack volume create --size 501 nil', fails: /500/ },
    { line: 'cinder quota-class-update --per-volume-gigabytes -1 default' },
    { line: 'cinder quota-class-show default', fields: { per_volume_gigabytes: '-1' } },
    { line: 'openstack project delete tight' },
  ],
};

export const messages: Track = {
  title: 'messages',
  commands: [
    { line: 'openstack volume type create --property volume_backend_name=nowhere unplaced' },
    {
      line: 'openstack volume create --size 1 --type unplaced stranded -f json',
      keeps: { stranded: 'id' },
      until: ['volume', 'stranded', 'error'],
    },
    {
      line: `${newest} message-list --resource_uuid {stranded}`,
      rows: 1,
      has: { 'Resource Type': 'VOLUME', 'Resource UUID': '{stranded}' },
    },
    { line: `${newest} message-list --event_id VOLUME_VOLUME_001_112`, has: { 'Resource UUID': '{stranded}' } },
    {
      line: 'openstack --os-volume-api-version 3.70 volume message list -f json',
      has: { 'Resource Type': 'VOLUME', 'User Message': /Could not find any available weighted backend/ },
    },
    { line: 'cinder --os-volume-api-version 3.2 message-list', fails: /invalid choice/ },
    { line: 'openstack volume delete stranded', until: ['volume', 'stranded', 'gone'] },
    { line: 'openstack volume type delete unplaced' },
  ],
};
