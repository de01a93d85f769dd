// One fresh database per test file, in the server that the lane runner started.
import { randomBytes } from 'node:crypto';
import pg from 'pg';

function serverUrl(): URL {
  const url = process.env['SAGGAR_TEST_DATABASE_URL'];
  if (url === undefined)
    throw new Error('SAGGAR_TEST_DATABASE_URL is not set: run this lane with `npm test -- integration`');
  return new URL(url);
}

async function onServer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl().href });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export async function createDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `engine_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name}`);
  const url = serverUrl();
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(`drop database ${name} with (force)`) };
}
