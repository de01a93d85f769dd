// admin operation list, show: what the service was asked to do, how far each deed is, and what holds it up.
import type { components } from '../../../../api-spec/generated/admin.js';
import type { CommandResult, CommandRow } from '../../command.js';
import type { CommandInput } from '../../command-input.js';
import { readAllPages } from '../../resources/all-pages.js';
import { forEachNamed } from '../../resources/for-each-named.js';
import { findVolume } from '../../resources/lookups.js';
import type { Session } from '../../session.js';
import { listPageOptions } from '../volume-fields.js';

type Operation = components['schemas']['Operation'];

/** `3d 4h`, `12m 5s`: the two largest units. */
export function ageText(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const;
  const parts: string[] = [];
  let rest = Math.max(0, Math.floor(seconds));
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || (unit === 's' && parts.length === 0)) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(' ');
}

/** `running 45%`, `stuck`. */
function stateText({ state, progress }: Operation): string {
  const shown = ['running', 'undoing'].includes(state) && progress > 0 ? ` ${Math.round(progress)}%` : '';
  return state + shown;
}

function resourceText({ resources }: Operation): string {
  const [first] = resources;
  return first === undefined ? '' : `${first.type} ${first.id.slice(0, 8)}`;
}

async function listOperations(session: Session, input: CommandInput): Promise<CommandResult> {
  const wanted = input.text('volume');
  const volume = wanted === undefined ? undefined : (await findVolume(session, wanted)).id;
  // What has ended is history: it is shown when it was asked for.
  const state = input.text('state') ?? (input.flag('all') || volume !== undefined ? undefined : 'active');
  const operations = await readAllPages(
    async (marker, limit) => {
      const query = { state, type: input.text('type'), volume_id: volume, marker, limit };
      const page = await session.admin.get('/v1/operations', { query });
      return { items: page.operations, more: page.operations_links !== undefined };
    },
    { marker: input.text('marker'), wanted: input.integer('limit') ?? 100 },
  );
  const long = input.flag('long');
  return {
    kind: 'many',
    columns: ['ID', 'Type', 'State', 'Step', 'Age', 'On', ...(long ? ['Request', 'Error', 'What To Do'] : [])],
    rows: operations.map((one) => [
      one.id,
      one.type,
      stateText(one),
      one.step,
      ageText(one.age_seconds),
      resourceText(one),
      ...(long ? [one.request_id, one.error?.message ?? null, one.advice] : []),
    ]),
  };
}

async function showOperation(session: Session, input: CommandInput): Promise<CommandResult> {
  const path = { operation_id: input.need('operation') };
  const { operation } = await session.admin.get('/v1/operations/{operation_id}', { path });
  const { steps, locks, error, ...rest } = operation;
  return {
    kind: 'one',
    fields: {
      ...rest,
      steps: steps.map(({ name, asked, done }) => `${name}${done ? ' (done)' : asked ? ' (asked)' : ''}`),
      locks: locks.map(({ resource, mode, held }) => `${resource} ${mode}${held ? '' : ' (wished)'}`),
      error:
        error === null
          ? null
          : `${error.code}: ${error.message}${error.detail === undefined ? '' : ` [${error.detail}]`}`,
    },
  };
}

export const operationArgument = { name: 'operation', about: 'operation (ID)' } as const;

export const adminOperationCommands: readonly CommandRow[] = [
  {
    path: 'admin operation list',
    summary: 'List operations that have not ended, the newest first (administrators)',
    details: [
      'States: pending waits for its turn; running; undoing takes back what a failed step has done; stuck',
      'needs a person (it is asked again every minute and goes on by itself when the reason is gone);',
      'done; failed.',
    ],
    options: [
      { flags: '--state <state>', about: 'in this state: pending, running, undoing, stuck, done, failed, or active' },
      { flags: '--all', about: 'also those that have ended', conflicts: ['state'] },
      { flags: '--type <type>', about: 'of this type, such as volume-create' },
      { flags: '--volume <volume>', about: 'on this volume (name or ID), ended ones too' },
      { flags: '--long', about: 'with request, error and what a person can do' },
      ...listPageOptions,
    ],
    example: 'saggar admin operation list',
    moreExamples: ['saggar admin operation list --state stuck --long'],
    output: 'many',
    run: listOperations,
  },
  {
    path: 'admin operation show',
    summary: 'Show an operation: its steps, locks, errors and what to do (administrators)',
    args: [operationArgument],
    example: 'saggar admin operation show bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb',
    output: 'one',
    run: showOperation,
  },
  {
    path: 'admin operation cancel',
    summary: 'Cancel running copies, merges or flattens (administrators)',
    details: [
      'Only what takes long can be cancelled, and only before its point of no return. It ends as after a',
      'failure: a volume that was being made is in error, a snapshot that was being deleted in',
      'error_deleting, a move stays where it was. No data is lost, and each can be asked for again.',
    ],
    args: [{ ...operationArgument, many: true }],
    example: 'saggar admin operation cancel bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb',
    output: 'none',
    run: async (session, input) => {
      await forEachNamed(input.texts('operation'), async (id) => {
        await session.admin.post('/v1/operations/{operation_id}/cancel', { path: { operation_id: id } });
      });
      return undefined;
    },
  },
];
