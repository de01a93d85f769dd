// Consistency groups and their snapshots, the older names of groups. A real Cinder makes them in the background; only what it answers at
// once is compared.
import type { Row } from '../row.js';

type More = Partial<Row>;
const admin: More = { as: 'admin' };

const ask = (name: string, method: string, path: string, body?: unknown, more: More = {}): Row => ({
  name: `consistency group: ${name}`,
  method,
  path: `/v3${path}`,
  ...(body === undefined ? {} : { body }),
  ...more,
});
const groups = '/consistencygroups';
const snapshots = '/cgsnapshots';
const create = (name: string, group: unknown, more: More = {}): Row =>
  ask(`create ${name}`, 'POST', groups, { consistencygroup: group }, more);
const put = (name: string, group: unknown, more: More = {}): Row =>
  ask(`update ${name}`, 'PUT', `${groups}/{missing}`, { consistencygroup: group }, more);
const copy = (name: string, group: unknown): Row =>
  ask(`copy ${name}`, 'POST', `${groups}/create_from_src`, { 'consistencygroup-from-src': group });
const snap = (name: string, snapshot: unknown, more: More = {}): Row =>
  ask(`snapshot ${name}`, 'POST', snapshots, { cgsnapshot: snapshot }, more);

export const consistencyGroupRows: readonly Row[] = [
  ask('list', 'GET', groups),
  ask('list detail', 'GET', `${groups}/detail`),
  ask('list as reader', 'GET', groups, undefined, { as: 'reader' }),
  ask('list page', 'GET', `${groups}?limit=1`),
  ask('list limit odd', 'GET', `${groups}?limit=x`),
  ask('list of all projects', 'GET', `${groups}?all_tenants=1`, undefined, admin),
  ask('show missing', 'GET', `${groups}/{missing}`),
  create('without types', {}),
  create('empty types', { volume_types: '' }),
  create('unknown type', { volume_types: 'nope', name: 'x' }),
  create('as reader', { volume_types: '__DEFAULT__' }, { as: 'reader' }),
  create('name too long', { volume_types: '__DEFAULT__', name: 'x'.repeat(256) }),
  ask('create nothing', 'POST', groups, {}),
  put('missing', { name: 'x' }),
  put('nothing', {}),
  put('nothing but nulls', { name: null, description: null, add_volumes: null, remove_volumes: null }),
  put('as reader', { name: 'x' }, { as: 'reader' }),
  copy('of nothing', {}),
  copy('of both', { cgsnapshot_id: '{missing}', source_cgid: '{missing}' }),
  copy('of a missing snapshot', { cgsnapshot_id: '{missing}' }),
  copy('of a missing group', { source_cgid: '{missing}' }),
  ask('delete missing', 'POST', `${groups}/{missing}/delete`, { consistencygroup: { force: true } }),
  ask('delete odd', 'POST', `${groups}/{missing}/delete`, { consistencygroup: { force: 'perhaps' } }),
  ask('snapshots', 'GET', snapshots),
  ask('snapshots detail', 'GET', `${snapshots}/detail`),
  ask('snapshot show missing', 'GET', `${snapshots}/{missing}`),
  ask('snapshot delete missing', 'DELETE', `${snapshots}/{missing}`),
  snap('of nothing', {}),
  snap('of a missing group', { consistencygroup_id: '{missing}' }),
  snap('as reader', { consistencygroup_id: '{missing}' }, { as: 'reader' }),
];
