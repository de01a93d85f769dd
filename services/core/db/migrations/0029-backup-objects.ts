// Which objects of the backup store a backup consists of, apart from its id: a record that is imported may have an id of its own, and then two
// backups have the same objects. Objects go with the last row that has them.
//
// `needs` are the backups in the store (by the id that their objects have) that hold a part of this one, as its manifest says.
import type { Knex } from 'knex';

const up = `
alter table backups add column stored_as uuid;                     -- null: under its own id
alter table backups add column objects_of uuid generated always as (coalesce(stored_as, id)) stored;
alter table backups add column needs uuid[] not null default '{}';

with recursive upon as (
  select id, parent_id from backups where parent_id is not null
  union all
  select u.id, p.parent_id from upon u join backups p on p.id = u.parent_id where p.parent_id is not null
)
update backups b set needs = (select array_agg(u.parent_id) from upon u where u.id = b.id)
  where exists (select 1 from upon u where u.id = b.id);

create index backups_objects on backups (objects_of);
create index backups_needs on backups using gin (needs);
create index backups_encryption_key on backups (encryption_key_id) where encryption_key_id is not null;
`;

const down = `
drop index backups_encryption_key;
drop index backups_needs;
drop index backups_objects;
alter table backups drop column needs;
alter table backups drop column objects_of;
alter table backups drop column stored_as;
`;

export const migration = {
  name: '0029-backup-objects',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
