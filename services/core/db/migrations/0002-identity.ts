// The tables of the embedded identity service, in Keystone's words, and the roles every deployment starts with.
//
// Ids are 32 hex digits (block-storage clients accept only hex project ids in paths); the first domain's id is `default`,
// as Keystone's is. Tokens are stored as SHA-256 of the secret, so a copy of the database opens no session. A role reaches
// what it implies through identity_implied_roles. A new role row never appears by itself later: roles may be deleted.
import type { Knex } from 'knex';

const up = `
create table identity_domains (
  id text primary key,
  name text not null unique,
  description text not null default '',
  enabled boolean not null default true,
  created_at timestamp not null default utc_now()
);

create table identity_projects (
  id text primary key,
  domain_id text not null references identity_domains (id) on delete cascade,
  name text not null,
  description text not null default '',
  enabled boolean not null default true,
  tags jsonb not null default '[]',
  extra jsonb not null default '{}',
  created_at timestamp not null default utc_now(),
  unique (domain_id, name)
);

create table identity_users (
  id text primary key,
  domain_id text not null references identity_domains (id) on delete cascade,
  name text not null,
  password_hash text,                           -- null: nobody can log in with a password
  enabled boolean not null default true,
  default_project_id text,
  description text,
  extra jsonb not null default '{}',
  created_at timestamp not null default utc_now(),
  unique (domain_id, name)
);

create table identity_roles (
  id text primary key,
  name text not null unique,
  description text,
  created_at timestamp not null default utc_now()
);

create table identity_implied_roles (
  prior_role_id text not null references identity_roles (id) on delete cascade,
  implied_role_id text not null references identity_roles (id) on delete cascade,
  primary key (prior_role_id, implied_role_id)
);

create table identity_assignments (
  user_id text not null references identity_users (id) on delete cascade,
  role_id text not null references identity_roles (id) on delete cascade,
  project_id text references identity_projects (id) on delete cascade,
  domain_id text references identity_domains (id) on delete cascade,
  check ((project_id is null) <> (domain_id is null))
);
create unique index identity_assignments_project on identity_assignments (user_id, project_id, role_id)
  where project_id is not null;
create unique index identity_assignments_domain on identity_assignments (user_id, domain_id, role_id)
  where domain_id is not null;
create index identity_assignments_by_project on identity_assignments (project_id);
create index identity_assignments_by_domain on identity_assignments (domain_id);
create index identity_assignments_by_role on identity_assignments (role_id);

create table identity_tokens (
  token_hash bytea primary key,                 -- SHA-256 of the secret
  user_id text not null references identity_users (id) on delete cascade,
  project_id text references identity_projects (id) on delete cascade,
  domain_id text references identity_domains (id) on delete cascade,
  methods jsonb not null,
  audit_ids jsonb not null,
  issued_at timestamp not null,
  expires_at timestamp not null
);
create index identity_tokens_user on identity_tokens (user_id);
create index identity_tokens_project on identity_tokens (project_id);
create index identity_tokens_domain on identity_tokens (domain_id);
create index identity_tokens_expiry on identity_tokens (expires_at);

-- The password that was last taken from the bootstrap file: the file changes a password only when the file has changed.
create table identity_bootstrap (
  user_id text primary key references identity_users (id) on delete cascade,
  password_hash text not null
);

insert into identity_domains (id, name, description) values ('default', 'Default', 'The default domain');
insert into identity_roles (id, name)
  select replace(gen_random_uuid()::text, '-', ''), name
  from unnest(array['admin', 'manager', 'member', 'reader', 'service']) as name;
insert into identity_implied_roles (prior_role_id, implied_role_id)
  select prior.id, implied.id from (values ('admin', 'manager'), ('manager', 'member'), ('member', 'reader')) as pair (prior, implied)
  join identity_roles prior on prior.name = pair.prior
  join identity_roles implied on implied.name = pair.implied;
`;

const down = `
drop table identity_bootstrap, identity_tokens, identity_assignments, identity_implied_roles, identity_roles, identity_users,
  identity_projects, identity_domains;
`;

export const migration = {
  name: '0002-identity',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
