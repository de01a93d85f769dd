// What an operator sets on a service: a frozen backend takes no changes of volumes, and the log level that its processes are to have.
// `log_level` is the wish (null: what the configuration says), `log_level_in_force` what the process has last told.
import type { Knex } from 'knex';

const up = `
alter table services
  add column frozen boolean not null default false,
  add column log_level text check (log_level in ('trace', 'debug', 'info', 'warn', 'error')),
  add column log_level_in_force text;
`;

const down = `
alter table services drop column frozen, drop column log_level, drop column log_level_in_force;
`;

export const migration = {
  name: '0007-service-flags',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
