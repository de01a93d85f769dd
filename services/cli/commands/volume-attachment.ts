// volume attachment list, show, create, set, complete, delete: the record that a host uses a volume, without any guest's part in it. To
// give a disk to a guest, `server add volume` is meant.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OneResult } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { readAllPages } from '../resources/all-pages.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findServer, findVolume } from '../resources/lookups.js';
import { givenProjectId, projectOptions } from '../resources/scopes.js';
import type { Session } from '../session.js';
import { connectorOf, connectorOptions } from './connector.js';
import { listPageOptions } from './volume-fields.js';

const connectorNames = ['host', 'ip', 'initiator', 'mountpoint', 'platform', 'os-type', 'multipath'] as const;
const attachmentArgument = { name: 'attachment', about: 'attachment (ID)' } as const;
/** Under the titles of python-openstackclient. */
function attachmentFields(attachment: components['schemas']['Attachment']): OneResult {
  return {
    kind: 'one',
    fields: {
      ID: attachment.id,
      'Volume ID': attachment.volume_id,
      'Instance ID': attachment.instance,
      Status: attachment.status,
      'Attach Mode': attachment.attach_mode,
      'Attached At': attachment.attached_at,
      'Detached At': attachment.detached_at,
      Properties: attachment.connection_info,
    },
  };
}

async function listAttachments(session: Session, input: CommandInput): Promise<CommandResult> {
  const volume = input.text('volume') ?? input.text('volume-id');
  const [volumeId, projectId] = await Promise.all([
    volume === undefined ? undefined : findVolume(session, volume).then(({ id }) => id),
    givenProjectId(session, input),
  ]);
  const attachments = await readAllPages(
    async (marker, limit) => {
      const page = await session.volume.get('/v3/attachments', {
        query: {
          volume_id: volumeId,
          status: input.text('status'),
          project_id: projectId,
          all_tenants: input.flag('all-projects') || projectId !== undefined ? 1 : undefined,
          marker,
          limit,
        },
      });
      // The API links no next page of attachments: a page that is as long as was asked for may have one.
      return { items: page.attachments, more: limit !== undefined && page.attachments.length >= limit };
    },
    { marker: input.text('marker'), wanted: input.integer('limit') },
  );
  return {
    kind: 'many',
    columns: ['ID', 'Volume ID', 'Server ID', 'Status'],
    rows: attachments.map(({ id, volume_id, instance, status }) => [id, volume_id, instance, status]),
  };
}

async function createAttachment(session: Session, input: CommandInput): Promise<CommandResult> {
  if (input.flag('no-connect') && input.anyOf(...connectorNames)) {
    throw new UsageError('The facts about the host go with --connect.');
  }
  const server = input.text('server');
  const attachment: components['schemas']['AttachmentCreate']['attachment'] = {
    volume_uuid: (await findVolume(session, input.need('volume'))).id,
    instance_uuid: server === undefined ? null : (await findServer(session, server)).id,
    ...givenOnly({
      connector: input.flag('connect') ? connectorOf(input) : undefined,
      mode: input.text('mode') === 'ro' ? ('ro' as const) : input.text('mode') === 'rw' ? ('rw' as const) : undefined,
    }),
  };
  return attachmentFields((await session.volume.post('/v3/attachments', { body: { attachment } })).attachment);
}

async function setAttachment(session: Session, input: CommandInput): Promise<CommandResult> {
  const path = { attachment_id: input.need('attachment') };
  const body = { attachment: { connector: connectorOf(input) } };
  return attachmentFields((await session.volume.put('/v3/attachments/{attachment_id}', { path, body })).attachment);
}

export const volumeAttachmentCommands: readonly CommandRow[] = [
  {
    path: 'volume attachment list',
    summary: 'List attachments',
    options: [
      { flags: '--volume <volume>', about: 'of this volume (name or ID)' },
      { flags: '--volume-id <volume>', about: 'the same, as other clients spell it', conflicts: ['volume'] },
      { flags: '--status <status>', about: 'in this status' },
      { flags: '--all-projects', about: 'of all projects (administrators)' },
      ...projectOptions('of this project (administrators)'),
      ...listPageOptions,
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
      return attachmentFields((await session.volume.get('/v3/attachments/{attachment_id}', { path })).attachment);
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
      { flags: '--connect', about: 'with the facts about the host', conflicts: ['no-connect'] },
      { flags: '--no-connect', about: 'reserve only (as by default)' },
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
