// The one group type that every Cinder has: that of the consistency groups, which older clients make. It promises one instant for the snapshots
// of all volumes. An installation that has a type of that name keeps its own.
import type { Knex } from 'knex';

const up = `
insert into group_types (id, name, description, is_public, group_specs)
values ('7c1b0f5e-4b1d-5c70-9a0e-6f6f00000023', 'default_cgsnapshot_type', 'Default group type for migrating cgsnapshot', true,
  '{"consistent_group_snapshot_enabled": "<is> True"}')
on conflict do nothing;
`;

const down = `
delete from group_types t where t.name = 'default_cgsnapshot_type'
  and not exists (select 1 from volume_groups g where g.group_type_id = t.id)
  and not exists (select 1 from group_snapshots s where s.group_type_id = t.id);
`;

export const migration = {
  name: '0023-consistency-groups',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
