// volume attachment list, show, create, set, complete, delete: the record that a host uses a volume, without any guest's part in it. To
// give a disk to a guest, `server add volume` is meant.
import os from 'node:os';
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findServer, findVolume } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { resourceFields } from './volume-fields.js';

const attachmentArgument = { name: 'attachment', about: 'attachment (ID)' } as const;
const connectorOptions: NonNullable<CommandRow['options']> = [
  { flags: '--host <name>', about: 'host that uses the volume (this one by default)' },
  { flags: '--ip <address>', about: 'address of that host' },
  { flags: '--initiator <name>', about: 'iSCSI name of that host' },
  { flags: '--mountpoint <path>', about: 'device or path under which the host sees it' },
];

/** Facts about the attaching host; the generator reads "any object" as "empty object". */
function connectorOf(input: CommandInput): Record<string, never> {
  return {
    host: input.text('host') ?? os.hostname(),
    ip: input.text('ip') ?? '127.0.0.1',
    platform: os.machine(),
    os_type: os.platform(),
    multipath: false,
    ...givenOnly({ initiator: input.text('initiator'), mountpoint: input.text('mountpoint') }),
  } as unknown as Record<string, never>;
}

async function listAttachments(session: Session, input: CommandInput): Promise<CommandResult> {
  const volume = input.text('volume');
  const { attachments } = await session.volume.get('/v3/attachments', {
    query: {
      volume_id: volume === undefined ? undefined : (await findVolume(session, volume)).id,
      status: input.text('status'),
      all_tenants: input.flag('all-projects') ? 1 : undefined,
    },
  });
  return {
    kind: 'many',
    columns: ['ID', 'Volume ID', 'Server ID', 'Status'],
    rows: attachments.map(({ id, volume_id, instance, status }) => [id, volume_id, instance, status]),
  };
}

async function createAttachment(session: Session, input: CommandInput): Promise<CommandResult> {
  const server = input.text('server');
  const attachment: components['schemas']['AttachmentCreate']['attachment'] = {
    volume_uuid: (await findVolume(session, input.need('volume'))).id,
    instance_uuid: server === undefined ? null : (await findServer(session, server)).id,
    ...givenOnly({
      connector: input.flag('connect') ? connectorOf(input) : undefined,
      mode: input.text('mode') === 'ro' ? ('ro' as const) : input.text('mode') === 'rw' ? ('rw' as const) : undefined,
    }),
  };
  return resourceFields((await session.volume.post('/v3/attachments', { body: { attachment } })).attachment);
}

async function setAttachment(session: Session, input: CommandInput): Promise<CommandResult> {
  const path = { attachment_id: input.need('attachment') };
  const body = { attachment: { connector: connectorOf(input) } };
  return resourceFields((await session.volume.put('/v3/attachments/{attachment_id}', { path, body })).attachment);
}

export const volumeAttachmentCommands: readonly CommandRow[] = [
  {
    path: 'volume attachment list',
    summary: 'List attachments',
    options: [
      { flags: '--volume <volume>', about: 'of this volume (name or ID)' },
      { flags: '--status <status>', about: 'in this status' },
      { flags: '--all-projects', about: 'of all projects (administrators)' },
    ],
    example: 'saggar volume attachment list --volume data',
    output: 'many',
    run: listAttachments,
  },
  {
    path: 'volume attachment show',
    summary: 'Show an attachment with its connection',
    args: [attachmentArgument],
    example: 'saggar volume attachment show 5b2f3a86-7f0e-4f5f-9d5b-3a2f6f0f7d11',
    output: 'one',
    run: async (session, input) => {
      const path = { attachment_id: input.need('attachment') };
      return resourceFields((await session.volume.get('/v3/attachments/{attachment_id}', { path })).attachment);
    },
  },
  {
    path: 'volume attachment create',
    summary: 'Reserve a volume, and connect it with --connect (no guest is touched)',
    args: [
      { name: 'volume', about: 'volume (name or ID)' },
      { name: 'server', about: 'server it is for (name or ID)', optional: true },
    ],
    options: [
      { flags: '--connect', about: 'with the facts about the host' },
      { flags: '--mode <mode>', about: 'access mode', choices: ['rw', 'ro'] },
      ...connectorOptions,
    ],
    example: 'saggar volume attachment create --connect --host kvm7 data',
    output: 'one',
    run: createAttachment,
  },
  {
    path: 'volume attachment set',
    summary: 'Connect a reserved attachment to a host',
    args: [attachmentArgument],
    options: connectorOptions,
    example: 'saggar volume attachment set --host kvm7 5b2f3a86-7f0e-4f5f-9d5b-3a2f6f0f7d11',
    output: 'one',
    run: setAttachment,
  },
  {
    path: 'volume attachment complete',
    summary: 'Say that the host uses the volume now',
    args: [attachmentArgument],
    example: 'saggar volume attachment complete 5b2f3a86-7f0e-4f5f-9d5b-3a2f6f0f7d11',
    output: 'none',
    run: async (session, input) => {
      const path = { attachment_id: input.need('attachment') };
      const body = { 'os-complete': null } as unknown as Record<string, never>;
      await session.volume.post('/v3/attachments/{attachment_id}/action', { path, body });
      return undefined;
    },
  },
  {
    path: 'volume attachment delete',
    summary: 'Say that the host does not use the volume any more',
    args: [{ ...attachmentArgument, many: true }],
    example: 'saggar volume attachment delete 5b2f3a86-7f0e-4f5f-9d5b-3a2f6f0f7d11',
    output: 'none',
    run: async (session, input) => {
      await forEachNamed(input.texts('attachment'), async (id) => {
        await session.volume.delete('/v3/attachments/{attachment_id}', { path: { attachment_id: id } });
      });
      return undefined;
    },
  },
];
