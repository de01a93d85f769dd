// The audit: who is at it and since when, what it has found, how far it has read each share, and what guests were seen to have open. A scan that it
// makes is beside those that administrators ask for. Operations are found by the time of their end, because what ended a moment ago is still in
// motion, and pages of a scan by their scan.
import type { Knex } from 'knex';

const up = `
alter table share_scans add column purpose text not null default 'asked' check (purpose in ('asked', 'audit'));
alter table share_scans add column begins_after text;
alter table share_scans add column page_limit integer;
alter table share_scans add column stopped_at text;
create index operations_finished on operations (finished_at) where finished_at is not null;
create index operations_scan on operations ((params->>'scanId')) where type = 'share-scan';

create table audit_rounds (
  only_row boolean primary key default true check (only_row),
  round bigint not null default 0,
  taken_by text,
  leased_until timestamp,
  begun_at timestamp,
  -- of the last one that went through
  complete_at timestamp,
  took_seconds real
);

create table audit_findings (
  rule text not null,
  kind text not null,
  id text not null,
  file text not null default '',
  text text not null,
  -- where it was seen, for the question whether a round has looked there again: a pool with the cursor of its scan, or a compute host
  pool text,
  at_cursor text,
  compute_host text,
  first_seen timestamp not null default utc_now(),
  last_seen timestamp not null default utc_now(),
  -- null: not repaired, or seen again since
  repaired_at timestamp,
  repairs integer not null default 0,
  primary key (rule, kind, id, file)
);

create table audit_shares (
  pool text primary key,
  -- the next window begins here; null: at the beginning
  next_after text,
  pass_begun_at timestamp,
  entries integer not null default 0,
  -- of the last whole pass
  whole_at timestamp,
  whole_seconds real,
  whole_entries integer
);

create table guest_sights (
  compute_host text primary key,
  seen_at timestamp not null,
  guests jsonb not null
);
`;

const down = `
drop table guest_sights;
drop table audit_shares;
drop table audit_findings;
drop table audit_rounds;
drop index operations_scan;
drop index operations_finished;
alter table share_scans drop column stopped_at;
alter table share_scans drop column page_limit;
alter table share_scans drop column begins_after;
alter table share_scans drop column purpose;
`;

export const migration = {
  name: '0040-audit',
  up: (knex: Knex): Promise<void> => knex.raw(up).then(() => undefined),
  down: (knex: Knex): Promise<void> => knex.raw(down).then(() => undefined),
};
