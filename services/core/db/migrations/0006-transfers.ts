// Offers of a volume to another project, and an index by which quotas find the volumes that are growing.
//
// A row is there exactly as long as the offer is open: accepted and withdrawn ones are deleted, as clients expect (404 in Cinder).
import type { Knex } from 'knex';

const up = `
create table volume_transfers (
  id uuid primary key,
  volume_id uuid not null unique references volumes (id) on delete cascade,
  project_id text not null,                     -- who offers
  name text,
  no_snapshots boolean not null default false,
  salt bytea not null,
  key_digest bytea not null,                    -- of salt and key; the key itself is stored nowhere
  created_at timestamp not null default utc_now(),
  updated_at timestamp
);
create index volume_transfers_page on volume_transfers (project_id, created_at desc, id desc);
create index operations_extending on operations (((params->>'volumeId')::uuid))
  where type = 'volume-extend' and state in ('pending', 'running', 'undoing', 'stuck');
`;

const down = `
drop index operations_extending;
drop table volume_transfers;
`;

export const migration = {
  name: '0006-transfers',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
