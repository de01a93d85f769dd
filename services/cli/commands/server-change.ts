// server set and unset: name, description, tags. Descriptions and tags came with later compute versions, which those calls name.
import { UsageError } from '../cli-error.js';
import type { CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { givenOnly } from '../resources/given-only.js';
import { findServer } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { serverArgument } from './server.js';
import { computeAt } from './server-actions.js';

async function setServer(session: Session, input: CommandInput): Promise<undefined> {
  if (!input.anyOf('name', 'description', 'tag')) throw new UsageError('Nothing to change was given.');
  const path = { server_id: (await findServer(session, input.need('server'))).id };
  const server = givenOnly({ name: input.text('name'), description: input.text('description') });
  if (Object.keys(server).length > 0) {
    const newer = 'description' in server ? { headers: computeAt('2.19') } : {};
    await session.compute.put('/v2.1/servers/{server_id}', { path, body: { server }, ...newer });
  }
  for (const tag of input.texts('tag')) {
    const call = { path: { ...path, tag }, headers: computeAt('2.26') };
    await session.compute.put('/v2.1/servers/{server_id}/tags/{tag}', call);
  }
  return undefined;
}

async function unsetServer(session: Session, input: CommandInput): Promise<undefined> {
  if (!input.anyOf('description', 'tag')) throw new UsageError('Nothing to remove was given.');
  const path = { server_id: (await findServer(session, input.need('server'))).id };
  if (input.flag('description')) {
    const body = { server: { description: null } };
    await session.compute.put('/v2.1/servers/{server_id}', { path, body, headers: computeAt('2.19') });
  }
  for (const tag of input.texts('tag')) {
    const call = { path: { ...path, tag }, headers: computeAt('2.26') };
    await session.compute.delete('/v2.1/servers/{server_id}/tags/{tag}', call);
  }
  return undefined;
}

export const serverChangeCommands: readonly CommandRow[] = [
  {
    path: 'server set',
    summary: 'Change name, description or tags of a server',
    args: [serverArgument],
    options: [
      { flags: '--name <name>', about: 'new name' },
      { flags: '--description <text>', about: 'new description' },
      { flags: '--tag <tag>', about: 'tag to add; repeat for several', repeat: true },
    ],
    example: 'saggar server set --name web vm',
    output: 'none',
    run: setServer,
  },
  {
    path: 'server unset',
    summary: 'Remove description or tags of a server',
    args: [serverArgument],
    options: [
      { flags: '--description', about: 'remove the description' },
      { flags: '--tag <tag>', about: 'tag to remove; repeat for several', repeat: true },
    ],
    example: 'saggar server unset --tag old vm',
    output: 'none',
    run: unsetServer,
  },
];
