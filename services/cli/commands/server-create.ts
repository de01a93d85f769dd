// server create: a guest that boots from a volume, a snapshot or an image.
import { readFile } from 'node:fs/promises';
import { CliError, UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { givenOnly } from '../resources/given-only.js';
import { findFlavor, findSnapshot, findVolume } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { waitForServer } from '../wait/wait-for-server.js';
import { waitOptions } from '../wait/wait-options.js';
import { blockDevicesOf } from './block-device.js';
import { serverFields } from './server.js';
import { computeAt } from './server-actions.js';

/** The oldest compute version that has all fields of the request; none where the oldest of all has them. */
function versionFor(server: { readonly tags?: unknown; readonly networks?: unknown; readonly description?: unknown }): {
  headers?: Readonly<Record<string, string>>;
} {
  // From 2.37 on, networks must be said.
  if (server.tags !== undefined && server.networks === undefined) Object.assign(server, { networks: 'none' });
  if (server.tags !== undefined) return { headers: computeAt('2.52') };
  if (server.networks !== undefined) return { headers: computeAt('2.37') };
  return server.description === undefined ? {} : { headers: computeAt('2.19') };
}

/** There are no networks here: `none` and `auto` are what can be wished. */
function networksOf(nics: readonly string[], networks: readonly string[]): 'none' | 'auto' | undefined {
  const wishes = [...nics, ...networks];
  const [first] = wishes;
  if (first === undefined) return undefined;
  if (wishes.length === 1 && (first === 'none' || first === 'auto')) return first;
  throw new UsageError('Guests have no networks here.', 'Leave --nic and --network out, or say none.');
}

/** Base64, as Nova takes it. Errors: CliError when the file cannot be read. */
async function userDataOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return (await readFile(file)).toString('base64');
  } catch (cause) {
    throw new CliError(`The file ${file} cannot be read.`, 'Check --user-data.', { cause });
  }
}

/** Compute knows images by their ids alone. */
function imageOf(text: string | undefined): string | undefined {
  if (text === undefined || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text;
  throw new UsageError(
    '--image wants the ID of an image.',
    'Volumes are made of named images: `saggar volume create --image`.',
  );
}

async function createServer(session: Session, input: CommandInput): Promise<CommandResult> {
  const name = input.need('name');
  const wishes = {
    volume: input.text('volume'),
    snapshot: input.text('snapshot'),
    imageId: imageOf(input.text('image')),
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
  const networks = networksOf(input.texts('nic'), input.texts('network'));
  const server = {
    name,
    flavorRef: flavor.id,
    // Alone it is a root disk that goes with the server; --boot-from-volume makes a volume of it.
    imageRef: wishes.bootSizeGib === undefined ? (wishes.imageId ?? '') : '',
    block_device_mapping_v2: devices,
    ...givenOnly({
      availability_zone: input.text('availability-zone'),
      metadata: input.anyOf('property') ? input.pairs('property') : undefined,
      user_data: await userDataOf(input.text('user-data')),
      adminPass: input.text('password'),
      min_count: input.integer('min'),
      max_count: input.integer('max'),
      description: input.text('description'),
      tags: input.anyOf('tag') ? [...input.texts('tag')] : undefined,
      networks,
    }),
  };
  const created = (await session.compute.post('/v2.1/servers', { body: { server }, ...versionFor(server) })).server;
  if (input.flag('wait')) await waitForServer(session, input, { id: created.id, name }, 'ACTIVE');
  const path = { server_id: created.id };
  return serverFields(session, (await session.compute.get('/v2.1/servers/{server_id}', { path })).server);
}

export const serverCreateCommands: readonly CommandRow[] = [
  {
    path: 'server create',
    summary: 'Start a new guest that boots from a volume, a snapshot or an image',
    args: [{ name: 'name', about: 'name of the new server' }],
    options: [
      { flags: '--flavor <flavor>', about: 'size (name or ID)', required: true },
      { flags: '--volume <volume>', about: 'boot from this volume (name or ID)', conflicts: ['snapshot', 'image'] },
      { flags: '--snapshot <snapshot>', about: 'boot from a new volume made of it', conflicts: ['volume', 'image'] },
      { flags: '--image <image>', about: 'boot from this image (ID)', conflicts: ['volume', 'snapshot'] },
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
      { flags: '--description <text>', about: 'what it is for' },
      { flags: '--tag <tag>', about: 'tag; repeat for several', repeat: true },
      { flags: '--user-data <file>', about: 'file that the guest is given at its first start' },
      { flags: '--password <password>', about: 'password of the guest, where its image can set one' },
      { flags: '--min <count>', about: 'at least so many servers', integer: { min: 1, max: 1_000 } },
      { flags: '--max <count>', about: 'at most so many servers', integer: { min: 1, max: 1_000 } },
      { flags: '--network <network>', about: 'none or auto: guests have no networks here', repeat: true },
      { flags: '--nic <nic>', about: 'the same, as other clients spell it', repeat: true },
      ...waitOptions,
    ],
    example: 'saggar server create --flavor m1.tiny --volume root --wait vm',
    moreExamples: [
      'saggar server create --flavor m1.tiny --snapshot golden --boot-from-volume 10 vm',
      'saggar server create --flavor m1.tiny --volume root --block-device uuid=data,boot_index=1 vm',
    ],
    output: 'one',
    run: createServer,
  },
];
