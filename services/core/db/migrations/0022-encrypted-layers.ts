// Which key a layer of an encrypted volume is encrypted with. The keys themselves are in the workers' key store; a volume names its own in
// `encryption_key_id`. Instant copies share layers, and so the key, of what they were copied from.
import type { Knex } from 'knex';

const up = `
alter table chain_layers add column key_id uuid;   -- null: not encrypted
alter table chain_layers add constraint chain_layers_encrypted_format check (key_id is null or format = 'qcow2');
create index chain_layers_key on chain_layers (key_id) where key_id is not null;
create index volumes_encryption_key on volumes (encryption_key_id) where encryption_key_id is not null;
`;

const down = `
drop index volumes_encryption_key;
drop index chain_layers_key;
alter table chain_layers drop constraint chain_layers_encrypted_format;
alter table chain_layers drop column key_id;
`;

export const migration = {
  name: '0022-encrypted-layers',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
