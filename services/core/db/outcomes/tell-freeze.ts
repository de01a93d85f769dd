// Tells the users of a project that a snapshot of a running server was taken without freezing its file systems: it is what the disks held
// at that moment, as after a loss of power. A warning, not an error: the snapshot is there.

import type { UserMessageAction } from '../../domain/user-messages.js';
import type { CommandOutput } from '../../messages/envelope.js';
import type { Transaction } from '../connection.js';
import type { OperationRow } from '../engine/operation-row.js';
import { leaveMessage, type MessageResource } from '../leave-message.js';

type FreezeReport = NonNullable<CommandOutput<'guest.switch'>['freeze']>;

const codes = {
  not_asked: null,
  no_agent: 'not_frozen_no_agent',
  agent_silent: 'not_frozen_no_agent',
  agent_refused: 'not_frozen_refused',
  too_slow: 'not_frozen_too_slow',
  unknown: 'not_frozen_unknown',
} as const satisfies Record<NonNullable<FreezeReport['reason']>, string | null>;

/** The code of the message; null when there is nothing to tell (frozen, never tried, or a worker that knows no freeze). */
export function freezeCode(reports: readonly (FreezeReport | undefined)[]): string | null {
  const reason = reports.find((one) => one?.frozen === false)?.reason ?? null;
  return reason === null ? null : codes[reason];
}

export async function tellNotFrozen(
  tx: Transaction,
  row: OperationRow,
  about: { readonly resourceType: MessageResource; readonly resourceId: string; readonly action: UserMessageAction },
  reports: readonly (FreezeReport | undefined)[],
): Promise<void> {
  const code = freezeCode(reports);
  if (code === null) return;
  const { project_id: projectId, request_id: requestId } = row;
  await leaveMessage(tx, { projectId, requestId, ...about, code, level: 'WARNING' });
}
