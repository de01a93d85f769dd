// Notifications that wait to be published: a queue of its own beside the outbox, so that no command ever waits behind one.
import type { Knex } from 'knex';

const up = `
create table notifications (
  id bigserial primary key,
  message_id uuid not null,
  event_type text not null,
  priority text not null check (priority in ('INFO', 'ERROR')),
  message jsonb not null,                       -- the inner message of oslo.messaging, with its timestamp
  created_at timestamp not null default utc_now()
);
`;

export const migration = {
  name: '0010-notifications',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw('drop table notifications').then(() => undefined),
};
