// The flavors a fresh deployment offers. They are rows like any other: an administrator may delete them, and they stay deleted.
// `disk` is 0 because guests boot from volumes, whose size the volume says.
import type { Knex } from 'knex';

const up = `
insert into flavors (id, name, vcpus, ram_mib, disk_gib) values
  ('1', 'm1.tiny', 1, 256, 0),
  ('2', 'm1.small', 1, 1024, 0),
  ('3', 'm1.medium', 2, 2048, 0),
  ('4', 'm1.large', 4, 4096, 0)
on conflict do nothing;
`;

const down = `delete from flavors where id in ('1', '2', '3', '4');`;

export const migration = {
  name: '0003-flavors',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
