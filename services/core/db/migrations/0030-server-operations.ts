// What was done to a server is told from its operations (compute/instance-actions.ts), which are kept: the table must not be read for that.
import type { Knex } from 'knex';

const up = `
create index operations_server on operations ((params ->> 'serverId'), seq)
  where params ->> 'serverId' is not null;
`;

const down = `
drop index operations_server;
`;

export const migration = {
  name: '0030-server-operations',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
