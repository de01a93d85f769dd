// volume message list, show, delete: why requests failed after they had been accepted.
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { readAllPages } from '../resources/all-pages.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenProjectId, projectOptions } from '../resources/scopes.js';
import type { Session } from '../session.js';
import { listPageOptions, resourceFields } from './volume-fields.js';

async function listMessages(session: Session, input: CommandInput): Promise<CommandResult> {
  const projectId = await givenProjectId(session, input);
  const messages = await readAllPages(
    async (marker, limit) => {
      const page = await session.volume.get('/v3/messages', {
        query: {
          project_id: projectId,
          all_tenants: projectId === undefined ? undefined : 1,
          resource_uuid: input.text('resource'),
          marker,
          limit,
        },
      });
      return { items: page.messages, more: page.messages_links !== undefined };
    },
    { marker: input.text('marker'), wanted: input.integer('limit') },
  );
  return {
    kind: 'many',
    columns: [
      'ID',
      'Event ID',
      'Resource Type',
      'Resource UUID',
      'Message Level',
      'User Message',
      'Request ID',
      'Created At',
      'Guaranteed Until',
    ],
    rows: messages.map((message) => [
      message.id,
      message.event_id,
      message.resource_type ?? null,
      message.resource_uuid ?? null,
      message.message_level,
      message.user_message,
      message.request_id,
      message.created_at,
      message.guaranteed_until,
    ]),
  };
}

const messageArgument = { name: 'message-id', about: 'message (ID)' } as const;

export const volumeMessageCommands: readonly CommandRow[] = [
  {
    path: 'volume message list',
    summary: 'List what went wrong with requests after they were accepted',
    options: [
      { flags: '--resource <id>', about: 'about this volume or snapshot (ID)' },
      ...projectOptions('of this project (administrators)'),
      ...listPageOptions,
    ],
    example: 'saggar volume message list',
    output: 'many',
    run: listMessages,
  },
  {
    path: 'volume message show',
    summary: 'Show a message about a request that failed',
    args: [messageArgument],
    example: 'saggar volume message show 88888888-8888-4888-8888-888888888888',
    output: 'one',
    run: async (session, input) => {
      const path = { message_id: input.need('message-id') };
      return resourceFields((await session.volume.get('/v3/messages/{message_id}', { path })).message);
    },
  },
  {
    path: 'volume message delete',
    summary: 'Delete messages that were read',
    args: [{ ...messageArgument, many: true }],
    example: 'saggar volume message delete 88888888-8888-4888-8888-888888888888',
    output: 'none',
    run: async (session, input) => {
      await forEachNamed(input.texts('message-id'), async (id) => {
        await session.volume.delete('/v3/messages/{message_id}', { path: { message_id: id } });
      });
      return undefined;
    },
  },
];
