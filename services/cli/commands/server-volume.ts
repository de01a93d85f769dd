// server add volume, remove volume, volume list: disks of a running guest.
import { CliError } from '../cli-error.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { givenOnly } from '../resources/given-only.js';
import { findServer, findVolume } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { waitForVolume } from '../wait/wait-for-volume.js';
import { waitOptions } from '../wait/wait-options.js';
import { serverArgument } from './server.js';
import { computeAt } from './server-actions.js';
import { volumeArgument } from './volume-fields.js';

async function addVolume(session: Session, input: CommandInput): Promise<CommandResult> {
  const [server, volume] = await Promise.all([
    findServer(session, input.need('server')),
    findVolume(session, input.need('volume')),
  ]);
  const path = { server_id: server.id };
  const tag = input.text('tag');
  const body = { volumeAttachment: { volumeId: volume.id, ...givenOnly({ device: input.text('device'), tag }) } };
  const { volumeAttachment } = await session.compute.post('/v2.1/servers/{server_id}/os-volume_attachments', {
    path,
    body,
    ...(tag === undefined ? {} : { headers: computeAt('2.49') }),
  });
  if (input.flag('wait')) await waitForVolume(session, input, volume, ['in-use']);
  const { serverId, volumeId, device } = volumeAttachment;
  return {
    kind: 'one',
    fields: { ID: volumeId, 'Server ID': serverId, 'Volume ID': volumeId, Device: device ?? null },
  };
}

async function removeVolume(session: Session, input: CommandInput): Promise<undefined> {
  const [server, volume] = await Promise.all([
    findServer(session, input.need('server')),
    findVolume(session, input.need('volume')),
  ]);
  await session.compute.delete('/v2.1/servers/{server_id}/os-volume_attachments/{volume_id}', {
    path: { server_id: server.id, volume_id: volume.id },
  });
  if (!input.flag('wait')) return undefined;
  const others = volume.attachments.some(({ server_id }) => server_id !== server.id);
  const seen = await waitForVolume(session, input, volume, others ? ['available', 'in-use'] : ['available']);
  if (seen?.attachments.some(({ server_id }) => server_id === server.id) === true) {
    throw new CliError(`The volume ${volume.name ?? volume.id} is still attached to ${server.name}.`);
  }
  return undefined;
}

async function listVolumes(session: Session, input: CommandInput): Promise<CommandResult> {
  const server = await findServer(session, input.need('server'));
  const { volumeAttachments } = await session.compute.get('/v2.1/servers/{server_id}/os-volume_attachments', {
    path: { server_id: server.id },
  });
  return {
    kind: 'many',
    columns: ['ID', 'Device', 'Server ID', 'Volume ID'],
    rows: volumeAttachments.map(({ id, device, serverId, volumeId }) => [id, device ?? null, serverId, volumeId]),
  };
}

export const serverVolumeCommands: readonly CommandRow[] = [
  {
    path: 'server add volume',
    summary: 'Give a volume to a server; a running guest sees it at once',
    args: [serverArgument, volumeArgument],
    options: [
      { flags: '--device <name>', about: 'name inside the guest (a hint)' },
      { flags: '--tag <tag>', about: 'tag of the attachment' },
      ...waitOptions,
    ],
    example: 'saggar server add volume --wait vm data',
    output: 'one',
    run: addVolume,
  },
  {
    path: 'server remove volume',
    summary: 'Take a volume away from a server',
    args: [serverArgument, volumeArgument],
    options: waitOptions,
    example: 'saggar server remove volume --wait vm data',
    output: 'none',
    run: removeVolume,
  },
  {
    path: 'server volume list',
    summary: 'List the volumes of a server',
    args: [serverArgument],
    example: 'saggar server volume list vm',
    output: 'many',
    run: listVolumes,
  },
];
