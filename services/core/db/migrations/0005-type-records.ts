// What belongs to volume types: the projects that may use a private one, its encryption record, QoS specs (one set for several types),
// and the default type of a project. A type takes its access and encryption rows with it; what still names it as a default keeps it.
import type { Knex } from 'knex';

const up = `
create table volume_type_access (
  volume_type_id uuid not null references volume_types (id) on delete cascade,
  project_id text not null,
  created_at timestamp not null default utc_now(),
  primary key (volume_type_id, project_id)
);
create index volume_type_access_project on volume_type_access (project_id);

create table volume_type_encryption (
  encryption_id uuid primary key,
  volume_type_id uuid not null unique references volume_types (id) on delete cascade,
  provider text not null,
  control_location text not null check (control_location in ('front-end', 'back-end')),
  cipher text,
  key_size integer check (key_size >= 0),       -- bits
  created_at timestamp not null default utc_now(),
  updated_at timestamp
);

create table qos_specs (
  id uuid primary key,
  name text not null unique,
  consumer text not null check (consumer in ('front-end', 'back-end', 'both')),
  specs jsonb not null default '{}',
  created_at timestamp not null default utc_now(),
  updated_at timestamp
);
alter table volume_types add constraint volume_types_qos_specs_id_fkey foreign key (qos_specs_id) references qos_specs (id);
create index volume_types_qos_specs on volume_types (qos_specs_id) where qos_specs_id is not null;

create table default_volume_types (
  project_id text primary key,
  volume_type_id uuid not null references volume_types (id),
  created_at timestamp not null default utc_now(),
  updated_at timestamp
);
create index default_volume_types_type on default_volume_types (volume_type_id);
`;

const down = `
drop table default_volume_types, volume_type_encryption, volume_type_access;
drop index volume_types_qos_specs;
alter table volume_types drop constraint volume_types_qos_specs_id_fkey;
drop table qos_specs;
`;

export const migration = {
  name: '0005-type-records',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
