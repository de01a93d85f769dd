// Volumes that share layers with the one they were copied from, operations that wait until nobody shares any more, and operations that
// were asked to give way.
//
// The foreign keys are the last line of defence: an operation that forgets to ask who shares a layer fails when it wants to forget the
// layer, the snapshot or the volume. The one to chain_layers is judged at commit, because a chain is stored by writing all its rows anew.
import type { Knex } from 'knex';

const up = `
alter table chain_layers add constraint chain_layers_file unique (volume_id, file);

alter table volumes
  add column backing_volume_id uuid references volumes (id),
  add column backing_snapshot_id uuid references snapshots (id),
  add column backing_file text,                 -- the frozen layer below the volume's base; null until the copy is begun
  add column flatten_requested_at timestamp,    -- an administrator wants it independent soon
  add column flatten_not_before timestamp,      -- after a failure
  add column flatten_failures integer not null default 0,
  add column flatten_error jsonb,               -- of the last failure
  add constraint volumes_backing check (
    (backing_volume_id is null) = (backing_snapshot_id is null) and (backing_file is null or backing_volume_id is not null)),
  add constraint volumes_backing_layer foreign key (backing_volume_id, backing_file)
    references chain_layers (volume_id, file) deferrable initially deferred;
create index volumes_backing_layer on volumes (backing_volume_id, backing_file) where backing_volume_id is not null;
create index volumes_backing_snapshot on volumes (backing_snapshot_id) where backing_snapshot_id is not null;

-- Not locked for and not begun before the volumes that share this volume's layers are independent.
alter table operations add column awaits_volume_id uuid;
create index operations_awaiting on operations (awaits_volume_id) where state = 'pending' and awaits_volume_id is not null;

-- No reference to operations: whoever asks must not wait for the transaction that is just moving the operation on.
create table operation_cancels (
  operation_id uuid primary key,
  reason text not null check (reason in ('gives-way', 'asked')),
  asked_at timestamp not null default utc_now(),
  sent_at timestamp                             -- when the worker was told last
);
`;

const down = `
drop table operation_cancels;
drop index operations_awaiting;
alter table operations drop column awaits_volume_id;
alter table volumes drop constraint volumes_backing_layer, drop constraint volumes_backing, drop column flatten_error,
  drop column flatten_failures, drop column flatten_not_before, drop column flatten_requested_at, drop column backing_file,
  drop column backing_snapshot_id, drop column backing_volume_id;
alter table chain_layers drop constraint chain_layers_file;
`;

export const migration = {
  name: '0013-shared-layers',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
