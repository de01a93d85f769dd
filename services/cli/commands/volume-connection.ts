// volume connection reserve, unreserve, initialize, attach, begin detaching, roll detaching, detach, terminate: the older deeds behind
// an attachment, one by one, for scripts on hosts without a compute service and for bringing a volume back into order. They tell the
// block-storage service what a host does; they touch no guest and mount nothing.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { givenOnly } from '../resources/given-only.js';
import { findVolume, type Volume } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { connectorOf, connectorOptions } from './connector.js';
import { actOnVolume, type VolumeAction } from './volume-actions.js';
import { volumeArgument } from './volume-fields.js';

interface Deed {
  readonly verb: string;
  readonly summary: string;
  readonly options?: readonly OptionSpec[];
  /** The words between the command and the volume in its example. */
  readonly exampleOptions?: string;
  action(input: CommandInput, volume: Volume): VolumeAction;
}

const attachmentOption = { flags: '--attachment <id>', about: 'this attachment, when the volume has several' } as const;

function attachAction(input: CommandInput): VolumeAction {
  const server = input.text('server-id');
  const host = input.text('host-name');
  if ((server === undefined) === (host === undefined)) throw new UsageError('Give --server-id or --host-name.');
  return {
    'os-attach': {
      mountpoint: input.need('mountpoint'),
      mode: input.text('mode') === 'ro' ? 'ro' : 'rw',
      ...givenOnly({ instance_uuid: server, host_name: host }),
    },
  };
}

function detachAction(input: CommandInput): VolumeAction {
  const attachment_id = input.text('attachment');
  if (!input.flag('force')) return { 'os-detach': givenOnly({ attachment_id }) };
  const connector = input.flag('no-connector') ? null : connectorOf(input);
  return { 'os-force_detach': { connector, ...givenOnly({ attachment_id }) } };
}

const deeds: readonly Deed[] = [
  {
    verb: 'reserve',
    summary: 'Keep a volume for an attachment: available becomes attaching',
    action: () => ({ 'os-reserve': null }),
  },
  {
    verb: 'unreserve',
    summary: 'Take a reservation back',
    action: () => ({ 'os-unreserve': null }),
  },
  {
    verb: 'attach',
    summary: 'Record that a server or a host uses a volume',
    options: [
      { flags: '--mountpoint <path>', about: 'device or path under which it is seen', required: true },
      { flags: '--server-id <id>', about: 'server that uses it', conflicts: ['host-name'] },
      { flags: '--host-name <name>', about: 'host that uses it' },
      { flags: '--mode <mode>', about: 'access mode (rw by default)', choices: ['rw', 'ro'] },
    ],
    exampleOptions: '--mountpoint /dev/vdb --host-name kvm7 ',
    action: attachAction,
  },
  {
    verb: 'begin detaching',
    summary: 'Say that a volume is about to be detached: in-use becomes detaching',
    action: () => ({ 'os-begin_detaching': null }),
  },
  {
    verb: 'roll detaching',
    summary: 'Say that a volume is not detached after all: detaching becomes in-use',
    action: () => ({ 'os-roll_detaching': null }),
  },
  {
    verb: 'detach',
    summary: 'Record that a volume is used no more',
    options: [
      attachmentOption,
      { flags: '--force', about: 'end the connection too, whatever the status (administrators)' },
      { flags: '--no-connector', about: 'with --force: nothing is known about the host' },
      ...connectorOptions,
    ],
    action: detachAction,
  },
  {
    verb: 'terminate',
    summary: 'Say that a host needs the connection to a volume no more',
    options: connectorOptions,
    exampleOptions: '--host kvm7 ',
    action: (input) => ({ 'os-terminate_connection': { connector: connectorOf(input) } }),
  },
];

async function initialize(session: Session, input: CommandInput): Promise<CommandResult> {
  const { id } = await findVolume(session, input.need('volume'));
  const answer = await actOnVolume(session, id, { 'os-initialize_connection': { connector: connectorOf(input) } });
  const { connection_info: info } = answer as { connection_info: { driver_volume_type: string; data: object } };
  return { kind: 'one', fields: { data: info.data, driver_volume_type: info.driver_volume_type } };
}

export const volumeConnectionCommands: readonly CommandRow[] = [
  {
    path: 'volume connection initialize',
    summary: 'Begin the connection of a host; where the data lies is told to services only',
    args: [volumeArgument],
    options: connectorOptions,
    example: 'saggar volume connection initialize --host kvm7 data',
    output: 'one',
    run: initialize,
  },
  ...deeds.map(
    ({ verb, summary, options = [], exampleOptions = '', action }): CommandRow => ({
      path: `volume connection ${verb}`,
      summary,
      args: [volumeArgument],
      options,
      example: `saggar volume connection ${verb} ${exampleOptions}data`,
      output: 'none',
      run: async (session, input) => {
        const volume = await findVolume(session, input.need('volume'));
        await actOnVolume(session, volume.id, action(input, volume));
        return undefined;
      },
    }),
  ),
];
