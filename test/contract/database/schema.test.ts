// The schema that the migrations make is kept as a file, so that a change of it is seen in a review and never comes by accident.
// After a new migration: SAGGAR_WRITE_SCHEMA=1 npx mocha test/contract/database/schema.test.ts
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../../services/core/runtime/spec-files.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';

const stored = path.join(projectRoot(), 'services', 'core', 'db', 'schema.sql');

/** Debian keeps each version's programs in a folder of its own; the newest can dump all older servers. */
function pgDump(): string {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.length === 0 ? 'pg_dump' : path.join(base, versions[0] ?? '', 'bin', 'pg_dump');
}

/** Without what differs between versions of the program and says nothing about the schema. */
function normalised(dump: string): string {
  const kept = dump
    .split('\n')
    .filter((line) => !/^(--|SET |SELECT pg_catalog|\\restrict|\\unrestrict)/.test(line))
    .join('\n');
  return `${kept.replace(/\n{2,}/g, '\n\n').trim()}\n`;
}

describe('the database schema', () => {
  let database: TestDatabase;

  before(async () => {
    database = await freshDatabase();
  });
  after(async () => {
    await database.drop();
    await closeOwnParts();
  });

  it('is what services/core/db/schema.sql says', () => {
    const dump = execFileSync(
      pgDump(),
      ['--schema-only', '--no-owner', '--no-privileges', '--exclude-table=knex_migrations*', '--dbname', database.url],
      { encoding: 'utf8' },
    );
    const made = normalised(dump);
    if (process.env['SAGGAR_WRITE_SCHEMA'] === '1') writeFileSync(stored, made);
    assert.equal(
      made,
      readFileSync(stored, 'utf8'),
      'the migrations make another schema: write it anew and look at the diff',
    );
  });
});
