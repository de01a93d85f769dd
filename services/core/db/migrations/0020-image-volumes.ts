// What volumes and servers have to do with images: converted copies of images in pools, and the image that a server was made of.
//
// A row of `image_cache` belongs to a hidden volume of the purpose `image-cache`; its going takes the row with it. The image may be another
// service's, so there is no reference to `images`.
import type { Knex } from 'knex';

const up = `
create table image_cache (
  volume_id uuid primary key references volumes (id) on delete cascade,
  image_id uuid not null,                       -- of the image's data: its hidden volume
  pool text not null,
  last_used_at timestamp not null default utc_now()
);
create index image_cache_pool on image_cache (pool, last_used_at);
create unique index image_cache_image on image_cache (image_id, pool);

alter table servers add column image_id uuid;   -- what its root disk was made of; null: it booted from a volume
`;

const down = `
alter table servers drop column image_id;
drop table image_cache;
`;

export const migration = {
  name: '0020-image-volumes',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
