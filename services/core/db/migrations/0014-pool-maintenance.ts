// What an operator wishes of a share: maintenance (it gets nothing new), and the evacuation that empties it. `retired` is what its worker
// tells: the shares file names the share no more, so it gets nothing new either, while its volumes go on.
import type { Knex } from 'knex';

const up = `
alter table pools
  add column maintenance_since timestamp,
  add column maintenance_reason text,
  add column evacuation jsonb,                 -- null: none; else who asked, when, how many at once, what was refused
  add column retired boolean not null default false,
  add constraint pools_evacuation_in_maintenance check (evacuation is null or maintenance_since is not null);
`;

const down = `
alter table pools drop column maintenance_since, drop column maintenance_reason, drop column evacuation, drop column retired;
`;

export const migration = {
  name: '0014-pool-maintenance',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
