// server create: a guest that boots from a volume.
import { CliError } from '../cli-error.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { givenOnly } from '../resources/given-only.js';
import { findFlavor, findSnapshot, findVolume } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { waitForServer } from '../wait/wait-for-server.js';
import { waitOptions } from '../wait/wait-options.js';
import { blockDevicesOf } from './block-device.js';
import { serverFields } from './server.js';

async function createServer(session: Session, input: CommandInput): Promise<CommandResult> {
  if (input.anyOf('image')) {
    throw new CliError('Servers cannot boot from images here.', 'Make a volume and give it with --volume.');
  }
  const name = input.need('name');
  const wishes = {
    volume: input.text('volume'),
    snapshot: input.text('snapshot'),
    bootSizeGib: input.integer('boot-from-volume'),
    blockDevices: input.texts('block-device'),
  };
  const [flavor, devices] = await Promise.all([
    findFlavor(session, input.need('flavor')),
    blockDevicesOf(wishes, {
      volumeId: async (wanted) => (await findVolume(session, wanted)).id,
      snapshotId: async (wanted) => (await findSnapshot(session, wanted)).id,
    }),
  ]);
  const server = {
    name,
    flavorRef: flavor.id,
    imageRef: '',
    block_device_mapping_v2: devices,
    ...givenOnly({
      availability_zone: input.text('availability-zone'),
      metadata: input.anyOf('property') ? input.pairs('property') : undefined,
    }),
  };
  const created = (await session.compute.post('/v2.1/servers', { body: { server } })).server;
  if (input.flag('wait')) await waitForServer(session, input, { id: created.id, name }, 'ACTIVE');
  const path = { server_id: created.id };
  return serverFields((await session.compute.get('/v2.1/servers/{server_id}', { path })).server);
}

export const serverCreateCommands: readonly CommandRow[] = [
  {
    path: 'server create',
    summary: 'Start a new guest that boots from a volume',
    args: [{ name: 'name', about: 'name of the new server' }],
    options: [
      { flags: '--flavor <flavor>', about: 'size (name or ID)', required: true },
      { flags: '--volume <volume>', about: 'boot from this volume (name or ID)', conflicts: ['snapshot', 'image'] },
      { flags: '--snapshot <snapshot>', about: 'boot from a new volume made of it', conflicts: ['volume', 'image'] },
      { flags: '--image <image>', about: 'boot from this image (not offered here)' },
      {
        flags: '--boot-from-volume <gib>',
        about: 'size of the new volume it boots from',
        integer: { min: 1, max: 2_147_483_647 },
      },
      {
        flags: '--block-device <pairs>',
        about: 'another disk: uuid=<volume>,boot_index=1,delete_on_termination=false; repeat for several',
        repeat: true,
      },
      { flags: '--property <key=value>', about: 'property; repeat for several', repeat: true },
      { flags: '--availability-zone <zone>', about: 'availability zone' },
      ...waitOptions,
    ],
    example: 'saggar server create --flavor m1.tiny --volume root --wait vm',
    output: 'one',
    run: createServer,
  },
];
