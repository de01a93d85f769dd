// Groups, group types and group snapshots. A real Cinder works on groups in the background, so rows that depend on a group's status wait
// for a volume of it.
import type { Row } from '../row.js';

type More = Partial<Row>;
const at = (version: string): More => ({ version });
const admin: More = { as: 'admin' };

const ask = (name: string, method: string, path: string, body?: unknown, more: More = {}): Row => ({
  name: `group: ${name}`,
  version: '3.38',
  method,
  path: `/v3${path}`,
  ...(body === undefined ? {} : { body }),
  ...more,
});

const types = '/group_types';
const createType = (name: string, groupType: unknown, more: More = admin): Row =>
  ask(`type create ${name}`, 'POST', types, { group_type: groupType }, more);
const specs = `${types}/{gtype}/group_specs`;

const typeRows: readonly Row[] = [
  createType('good', { name: 'differing', group_specs: { a: 'b' } }, { ...admin, keep: { gtype: 'group_type.id' } }),
  createType('again', { name: 'differing' }),
  createType('blank', { name: ' ' }),
  createType('nameless', {}),
  createType('odd key', { name: 'x', colour: 'red' }),
  createType('odd visibility', { name: 'x', is_public: 'perhaps' }),
  createType('as member', { name: 'x' }, {}),
  ask('type show', 'GET', `${types}/{gtype}`, undefined, admin),
  ask('type show as member', 'GET', `${types}/{gtype}`),
  ask('type show missing', 'GET', `${types}/{missing}`),
  ask('type default', 'GET', `${types}/default`),
  ask('types below 3.11', 'GET', types, undefined, at('3.10')),
  ask('types odd visibility', 'GET', `${types}?is_public=perhaps`, undefined, admin),
  ask('type update', 'PUT', `${types}/{gtype}`, { group_type: { description: 'd' } }, admin),
  ask('type update nothing', 'PUT', `${types}/{gtype}`, { group_type: {} }, admin),
  ask('type update blank', 'PUT', `${types}/{gtype}`, { group_type: { name: ' ' } }, admin),
  ask('type update missing', 'PUT', `${types}/{missing}`, { group_type: { name: 'x' } }, admin),
  ask('specs', 'GET', specs, undefined, admin),
  ask('specs as member', 'GET', specs),
  ask('specs merge', 'POST', specs, { group_specs: { c: 'd' } }, admin),
  ask('specs merge odd', 'POST', specs, { group_specs: { 'a b': 'd' } }, admin),
  ask('specs missing type', 'GET', `${types}/{missing}/group_specs`, undefined, admin),
  ask('spec show', 'GET', `${specs}/c`, undefined, admin),
  ask('spec show missing', 'GET', `${specs}/nope`, undefined, admin),
  ask('spec set', 'PUT', `${specs}/c`, { c: 'e' }, admin),
  ask('spec set another', 'PUT', `${specs}/c`, { d: 'e' }, admin),
  ask('spec delete', 'DELETE', `${specs}/c`, undefined, admin),
  ask('spec delete missing', 'DELETE', `${specs}/c`, undefined, admin),
];

const wanted = { group_type: '{gtype}', volume_types: ['__DEFAULT__'] };
const create = (name: string, group: unknown, more: More = {}): Row =>
  ask(`create ${name}`, 'POST', '/groups', { group }, more);
const put = (name: string, group: unknown, more: More = {}): Row =>
  ask(`update ${name}`, 'PUT', '/groups/{group}', { group }, more);
const act = (name: string, action: unknown, more: More = {}): Row =>
  ask(name, 'POST', '/groups/{group}/action', action, more);
const inGroup = (name: string, volume: object, more: More = {}): Row =>
  ask(`volume ${name}`, 'POST', '/volumes', { volume: { size: 1, group_id: '{group}', ...volume } }, more);

