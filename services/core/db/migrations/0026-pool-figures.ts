// What the looks at a share have counted (bricks, heal backlog), beside the findings that say what it means.
import type { Knex } from 'knex';

export const migration = {
  name: '0026-pool-figures',
  up: (knex: Knex): Promise<void> =>
    knex.raw(`alter table pools add column figures jsonb not null default '{}'`).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw('alter table pools drop column figures').then(() => undefined),
};
