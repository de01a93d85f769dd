// The volume type of volumes whose creator names none. It can be changed but never deleted.
import type { Knex } from 'knex';

export const migration = {
  name: '0004-default-type',
  up: (knex: Knex): Promise<void> =>
    knex
      .raw(
        `insert into volume_types (id, name, description) values (gen_random_uuid(), '__DEFAULT__', 'Default Volume Type')
         on conflict (name) do nothing`,
      )
      .then(() => undefined),
  down: (knex: Knex): Promise<void> =>
    knex.raw(`delete from volume_types where name = '__DEFAULT__'`).then(() => undefined),
};
