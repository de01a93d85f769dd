// Backups as Debian's clients know them: full, incremental, restored, and their records exported and imported again.
import type { Track } from './typed-command.js';

const withProperties = 'openstack --os-volume-api-version 3.43';

export const backups: Track = {
  title: 'backups',
  commands: [
    {
      line: 'openstack volume create --size 1 diary -f json',
      keeps: { diary: 'id' },
      until: ['volume', 'diary', 'available'],
    },
    { line: 'openstack volume backup list -f json', lacks: { Name: 'sunday' } },
    {
      line: 'openstack volume backup create --name sunday --description full diary -f json',
      keeps: { sunday: 'id' },
      until: ['backup', 'sunday', 'available'],
    },
    {
      line: 'openstack volume backup show sunday -f json',
      fields: { id: '{sunday}', volume_id: '{diary}', status: 'available', size: 1, is_incremental: false },
    },
    {
      line: 'openstack volume backup create --incremental --name monday diary -f json',
      keeps: { monday: 'id' },
      until: ['backup', 'monday', 'available'],
    },
    {
      line: 'openstack volume backup show monday -f json',
      fields: { id: '{monday}', is_incremental: true, has_dependent_backups: false },
    },
    { line: 'openstack volume backup show {sunday} -f json', fields: { has_dependent_backups: true } },
    { line: 'openstack volume backup list --volume diary -f json', rows: 2 },
    { line: 'openstack volume backup list --long -f json', has: { Name: 'monday', Volume: '{diary}', Size: 1 } },
    { line: 'openstack volume backup list --name nothing -f json', rows: 0 },
    { line: 'openstack volume backup list --status available --limit 1 -f json', rows: 1 },
    { line: `${withProperties} volume backup set --name tuesday --property who=me monday` },
    { line: `${withProperties} volume backup show tuesday -f json`, fields: { metadata: { who: 'me' } } },
    { line: `${withProperties} volume backup unset --property who tuesday` },
    { line: 'openstack volume backup set --state error tuesday', until: ['backup', 'tuesday', 'error'] },
    { line: 'openstack volume backup set --state available tuesday', until: ['backup', 'tuesday', 'available'] },
    { line: 'openstack volume backup delete sunday', fails: /1 of 1 backups failed to delete/ },
    // Somebody else sees none of it.
    { line: 'openstack volume backup show {sunday}', as: 'ann', fails: /No .*backup/i },
    { line: 'openstack volume backup restore tuesday diary', fails: /already exists/ },
    // The restore is under way; python-openstackclient 6.0.0 fails when it prints the answer.
    {
      line: 'openstack volume backup restore --force tuesday diary',
      fails: /not iterable|cannot unpack/,
      until: ['volume', 'diary', 'available'],
    },
    { line: 'openstack volume backup show tuesday -f json', fields: { status: 'available' }, soon: true },
    { line: 'cinder backup-restore --name copybook {sunday}', until: ['volume', 'copybook', 'available'] },
    { line: 'openstack volume show copybook -f json', fields: { size: 1 } },
    { line: 'cinder backup-restore nothing', fails: /No .*backup/i },
    { line: 'cinder backup-show sunday', fields: { id: '{sunday}', status: 'available' } },
    { line: 'cinder backup-list --name tuesday', has: { ID: '{monday}', Size: '1' }, rows: 1 },
    {
      line: 'openstack volume snapshot create --volume diary page',
      until: ['snapshot', 'page', 'available'],
    },
    {
      line: 'openstack volume backup create --snapshot page --name leaf diary',
      until: ['backup', 'leaf', 'available'],
    },
    { line: 'openstack volume backup delete leaf', until: ['backup', 'leaf', 'gone'] },
    { line: 'openstack volume snapshot delete page', until: ['snapshot', 'page', 'gone'] },
    { line: 'openstack volume backup record export tuesday', as: 'ann', fails: /No .*backup|403/i },
    {
      line: 'openstack volume backup record export sunday -f json',
      keeps: { service: 'backup_service', record: 'backup_url' },
    },
    { line: 'openstack volume backup record import {service} {record}', fails: /HTTP 400|already/ },
    { line: 'openstack volume backup record import {service} nonsense', fails: /HTTP 400/ },
    { line: 'openstack volume backup delete tuesday', until: ['backup', 'tuesday', 'gone'] },
    { line: 'openstack volume backup delete sunday', until: ['backup', 'sunday', 'gone'] },
    { line: 'openstack volume backup create --name nil no-such-volume', fails: /No volume with a name or ID/ },
    { line: 'openstack volume delete diary copybook', until: ['volume', 'copybook', 'gone'] },
    { line: 'openstack volume backup list -f json', rows: 0 },
  ],
};
