// Administrators list operations: the newest first, and those of one volume. Operations are kept, so the table grows for ever and neither may
// read all of it.
import type { Knex } from 'knex';

const up = `
create index operations_seq on operations (seq);
create index operations_volume on operations ((params ->> 'volumeId'), seq)
  where params ->> 'volumeId' is not null;
`;

const down = `
drop index operations_volume;
drop index operations_seq;
`;

export const migration = {
  name: '0017-operation-lists',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
