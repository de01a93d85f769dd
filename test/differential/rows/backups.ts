// Backups: everything that is answered before a backup service has to do something. Beside neither side runs one with a store.
import type { Row } from '../row.js';

type More = Partial<Row>;
const admin: More = { as: 'admin' };
const at = (version: string, more: More = {}): More => ({ version, ...more });

const ask = (name: string, method: string, path: string, body?: unknown, more: More = {}): Row => ({
  name: `backup: ${name}`,
  method,
  path: `/v3${path}`,
  ...(body === undefined ? {} : { body }),
  ...more,
});
const create = (name: string, backup: unknown, more: More = {}): Row =>
  ask(`create ${name}`, 'POST', '/backups', { backup }, more);
const restore = (name: string, wish: unknown, more: More = {}): Row =>
  ask(`restore ${name}`, 'POST', '/backups/{missing}/restore', { restore: wish }, more);
const record = (name: string, backupRecord: unknown, more: More = admin): Row =>
  ask(`import ${name}`, 'POST', '/backups/import_record', { 'backup-record': backupRecord }, more);
const put = (name: string, backup: unknown, more: More = at('3.9')): Row =>
  ask(`update ${name}`, 'PUT', '/backups/{missing}', { backup }, more);
const act = (name: string, action: unknown, more: More = admin): Row =>
  ask(name, 'POST', '/backups/{missing}/action', action, more);

export const backupRows: readonly Row[] = [
  ask('list', 'GET', '/backups'),
  ask('list detail', 'GET', '/backups/detail'),
  ask('list as reader', 'GET', '/backups', undefined, { as: 'reader' }),
  ask('list page', 'GET', '/backups?limit=1'),
  ask('list limit odd', 'GET', '/backups?limit=x'),
  ask('list sorted', 'GET', '/backups?sort=name:asc'),
  ask('list sorted oddly', 'GET', '/backups?sort=colour'),
  ask('list marker missing', 'GET', '/backups?marker={missing}'),
  ask('list by name', 'GET', '/backups?name=x'),
  ask('list by colour', 'GET', '/backups?colour=red', undefined, at('3.31')),
  ask('list like', 'GET', '/backups?name~=x', undefined, at('3.34')),
  ask('list with count', 'GET', '/backups?with_count=true', undefined, at('3.45')),
  ask('list of all projects', 'GET', '/backups?all_tenants=1', undefined, admin),
  ask('show missing', 'GET', '/backups/{missing}'),
  ask('show nonsense', 'GET', '/backups/nonsense'),
  create('without a volume', {}),
  create('of nonsense', { volume_id: 'x' }),
  create('of a missing volume', { volume_id: '{missing}' }),
  create('of a missing snapshot', { volume_id: '{vol}', snapshot_id: '{missing}' }),
  create('of another project', { volume_id: '{vol}' }, { as: 'bob' }),
  create('as reader', { volume_id: '{vol}' }, { as: 'reader' }),
  create('odd key', { volume_id: '{vol}', colour: 'red' }),
  create('odd word', { volume_id: '{vol}', incremental: 'perhaps' }),
  create('name too long', { volume_id: '{vol}', name: 'x'.repeat(256) }),
  create('container too long', { volume_id: '{vol}', container: 'x'.repeat(256) }),
  create('metadata below 3.43', { volume_id: '{vol}', metadata: { a: 'b' } }, at('3.42')),
  create('metadata odd', { volume_id: '{vol}', metadata: { a: 1 } }, at('3.43')),
  create('zone below 3.51', { volume_id: '{vol}', availability_zone: 'nova' }, at('3.50')),
  ask('create nothing', 'POST', '/backups', {}),
  restore('missing', {}),
  restore('into a volume', { volume_id: '{vol}' }),
  restore('into nonsense', { volume_id: 'x' }),
  restore('odd key', { colour: 'red' }),
  restore('name too long', { name: 'x'.repeat(256) }),
  restore('as reader', {}, { as: 'reader' }),
  ask('restore nothing', 'POST', '/backups/{missing}/restore', {}),
  ask('delete missing', 'DELETE', '/backups/{missing}'),
  ask('delete as reader', 'DELETE', '/backups/{missing}', undefined, { as: 'reader' }),
  put('below 3.9', { name: 'x' }, at('3.8')),
  put('missing', { name: 'x' }),
  put('nothing', {}),
  put('odd key', { colour: 'red' }),
  put('name too long', { name: 'x'.repeat(256) }),
  put('metadata at 3.43', { metadata: { a: 'b' } }, at('3.43')),
  ask('export as member', 'GET', '/backups/{missing}/export_record'),
  ask('export missing', 'GET', '/backups/{missing}/export_record', undefined, admin),
  record('as member', { backup_service: 's', backup_url: 'u' }, {}),
  record('without a service', { backup_url: 'u' }),
  record('without a URL', { backup_service: 's' }),
  record('blank', { backup_service: '', backup_url: '' }),
  record('odd key', { backup_service: 's', backup_url: 'u', colour: 'red' }),
  record('nonsense', { backup_service: 's', backup_url: 'nonsense' }),
  ask('import nothing', 'POST', '/backups/import_record', {}, admin),
  act('reset as member', { 'os-reset_status': { status: 'available' } }, {}),
  act('reset missing', { 'os-reset_status': { status: 'available' } }),
  act('reset odd', { 'os-reset_status': { status: 'x' } }),
  act('reset nothing', { 'os-reset_status': {} }),
  act('force delete as member', { 'os-force_delete': {} }, {}),
  act('force delete missing', { 'os-force_delete': {} }),
  act('unknown action', { 'os-nothing': {} }),
  ask('volume of a missing one', 'POST', '/volumes', { volume: { size: 1, backup_id: '{missing}' } }, at('3.47')),
  ask('volume below 3.47', 'POST', '/volumes', { volume: { size: 1, backup_id: '{missing}' } }, at('3.46')),
];
