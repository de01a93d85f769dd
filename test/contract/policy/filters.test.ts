// T-Z03: whatever a user writes into the query of a list, it shows nothing but the user's own. Queries are made up by fast-check out of every
// name that a filter, a column or an attack could have, with values that name the other project's rows.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BlockRig, type Person, projectOf } from '../block-storage/block-rig.js';
import { seedOfRun } from '../properties/run-batches.js';
import { type Ids, targets } from './targets.js';

const version = '3.71';

/** The closed lists of what users may filter by: cinder's etc/cinder/resource_filters.json, written here by hand. */
const closed = {
  '/volumes':
    'name status metadata bootable migration_status availability_zone group_id size created_at updated_at consumes_quota',
  '/snapshots': 'name status volume_id metadata availability_zone consumes_quota',
  '/attachments': 'volume_id status instance_id attach_status',
  '/messages': 'resource_uuid resource_type event_id request_id message_level',
  '/groups': 'name',
  '/group_snapshots': 'name status group_id',
} as const;

const lists = [
  ...Object.keys(closed).flatMap((path) => (path === '/messages' ? [path] : [path, `${path}/detail`])),
  '/volumes/summary',
  '/volume-transfers',
  '/volume-transfers/detail',
  '/os-volume-transfer',
  '/types',
  '/group_types',
  '/limits',
];

const names = [
  ...new Set(Object.values(closed).flatMap((words) => words.split(' '))),
  ...[
    'project_id',
    'tenant_id',
    'all_tenants',
    'user_id',
    'host',
    'os-vol-host-attr:host',
    'os-vol-tenant-attr:tenant_id',
  ],
  ...['id', 'ids', 'display_name', 'description', 'attach_status', 'attached_host', 'instance_uuid', 'volume_type_id'],
  ...[
    'source_project_id',
    'destination_project_id',
    'snapshot_id',
    'source_volid',
    'is_public',
    'extra_specs',
    'internal',
  ],
  ...[
    'glance_metadata',
    'admin_metadata',
    'deleted',
    'read_deleted',
    'no_migration_targets',
    'name~',
    'project_id~',
    'host~',
  ],
  ...['__proto__', 'constructor', 'with_count', 'limit', 'offset', 'sort', 'sort_key', 'sort_dir', 'marker', 'colour'],
];

describe('filters of lists (T-Z03)', function () {
  this.timeout(60_000);
  let rig: BlockRig;
  /** Ann's rows, which bob must never see. */
  const secrets: string[] = [];

  before(async () => {
    rig = await BlockRig.open();
    for (const kind of ['snapshot', 'connectedAttachment', 'transfer', 'message', 'groupSnapshot'] as const) {
      const { auth_key: _key, ...ids }: Ids = await targets[kind](rig);
      secrets.push(...Object.values(ids));
    }
    const body = { volume_type: { name: 'closed-type', 'os-volume-type-access:is_public': false } };
    const made = await rig.ask('POST', '/types', { as: 'admin', body });
    secrets.push(made.body.volume_type.id as string, projectOf('ann'));
    await rig.volume({ name: 'bobs', metadata: { colour: 'red' } }, 'bob');
  });
  after(() => rig.close());

  const people: readonly Person[] = ['bob', 'bobReader'];

  it('never widen what a user sees, whatever is asked', async () => {
    const values = fc.oneof(
      fc.constantFrom(
        ...['1', 'true', 'True', '0', 'none', '', "{'colour': 'red'}", 'available', '*', '%', "' or 1=1 --"],
      ),
      fc.constantFrom(...['gt:2000-01-01', 'size:asc', 'project_id:asc', 'id', 'in-use,available', '{}', '[]', '-1']),
      fc.integer({ min: 0, max: 20 }).map((index) => secrets[index % secrets.length] ?? ''),
      fc.string({ maxLength: 12 }),
    );
    const queries = fc.array(fc.tuple(fc.constantFrom(...names), values), { minLength: 1, maxLength: 4 });
    const asked = fc.record({
      path: fc.constantFrom(...lists),
      as: fc.constantFrom(...people),
      at: fc.constantFrom('3.0', '3.27', '3.30', '3.31', '3.59', version),
      query: queries,
    });
    await fc.assert(
      fc.asyncProperty(asked, async ({ path, as, at, query }) => {
        const text = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString();
        const answer = await rig.ask('GET', `${path}?${text}`, { as, version: at });
        assert.ok([200, 400, 404].includes(answer.status), `${answer.status} ${JSON.stringify(answer.body)}`);
        // Links and refusals repeat what was asked; rows are what must not be foreign.
        const rows = Object.entries(Object(answer.body) as object).filter(([key]) => !key.endsWith('_links'));
        if (answer.status !== 200) return;
        const shown = JSON.stringify(rows);
        for (const secret of secrets) assert.ok(!shown.includes(secret), `${secret} in ${shown}`);
        if (path.startsWith('/volumes/summary')) assert.equal(answer.body['volume-summary'].total_count, 1);
        if (path === '/limits') assert.equal(answer.body.limits.absolute.totalVolumesUsed, 1);
      }),
      { numRuns: 400, seed: seedOfRun('filters') },
    );
  });

  for (const [path, words] of Object.entries(closed)) {
    it(`${path}: what is not on the closed list is dropped below 3.31 and refused from there on`, async () => {
      const allowed: readonly string[] = words.split(' ');
      const unknown = ['project_id', 'tenant_id', 'host', 'user_id', 'id', 'attached_host', 'colour', '__proto__'];
      const [owner, key]: [Person, string] = ['ann', path.slice(1)];
      const all = await rig.ask('GET', path, { as: owner, version: '3.30' });
      assert.ok(all.body[key].length > 0, 'there is something to filter');
      for (const name of unknown.filter((one) => !allowed.includes(one))) {
        const value = name === 'project_id' ? projectOf('bob') : 'nothing';
        const dropped = await rig.ask('GET', `${path}?${name}=${value}`, { as: owner, version: '3.30' });
        assert.deepEqual([dropped.status, dropped.body[key]], [200, all.body[key]], name);
        const refused = await rig.ask('GET', `${path}?${name}=${value}`, { as: owner, version: '3.31' });
        assert.equal(refused.status, 400, name);
        assert.match(refused.body.badRequest.message, new RegExp(`Invalid filters ${name}`), name);
      }
      const tolerated = await rig.ask('GET', `${path}?all_tenants=1`, { as: owner, version: '3.31' });
      assert.deepEqual([tolerated.status, tolerated.body[key]], [200, all.body[key]]);
    });
  }
});
