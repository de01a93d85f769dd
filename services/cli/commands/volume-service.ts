// volume service list and set: the processes of the service, whether they are alive and whether they get new volumes.
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
