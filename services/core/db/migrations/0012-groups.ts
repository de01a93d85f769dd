// Groups of volumes: their types, the volume types they take, and group snapshots. A group is a record alone; its volumes are anywhere.
//
// volumes.group_id and snapshots.group_snapshot_id are columns since the first migration; here they come to refer to rows, so a group
// cannot go while a volume is in it, nor a group snapshot while one of its snapshots is there.
import type { Knex } from 'knex';

const up = `
create table group_types (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  description text,
  is_public boolean not null default true,
  group_specs jsonb not null default '{}',
  created_at timestamp not null default utc_now(),
  updated_at timestamp
);
create index group_types_page on group_types (created_at desc, id desc);

create table volume_groups (
  id uuid primary key,
  project_id text not null,
  user_id text not null,
  name text,
  description text,
  group_type_id uuid not null references group_types (id),
  status text not null,
  availability_zone text,
  group_snapshot_id uuid,                       -- what it was made from; that may be gone since
  source_group_id uuid,                         -- the same
  replication_status text not null default 'disabled',
  created_at timestamp not null default utc_now(),
  updated_at timestamp
);
create index volume_groups_page on volume_groups (project_id, created_at desc, id desc);
create index volume_groups_type on volume_groups (group_type_id);
create index volume_groups_creating on volume_groups (coalesce(group_snapshot_id, source_group_id)) where status = 'creating';

create table group_volume_types (
  group_id uuid not null references volume_groups (id) on delete cascade,
  volume_type_id uuid not null references volume_types (id),
  primary key (group_id, volume_type_id)
);
create index group_volume_types_type on group_volume_types (volume_type_id);

create table group_snapshots (
  id uuid primary key,
  project_id text not null,
  user_id text not null,
  group_id uuid not null references volume_groups (id),
  group_type_id uuid not null references group_types (id),
  name text,
  description text,
  status text not null,
  created_at timestamp not null default utc_now(),
  updated_at timestamp
);
create index group_snapshots_page on group_snapshots (project_id, created_at desc, id desc);
create index group_snapshots_group on group_snapshots (group_id);
create index group_snapshots_type on group_snapshots (group_type_id);

alter table volumes add constraint volumes_group_id_fkey foreign key (group_id) references volume_groups (id);
create index volumes_group on volumes (group_id) where group_id is not null;
alter table snapshots add constraint snapshots_group_snapshot_id_fkey
  foreign key (group_snapshot_id) references group_snapshots (id);
create index snapshots_group on snapshots (group_snapshot_id) where group_snapshot_id is not null;
`;

const down = `
drop index snapshots_group;
alter table snapshots drop constraint snapshots_group_snapshot_id_fkey;
drop index volumes_group;
alter table volumes drop constraint volumes_group_id_fkey;
drop table group_snapshots, group_volume_types, volume_groups, group_types;
`;

export const migration = {
  name: '0012-groups',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
