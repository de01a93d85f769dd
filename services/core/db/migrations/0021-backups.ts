// Backups: the rows that say what was kept of which volume, and in which objects of the backup store it is found again.
//
// volume_id and snapshot_id refer to nothing: a backup is there for the day on which they are gone. An incremental backup needs the rows (and
// objects) of those that it was made upon, so these cannot go before it.
import type { Knex } from 'knex';

const up = `
create table backups (
  id uuid primary key,
  project_id text not null,
  user_id text not null,
  name text,
  description text,
  status text not null,
  volume_id uuid,
  snapshot_id uuid,
  parent_id uuid references backups (id),
  size_gib integer not null,
  container text,
  availability_zone text,
  backend_host text,                            -- the worker that was asked last, host@backend
  service text,                                 -- the kind of store: directory, s3, swift
  object_count integer not null default 0,
  stored_bytes bigint not null default 0,
  manifest_sha256 text,                         -- hex; null: it was never finished
  data_timestamp timestamp,
  fail_reason text,
  encryption_key_id uuid,
  restore_volume_id uuid,
  metadata jsonb not null default '{}',
  created_at timestamp not null default utc_now(),
  updated_at timestamp
);
create index backups_page on backups (project_id, created_at desc, id desc);
create index backups_volume on backups (volume_id, data_timestamp desc);
create index backups_parent on backups (parent_id) where parent_id is not null;
`;

const down = `
drop table backups;
`;

export const migration = {
  name: '0021-backups',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
