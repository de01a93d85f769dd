// The tables that the main job needs: types, volumes, chains, snapshots, attachments, servers, pools, services, quotas,
// user messages, operations with their locks, and the outbox.
//
// Names of columns with a meaning in Cinder are Cinder's. Times are naive UTC (timestamp without zone) and set by the
// database's clock, so clocks of hosts never matter. JSON columns hold what has no rule in SQL.
import type { Knex } from 'knex';

const up = `
create function utc_now() returns timestamp language sql stable as $$ select timezone('UTC', clock_timestamp()) $$;

create table volume_types (
  id uuid primary key,
  name text not null,
  description text,
  is_public boolean not null default true,
  extra_specs jsonb not null default '{}',
  qos_specs_id uuid,
  created_at timestamp not null default utc_now(),
  updated_at timestamp
);
create unique index volume_types_name on volume_types (name);

create table services (
  id uuid primary key default gen_random_uuid(),
  "binary" text not null,
  host text not null,
  zone text not null default 'nova',
  disabled boolean not null default false,
  disabled_reason text,
  boot_id uuid,
  url text,
  created_at timestamp not null default utc_now(),
  updated_at timestamp,
  unique ("binary", host)
);

create table pools (
  name text primary key,                       -- host@backend#share, Cinder's pool name
  backend_host text not null,                  -- host@backend
  share text not null,
  zone text not null default 'nova',
  state text not null check (state in ('up', 'down')),
  access jsonb not null,
  capabilities jsonb not null,
  findings jsonb not null default '[]',
  total_bytes bigint,
  free_bytes bigint,
  provisioned_gib bigint not null default 0,   -- promised to volumes; kept in the transactions that change them
  updated_at timestamp not null default utc_now(),
  unique (backend_host, share)
);

create table volumes (
  id uuid primary key,
  project_id text not null,
  user_id text not null,
  name text,
  description text,
  size_gib integer not null check (size_gib >= 0),
  status text not null,
  previous_status text,
  attach_status text not null default 'detached',
  migration_status text,
  availability_zone text,
  volume_type_id uuid references volume_types (id),
  snapshot_id uuid,
  source_volid uuid,
  host text references pools (name),           -- null until placed
  provider_location text,
  provider_id text,
  base_format text,
  preallocation text not null default 'off',
  bootable boolean not null default false,
  encrypted boolean not null default false,
  encryption_key_id uuid,
  multiattach boolean not null default false,
  replication_status text,
  consistencygroup_id uuid,
  group_id uuid,
  name_id uuid,
  cluster_name text,
  consumes_quota boolean not null default true,
  metadata jsonb not null default '{}',
  admin_metadata jsonb not null default '{}',
  image_metadata jsonb not null default '{}',
  created_at timestamp not null default utc_now(),
  updated_at timestamp,
  scheduled_at timestamp,
  launched_at timestamp
);
create index volumes_page on volumes (project_id, created_at desc, id desc);
create index volumes_all_page on volumes (created_at desc, id desc);
create index volumes_name on volumes (project_id, name);
create index volumes_status on volumes (status);
create index volumes_host on volumes (host);
create index volumes_type on volumes (volume_type_id);

create table chain_layers (
  volume_id uuid not null references volumes (id) on delete cascade,
  position integer not null check (position >= 0),
  file text not null,
  format text not null check (format in ('raw', 'qcow2')),
  virtual_size_bytes bigint not null,
  snapshot_id uuid,                             -- the snapshot whose data ends below this layer
  primary key (volume_id, position) deferrable initially immediate,
  check (position = 0 or (format = 'qcow2' and snapshot_id is not null))
);
create unique index chain_layers_snapshot on chain_layers (snapshot_id) where snapshot_id is not null;

create table snapshots (
  id uuid primary key,
  volume_id uuid not null references volumes (id),
  project_id text not null,
  user_id text not null,
  name text,
  description text,
  size_gib integer not null,
  status text not null,
  progress text not null default '0%',
  volume_type_id uuid,
  group_snapshot_id uuid,
  consumes_quota boolean not null default true,
  internal boolean not null default false,      -- made by the service for a clone; never listed
  metadata jsonb not null default '{}',
  created_at timestamp not null default utc_now(),
  updated_at timestamp
);
create index snapshots_page on snapshots (project_id, created_at desc, id desc);
create index snapshots_volume on snapshots (volume_id);

create table flavors (
  id text primary key,
  name text not null unique,
  ram_mib integer not null,
  vcpus integer not null,
  disk_gib integer not null default 0,
  is_public boolean not null default true,
  description text,
  extra_specs jsonb not null default '{}',
  created_at timestamp not null default utc_now()
);

create table servers (
  id uuid primary key,
  project_id text not null,
  user_id text not null,
  name text not null,
  description text,
  flavor_id text not null,
  flavor jsonb not null,                        -- the flavor as it was at creation
  vm_state text not null,
  task_state text,
  power_state integer not null default 0,
  compute_host text,
  availability_zone text,
  metadata jsonb not null default '{}',
  tags jsonb not null default '[]',
  user_data text,
  key_name text,
  config_drive text not null default '',
  fault jsonb,
  created_at timestamp not null default utc_now(),
  updated_at timestamp,
  launched_at timestamp,
  terminated_at timestamp
);
create index servers_page on servers (project_id, created_at desc, id desc);
create index servers_host on servers (compute_host);

create table attachments (
  id uuid primary key,
  volume_id uuid not null references volumes (id),
  project_id text not null,
  instance_uuid uuid,
  managed_server_id uuid references servers (id),  -- set when a server of ours holds it (then only compute may end it)
  attached_host text,
  mountpoint text,
  attach_mode text,
  status text not null,
  connector jsonb,
  connection_info jsonb not null default '{}',
  boot_index integer,
  delete_on_termination boolean not null default false,
  tag text,
  attached_at timestamp,
  detached_at timestamp,
  created_at timestamp not null default utc_now(),
  updated_at timestamp
);
create index attachments_volume on attachments (volume_id);
create index attachments_server on attachments (managed_server_id);
create index attachments_instance on attachments (instance_uuid);
create index attachments_project on attachments (project_id, created_at desc);

create table quota_limits (
  project_id text not null,                     -- or 'class:default'
  resource text not null,
  hard_limit bigint not null,
  primary key (project_id, resource)
);

create table user_messages (
  id uuid primary key default gen_random_uuid(),
  project_id text not null,
  event_id text not null,
  resource_type text,
  resource_uuid uuid,
  request_id text,
  message_level text not null default 'ERROR',
  user_message text not null,
  created_at timestamp not null default utc_now(),
  guaranteed_until timestamp not null default utc_now() + interval '30 days'
);
create index user_messages_project on user_messages (project_id, created_at desc);

create table operations (
  id uuid primary key,
  seq bigint not null,                          -- order of acceptance; drawn while the wished resources are latched
  type text not null,
  project_id text not null,
  user_id text not null,
  request_id text not null,
  params jsonb not null,
  plan jsonb,
  outputs jsonb not null default '{}',
  visited jsonb not null default '[]',          -- steps that were asked, in order
  state text not null check (state in ('pending', 'running', 'undoing', 'stuck', 'done', 'failed')),
  step text,
  phase text not null default 'do' check (phase in ('do', 'undo')),
  attempt integer not null default 0,
  tries integer not null default 0,
  epoch bigint not null default 0,
  queue text,                                   -- routing key of the command in flight
  error jsonb,
  progress real not null default 0,
  settled boolean not null default false,       -- shown as failed already, though its undo is still under way
  wake_at timestamp,                            -- when the reconciler must look at it again
  depends_on uuid references operations (id),
  depends_mode text not null default 'success' check (depends_mode in ('success', 'end')),
  created_at timestamp not null default utc_now(),
  updated_at timestamp not null default utc_now(),
  finished_at timestamp
);
create index operations_wake on operations (wake_at) where state in ('running', 'undoing', 'stuck');
create index operations_pending on operations (seq) where state = 'pending';
create index operations_queue on operations (queue) where state in ('running', 'undoing', 'stuck');
create index operations_depends on operations (depends_on) where depends_on is not null;
create sequence operation_epochs;
create sequence operation_seq;

-- Wished and held locks in one table: an operation waits behind every older wish and every held lock it cannot share.
create table resource_locks (
  resource text not null,
  operation_id uuid not null references operations (id),
  seq bigint not null,
  mode text not null check (mode in ('read', 'use', 'chain')),
  held boolean not null default false,
  primary key (resource, operation_id)
);
create index resource_locks_operation on resource_locks (operation_id);

create table outbox (
  id bigserial primary key,
  operation_id uuid,                            -- whose command it is; its step is not silent while it lies here
  routing_key text not null,
  message jsonb not null,
  created_at timestamp not null default utc_now()
);
create index outbox_operation on outbox (operation_id);
`;

const down = `
drop table outbox, resource_locks, operations, user_messages, quota_limits, attachments, servers, flavors, snapshots,
  chain_layers, volumes, pools, services, volume_types;
drop sequence operation_epochs;
drop sequence operation_seq;
drop function utc_now();
`;

export const migration = {
  name: '0001-core',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
