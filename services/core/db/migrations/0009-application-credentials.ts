// Application credentials of the embedded identity service, and the tokens that were got with them. The secret is kept as a salted
// hash. A credential ends with its user, its project and any of its roles; its tokens end with it (all by cascade, or by the code
// that takes a role away).
import type { Knex } from 'knex';

const up = `
create table identity_application_credentials (
  id text primary key,
  user_id text not null references identity_users (id) on delete cascade,
  project_id text not null references identity_projects (id) on delete cascade,
  name text not null,
  description text,
  secret_hash text not null,
  expires_at timestamp,                         -- null: ends only with what it rests on
  unrestricted boolean not null default false,  -- true: its tokens may manage further credentials
  created_at timestamp not null default utc_now(),
  unique (user_id, name)
);
create index identity_application_credentials_project on identity_application_credentials (project_id);

create table identity_application_credential_roles (
  application_credential_id text not null references identity_application_credentials (id) on delete cascade,
  role_id text not null references identity_roles (id) on delete cascade,
  primary key (application_credential_id, role_id)
);
create index identity_application_credential_roles_role on identity_application_credential_roles (role_id);

alter table identity_tokens add column application_credential_id text
  references identity_application_credentials (id) on delete cascade;
create index identity_tokens_application_credential on identity_tokens (application_credential_id)
  where application_credential_id is not null;
`;

const down = `
alter table identity_tokens drop column application_credential_id;
drop table identity_application_credential_roles, identity_application_credentials;
`;

export const migration = {
  name: '0009-application-credentials',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
