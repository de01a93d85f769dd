// Where the volume workers of a backend listen for bulk bytes: one row for each process, because an active worker and its standby report side by
// side, and only the active one has transfers open.
import type { Knex } from 'knex';

const up = `
create table data_servers (
  backend_host text not null,                   -- host@backend
  boot_id uuid not null,
  url text not null,
  updated_at timestamp not null default utc_now(),
  primary key (backend_host, boot_id)
);
`;

const down = `
drop table data_servers;
`;

export const migration = {
  name: '0018-data-servers',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
