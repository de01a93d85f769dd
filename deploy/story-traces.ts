// Looks for what the story's things may have left: files on the shares, rows, messages, guests. The promise is that a deleted disk
// leaves nothing; this is where it is checked on real parts.
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'amqplib';
import pg from 'pg';
import { parse } from 'yaml';
import { routingKeys } from '../services/core/messages/envelope.js';
import { BACKEND } from './config-files.js';
import { listShares } from './mounts.js';
import type { StoryContext } from './story-context.js';

/** One line for each trace of the ids. */
export async function findTraces(story: StoryContext, ids: readonly string[]): Promise<readonly string[]> {
  return [...filesOf(story, ids), ...guestsOf(ids), ...(await rowsOf(story, ids))];
}

/**
 * How many messages wait in the queues of commands and of what could not be read, as text to be compared: an installation that has
 * lived for a while may have kept some of the latter.
 */
export async function waitingMessages(story: StoryContext): Promise<string> {
  const { amqp } = parse(readFileSync(story.places.configOf('conductor'), 'utf8')) as {
    amqp: { url: string; prefix?: string };
  };
  const host = story.layout.hostName;
  const keys = [routingKeys.volume(`${host}@${BACKEND}`), routingKeys.compute(host), routingKeys.parked];
  const connection = await connect(amqp.url);
  try {
    const counts: string[] = [];
    for (const key of keys) {
      // A question about a queue that does not exist closes its channel.
      const channel = await connection.createChannel();
      channel.on('error', () => undefined);
      const queue = await channel.checkQueue(`${amqp.prefix ?? 'saggar'}.${key}`).catch(() => null);
      counts.push(`${key}: ${queue?.messageCount ?? 0}`);
    }
    return counts.join(', ');
  } finally {
    await connection.close();
  }
}

function filesOf(story: StoryContext, ids: readonly string[]): readonly string[] {
  return listShares()
    .filter(({ mountPoint }) => mountPoint.startsWith(`${story.places.mounts}/`))
    .flatMap(({ mountPoint }) =>
      readdirSync(mountPoint, { recursive: true, encoding: 'utf8' })
        .filter((name) => ids.some((id) => name.includes(id)) || name.includes(story.suffix))
        .map((name) => `file ${mountPoint}/${name}`),
    );
}

function guestsOf(ids: readonly string[]): readonly string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((pid) => {
      const command = commandOf(pid);
      return /qemu/.test(command) && ids.some((id) => command.includes(id)) ? [`process ${pid}: ${command}`] : [];
    });
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 200);
  } catch {
    return '';
  }
}

/** Rows by which something would still be under way: operations, locks and unsent commands. */
async function rowsOf(story: StoryContext, ids: readonly string[]): Promise<readonly string[]> {
  const config = parse(readFileSync(story.places.configOf('conductor'), 'utf8')) as { database: { url: string } };
  const client = new pg.Client({ connectionString: config.database.url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const questions: readonly (readonly [string, string])[] = [
      ['volume', `select id::text from volumes where id::text = any($1) and status <> 'deleted'`],
      ['snapshot', `select id::text from snapshots where id::text = any($1) and status <> 'deleted'`],
      ['lock', `select resource as id from resource_locks where split_part(resource, ':', 2) = any($1)`],
      [
        'unsent command',
        `select message::text as id from outbox, unnest($1::text[]) as made where position(made in message::text) > 0`,
      ],
    ];
    const found: string[] = [];
    for (const [what, sql] of questions) {
      const { rows } = await client.query<{ id: string }>(sql, [ids]);
      found.push(...rows.map(({ id }) => `${what} ${id.slice(0, 120)}`));
    }
    return found;
  } finally {
    await client.end();
  }
}
