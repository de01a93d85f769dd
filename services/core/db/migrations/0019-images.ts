// Images: their records, who else may use them, and what a row of `volumes` is for.
//
// An image's data is a volume that no client sees (purpose `image`): so it has a pool, a promise, a chain of one frozen layer, locks and
// a record beside the data like any other, and a volume made of it in the same pool can stand on its layer. `image-cache` is a converted
// copy of an image in one pool. A copy of such a layer stands on no snapshot, so backing_snapshot_id may be null beside a backing volume.
import type { Knex } from 'knex';

const up = `
alter table volumes
  add column purpose text not null default 'volume' check (purpose in ('volume', 'image', 'image-cache')),
  drop constraint volumes_backing,
  add constraint volumes_backing check (
    (backing_snapshot_id is null or backing_volume_id is not null) and (backing_file is null or backing_volume_id is not null));
create index volumes_hidden on volumes (purpose) where purpose <> 'volume';

create table images (
  id uuid primary key,
  project_id text not null,
  name text,
  status text not null check (status in ('queued', 'saving', 'active', 'deactivated', 'killed', 'deleted', 'pending_delete')),
  visibility text not null default 'shared' check (visibility in ('public', 'private', 'shared', 'community')),
  protected boolean not null default false,
  hidden boolean not null default false,
  container_format text,
  disk_format text,
  min_disk integer not null default 0 check (min_disk >= 0),   -- GiB
  min_ram integer not null default 0 check (min_ram >= 0),     -- MiB
  size bigint,                                  -- bytes as the client sent them; null until there is data
  virtual_size bigint,                          -- bytes of the disk
  checksum text,                                -- md5, hex
  os_hash_algo text,
  os_hash_value text,                           -- hex
  properties jsonb not null default '{}',       -- custom ones: texts by name
  tags text[] not null default '{}',
  volume_id uuid references volumes (id) on delete set null,
  created_at timestamp not null default utc_now(),
  updated_at timestamp not null default utc_now()
);
create index images_page on images (created_at desc, id desc);
create index images_project on images (project_id, created_at desc, id desc);
create index images_name on images (name);
create unique index images_volume on images (volume_id) where volume_id is not null;

create table image_members (
  image_id uuid not null references images (id) on delete cascade,
  member text not null,                         -- project id
  status text not null default 'pending' check (status in ('pending', 'accepted', 'rejected')),
  created_at timestamp not null default utc_now(),
  updated_at timestamp not null default utc_now(),
  primary key (image_id, member)
);
create index image_members_member on image_members (member);

-- The record beside the data tells of the image as well.
create function note_custody_image() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and old.volume_id is not null then insert into custody_changes (volume_id) values (old.volume_id); end if;
  if tg_op <> 'DELETE' and new.volume_id is not null and (tg_op = 'INSERT' or new.volume_id is distinct from old.volume_id) then
    insert into custody_changes (volume_id) values (new.volume_id);
  end if;
  return null;
end $$;
create trigger custody_images after insert or update or delete on images for each row execute function note_custody_image();
create function note_custody_image_member() returns trigger language plpgsql as $$
begin
  insert into custody_changes (volume_id) select volume_id from images
    where id = (case when tg_op = 'DELETE' then old.image_id else new.image_id end) and volume_id is not null;
  return null;
end $$;
create trigger custody_image_members after insert or update or delete on image_members
  for each row execute function note_custody_image_member();
`;

const down = `
drop table image_members, images;
drop function note_custody_image_member, note_custody_image;
drop index volumes_hidden;
alter table volumes drop constraint volumes_backing, drop column purpose,
  add constraint volumes_backing check (
    (backing_volume_id is null) = (backing_snapshot_id is null) and (backing_file is null or backing_volume_id is not null));
`;

export const migration = {
  name: '0019-images',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
