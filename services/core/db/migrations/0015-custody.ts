// Custody: what a scan of a share found, and which volumes have changed since their record beside the data was written.
//
// Changes are noted by triggers and in rows of their own (never one row per volume): so no code can forget to note one, and no two
// transactions ever wait for each other because of a note. The conductor reads the notes and writes the records within seconds.
import type { Knex } from 'knex';

const up = `
create table share_scans (
  id uuid primary key,
  pool text not null,
  state text not null check (state in ('running', 'done', 'failed')),
  entries integer not null default 0,
  error jsonb,
  project_id text not null,
  user_id text not null,
  request_id text not null,
  created_at timestamp not null default utc_now(),
  finished_at timestamp
);
create index share_scans_pool on share_scans (pool);

create table share_scan_pages (
  scan_id uuid not null references share_scans (id) on delete cascade,
  page integer not null,
  entries jsonb not null,
  primary key (scan_id, page)
);

create table custody_changes (
  id bigint generated always as identity primary key,
  volume_id uuid not null,
  pool text                                     -- where the volume was; null: look where it is
);

create function note_custody_volume() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.host is not null then insert into custody_changes (volume_id, pool) values (old.id, old.host); end if;
    return null;
  end if;
  insert into custody_changes (volume_id) values (new.id);
  if tg_op = 'UPDATE' and old.host is not null and old.host is distinct from new.host then
    insert into custody_changes (volume_id, pool) values (old.id, old.host);
  end if;
  return null;
end $$;

create function note_custody_part() returns trigger language plpgsql as $$
begin
  insert into custody_changes (volume_id) values (case when tg_op = 'DELETE' then old.volume_id else new.volume_id end);
  return null;
end $$;

create function note_custody_type() returns trigger language plpgsql as $$
begin
  insert into custody_changes (volume_id) select id from volumes where volume_type_id = new.id;
  return null;
end $$;

create trigger custody_volume_rows after insert or delete on volumes for each row execute function note_custody_volume();
create trigger custody_volume_facts after update on volumes for each row
  when ((old.project_id, old.user_id, old.name, old.description, old.size_gib, old.volume_type_id, old.host, old.availability_zone,
         old.base_format, old.preallocation, old.bootable, old.multiattach, old.metadata, old.admin_metadata, old.image_metadata,
         old.snapshot_id, old.source_volid, old.consumes_quota, old.launched_at, old.backing_volume_id, old.backing_file)
    is distinct from
        (new.project_id, new.user_id, new.name, new.description, new.size_gib, new.volume_type_id, new.host, new.availability_zone,
         new.base_format, new.preallocation, new.bootable, new.multiattach, new.metadata, new.admin_metadata, new.image_metadata,
         new.snapshot_id, new.source_volid, new.consumes_quota, new.launched_at, new.backing_volume_id, new.backing_file))
  execute function note_custody_volume();
create trigger custody_snapshot_rows after insert or delete on snapshots for each row execute function note_custody_part();
create trigger custody_snapshot_facts after update on snapshots for each row
  when ((old.project_id, old.user_id, old.name, old.description, old.status, old.metadata)
    is distinct from (new.project_id, new.user_id, new.name, new.description, new.status, new.metadata))
  execute function note_custody_part();
create trigger custody_layers after insert or update or delete on chain_layers for each row execute function note_custody_part();
create trigger custody_attachment_rows after insert or delete on attachments for each row execute function note_custody_part();
create trigger custody_attachment_facts after update on attachments for each row
  when (old.status is distinct from new.status) execute function note_custody_part();
create trigger custody_type_facts after update on volume_types for each row
  when ((old.name, old.description, old.is_public, old.extra_specs)
    is distinct from (new.name, new.description, new.is_public, new.extra_specs))
  execute function note_custody_type();

-- Volumes that were there before have no record yet.
insert into custody_changes (volume_id) select id from volumes;
`;

const down = `
drop trigger custody_type_facts on volume_types;
drop trigger custody_attachment_facts on attachments;
drop trigger custody_attachment_rows on attachments;
drop trigger custody_layers on chain_layers;
drop trigger custody_snapshot_facts on snapshots;
drop trigger custody_snapshot_rows on snapshots;
drop trigger custody_volume_facts on volumes;
drop trigger custody_volume_rows on volumes;
drop function note_custody_type, note_custody_part, note_custody_volume;
drop table custody_changes, share_scan_pages, share_scans;
`;

export const migration = {
  name: '0015-custody',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
