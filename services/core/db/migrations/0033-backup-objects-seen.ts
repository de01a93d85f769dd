// Whether anybody has found a backup's objects in the store. Those of an imported record are another installation's until its manifest was read: a
// record that could not be confirmed (the store was away, a hash was wrong) may be deleted and imported again, and must not take the data along.
// Nor is it known which key they need. Of rows that are here already, those are meant that were never made here and say nothing of their objects.
import type { Knex } from 'knex';

const up = `
alter table backups add column objects_seen boolean not null default true;
update backups set objects_seen = false
  where status in ('creating', 'error', 'error_deleting') and manifest_sha256 is not null and object_count = 0 and stored_bytes = 0;
create index backups_objects_unseen on backups (id) where not objects_seen;
`;

const down = `
drop index backups_objects_unseen;
alter table backups drop column objects_seen;
`;

export const migration = {
  name: '0033-backup-objects-seen',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
