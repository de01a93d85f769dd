// volume transfer request create, list, show, accept, delete: a volume goes to another project. The key is told once, to whoever makes
// the request; who knows it and the ID may take the volume.
import type { CommandResult, CommandRow, OneResult } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findTransfer, findVolume } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { resourceFields, volumeArgument } from './volume-fields.js';

const transferArgument = { name: 'transfer-request', about: 'transfer request (name or ID)' } as const;

async function createTransfer(session: Session, input: CommandInput): Promise<OneResult> {
  const { id } = await findVolume(session, input.need('volume'));
  const transfer = {
    volume_id: id,
    ...givenOnly({
      name: input.text('name'),
      no_snapshots: input.flag('no-snapshots') ? (true as const) : undefined,
    }),
  };
  return resourceFields((await session.volume.post('/v3/volume-transfers', { body: { transfer } })).transfer);
}

async function listTransfers(session: Session, input: CommandInput): Promise<CommandResult> {
  const { transfers } = await session.volume.get('/v3/volume-transfers/detail', {
    query: { all_tenants: input.flag('all-projects') ? 1 : undefined },
  });
  return {
    kind: 'many',
    columns: ['ID', 'Name', 'Volume'],
    rows: transfers.map(({ id, name, volume_id }) => [id, name, volume_id]),
  };
}

async function acceptTransfer(session: Session, input: CommandInput): Promise<OneResult> {
  // Another project's request is in no list of ours: the word is its ID.
  const path = { transfer_id: input.need('transfer-request') };
  const body = { accept: { auth_key: input.need('auth-key') } };
  return resourceFields(
    (await session.volume.post('/v3/volume-transfers/{transfer_id}/accept', { path, body })).transfer,
  );
}

export const volumeTransferCommands: readonly CommandRow[] = [
  {
    path: 'volume transfer request create',
    summary: 'Offer a volume to another project; prints the key that takes it',
    args: [volumeArgument],
    options: [
      { flags: '--name <name>', about: 'name of the request' },
      { flags: '--snapshots', about: 'with its snapshots (as by default)', conflicts: ['no-snapshots'] },
      { flags: '--no-snapshots', about: 'only when the volume has no snapshots' },
    ],
    example: 'saggar volume transfer request create --name to-shop data',
    moreExamples: ['saggar volume transfer request create -f value -c id -c auth_key data'],
    output: 'one',
    run: createTransfer,
  },
  {
    path: 'volume transfer request list',
    summary: 'List the offers of the project that nobody has taken yet',
    options: [{ flags: '--all-projects', about: 'of all projects (administrators)' }],
    example: 'saggar volume transfer request list',
    output: 'many',
    run: listTransfers,
  },
  {
    path: 'volume transfer request show',
    summary: 'Show an offer; the key is not told again',
    args: [transferArgument],
    example: 'saggar volume transfer request show to-shop',
    output: 'one',
    run: async (session, input) => resourceFields(await findTransfer(session, input.need('transfer-request'))),
  },
  {
    path: 'volume transfer request accept',
    summary: 'Take a volume that another project offers',
    args: [{ name: 'transfer-request', about: 'transfer request (ID)' }],
    options: [{ flags: '--auth-key <key>', about: 'key that its owner was told', required: true }],
    example: 'saggar volume transfer request accept --auth-key 0123456789abcdef 77777777-7777-4777-8777-777777777777',
    output: 'one',
    run: acceptTransfer,
  },
  {
    path: 'volume transfer request delete',
    summary: 'Take offers back; the volumes are available again',
    args: [{ ...transferArgument, many: true }],
    example: 'saggar volume transfer request delete to-shop',
    output: 'none',
    run: async (session, input) => {
      await forEachNamed(input.texts('transfer-request'), async (name) => {
        const { id } = await findTransfer(session, name);
        await session.volume.delete('/v3/volume-transfers/{transfer_id}', { path: { transfer_id: id } });
      });
      return undefined;
    },
  },
];
