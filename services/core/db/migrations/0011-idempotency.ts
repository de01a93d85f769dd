// Answers of requests that carried an Idempotency-Key, written in the transaction of the request's deed.
import type { Knex } from 'knex';

const up = `
create table idempotency_answers (
  id text primary key,                          -- SHA-256 of user, project and key; the key itself is not stored
  fingerprint text not null,                    -- SHA-256 of the request, salted with the key
  request_id text not null,                     -- of the request that was executed
  status integer not null check (status between 200 and 499),
  headers jsonb not null,
  body text,
  created_at timestamp not null default utc_now()
);
create index idempotency_answers_age on idempotency_answers (created_at);
`;

export const migration = {
  name: '0011-idempotency',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw('drop table idempotency_answers').then(() => undefined),
};