const groupRows: readonly Row[] = [
  create('good', { name: 'g', ...wanted }, { keep: { group: 'group.id' } }),
  create('no types', { group_type: '{gtype}' }),
  create('empty types', { ...wanted, volume_types: [] }),
  create('types twice', { ...wanted, volume_types: ['__DEFAULT__', '__DEFAULT__'] }),
  create('unknown type', { ...wanted, volume_types: ['nope'] }),
  create('unknown group type', { ...wanted, group_type: 'nope' }),
  create('missing group type', { ...wanted, group_type: '{missing}' }),
  create('unknown zone', { ...wanted, availability_zone: 'moon' }),
  create('odd key', { ...wanted, colour: 'red' }),
  create('below 3.13', wanted, at('3.12')),
  create('as reader', wanted, { as: 'reader' }),
  inGroup('without type', {}),
  inGroup(
    'in it',
    { volume_type: '__DEFAULT__' },
    { keep: { gvol: 'volume.id' }, until: ['volumes', 'gvol', 'available'] },
  ),
  inGroup('in a missing one', { volume_type: '__DEFAULT__', group_id: '{missing}' }),
  ask('show', 'GET', '/groups/{group}'),
  ask('show at 3.13', 'GET', '/groups/{group}', undefined, at('3.13')),
  ask('show with volumes', 'GET', '/groups/{group}?list_volume=True'),
  ask('show as admin at 3.58', 'GET', '/groups/{group}', undefined, { ...admin, version: '3.58' }),
  ask('show as stranger', 'GET', '/groups/{group}', undefined, { as: 'bob' }),
  ask('show missing', 'GET', '/groups/{missing}'),
  ask('list', 'GET', '/groups'),
  ask('list detail', 'GET', '/groups/detail'),
  ask('list page', 'GET', '/groups?limit=1'),
  ask('list odd filter', 'GET', '/groups?colour=red'),
  put('name', { name: 'h' }),
  put('nothing', {}),
  put('the same name', { name: 'h' }),
  put('with a missing volume', { add_volumes: '{missing}' }),
  put('without a volume that is not in it', { remove_volumes: '{missing}' }),
  put('both', { add_volumes: '{gvol}', remove_volumes: '{gvol}' }),
  put('odd key', { colour: 'red' }),
  put('as stranger', { name: 'x' }, { as: 'bob' }),
  ask('volume cannot be deleted', 'DELETE', '/volumes/{gvol}'),
  ask('volume cannot be transferred', 'POST', '/os-volume-transfer', { transfer: { volume_id: '{gvol}' } }),
  act('delete with volumes inside', { delete: {} }),
  act('delete odd', { delete: { 'delete-volumes': 'perhaps' } }),
  act('replication', { enable_replication: {} }),
  act('replication targets', { list_replication_targets: {} }),
  act('reset as member', { reset_status: { status: 'available' } }),
  act('reset odd', { reset_status: { status: 'busy' } }, admin),
  act('reset', { reset_status: { status: 'available' } }, admin),
  ask('no DELETE of snapshots missing', 'DELETE', '/group_snapshots/{missing}'),
];

const snap = (name: string, groupSnapshot: unknown, more: More = {}): Row =>
  ask(`snapshot create ${name}`, 'POST', '/group_snapshots', { group_snapshot: groupSnapshot }, more);
const copy = (name: string, source: unknown, more: More = {}): Row =>
  ask(`from source ${name}`, 'POST', '/groups/action', { 'create-from-src': source }, more);

const snapshotRows: readonly Row[] = [
  snap('missing', { group_id: '{missing}' }),
  snap('no uuid', { group_id: 'x' }),
  snap('nothing', {}),
  snap('odd key', { group_id: '{group}', colour: 'red' }),
  snap('below 3.14', { group_id: '{group}' }, at('3.13')),
  snap('as stranger', { group_id: '{group}' }, { as: 'bob' }),
  ask('snapshots', 'GET', '/group_snapshots'),
  ask('snapshots at 3.14', 'GET', '/group_snapshots/detail', undefined, at('3.14')),
  ask('snapshot show missing', 'GET', '/group_snapshots/{missing}'),
  ask(
    'snapshot reset missing',
    'POST',
    '/group_snapshots/{missing}/action',
    { reset_status: { status: 'error' } },
    admin,
  ),
  ask('snapshot reset odd', 'POST', '/group_snapshots/{missing}/action', { reset_status: { status: 'x' } }, admin),
  copy('missing group', { source_group_id: '{missing}' }),
  copy('missing snapshot', { group_snapshot_id: '{missing}' }),
  copy('nothing', {}),
  copy('both', { source_group_id: '{group}', group_snapshot_id: '{missing}' }),
  copy('below 3.14', { source_group_id: '{group}' }, at('3.13')),
];

const endRows: readonly Row[] = [
  ask('type delete in use', 'DELETE', `${types}/{gtype}`, undefined, admin),
  act('delete with its volumes', { delete: { 'delete-volumes': true } }, { until: ['volumes', 'gvol', 'gone'] }),
  ask('delete missing', 'POST', '/groups/{missing}/action', { delete: {} }),
];

export const groupDifferenceRows: readonly Row[] = [...typeRows, ...groupRows, ...snapshotRows, ...endRows];
