// What an administrator looks at: the processes of the service, the pools (one per share), and the messages about requests that failed
// after they had been accepted.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import type { Session } from '../session.js';

async function listServices(session: Session, input: CommandInput): Promise<CommandResult> {
  const query = { host: input.text('host'), binary: input.text('service') };
  const { services } = await session.volume.get('/v3/os-services', { query });
  const long = input.flag('long');
  return {
    kind: 'many',
    columns: ['Binary', 'Host', 'Zone', 'Status', 'State', 'Updated At', ...(long ? ['Disabled Reason'] : [])],
    rows: services.map((service) => [
      service.binary,
      service.host,
      service.zone,
      service.status,
      service.state,
      service.updated_at,
      ...(long ? [service.disabled_reason] : []),
    ]),
  };
}

async function setService(session: Session, input: CommandInput): Promise<undefined> {
  const service = { host: input.need('host'), binary: input.need('service') };
  const reason = input.text('disable-reason');
  if (!input.anyOf('enable', 'disable')) throw new UsageError('Give --enable or --disable.');
  if (reason !== undefined && !input.flag('disable')) throw new UsageError('--disable-reason goes with --disable.');
  if (input.flag('enable')) await session.volume.put('/v3/os-services/enable', { body: service });
  else if (reason === undefined) await session.volume.put('/v3/os-services/disable', { body: service });
  else {
    const body = { ...service, disabled_reason: reason };
    await session.volume.put('/v3/os-services/disable-log-reason', { body });
  }
  return undefined;
}

async function listPools(session: Session, input: CommandInput): Promise<CommandResult> {
  const { pools } = await session.volume.get('/v3/scheduler-stats/get_pools', { query: { detail: true } });
  const long = input.flag('long');
  return {
    kind: 'many',
    columns: ['Name', ...(long ? ['Protocol', 'Total GiB', 'Free GiB', 'Promised GiB', 'Ratio', 'Backend'] : [])],
    rows: pools.map(({ name, capabilities }) => [
      name,
      ...(long
        ? [
            capabilities?.storage_protocol,
            capabilities?.total_capacity_gb,
            capabilities?.free_capacity_gb,
            capabilities?.provisioned_capacity_gb,
            capabilities?.max_over_subscription_ratio,
            capabilities?.volume_backend_name,
          ]
        : []),
    ]),
  };
}

async function listMessages(session: Session): Promise<CommandResult> {
  const { messages } = await session.volume.get('/v3/messages', {});
  return {
    kind: 'many',
    columns: ['ID', 'Event ID', 'Resource Type', 'Resource UUID', 'Message Level', 'User Message', 'Created At'],
    rows: messages.map((message) => [
      message.id,
      message.event_id,
      message.resource_type ?? null,
      message.resource_uuid ?? null,
      message.message_level,
      message.user_message,
      message.created_at,
    ]),
  };
}

export const volumeServiceCommands: readonly CommandRow[] = [
  {
    path: 'volume service list',
    summary: 'List the processes of the service and whether they are alive (administrators)',
    options: [
      { flags: '--host <name>', about: 'on this host' },
      { flags: '--service <binary>', about: 'of this kind, such as cinder-volume' },
      { flags: '--long', about: 'with more columns' },
    ],
    example: 'saggar volume service list',
    output: 'many',
    run: listServices,
  },
  {
    path: 'volume service set',
    summary: 'Let a process get new volumes, or keep it from them (administrators)',
    args: [
      { name: 'host', about: 'host@backend as `volume service list` shows it' },
      { name: 'service', about: 'kind of process, such as cinder-volume' },
    ],
    options: [
      { flags: '--enable', about: 'may get new volumes', conflicts: ['disable'] },
      { flags: '--disable', about: 'gets no new volumes' },
      { flags: '--disable-reason <text>', about: 'why' },
    ],
    example:
      'saggar volume service set --disable --disable-reason "bricks are being replaced" store1@gluster cinder-volume',
    output: 'none',
    run: setService,
  },
];

export const volumeBackendCommands: readonly CommandRow[] = [
  {
    path: 'volume backend pool list',
    summary: 'List the pools, one for each share, and their room (administrators)',
    options: [{ flags: '--long', about: 'with room and promises' }],
    example: 'saggar volume backend pool list --long',
    output: 'many',
    run: listPools,
  },
];

export const volumeMessageCommands: readonly CommandRow[] = [
  {
    path: 'volume message list',
    summary: 'List what went wrong with requests after they were accepted',
    example: 'saggar volume message list',
    output: 'many',
    run: listMessages,
  },
];
