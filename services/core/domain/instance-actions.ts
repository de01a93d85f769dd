// What was done to a server, in Nova's words, told from the operations on record. One action for each request: a reboot is a stop and a start
// of the same one. Pure.
//
//   operations of the server       create   attach V        detach V   stop, start (one request)
//   operations of its volumes                        extend V                    extend V
//   actions                        create   attach   extend detach     reboot                      the last is another server's, or nobody's
//
// Words of actions and events: nova/compute/instance_actions.py, and the functions of nova/compute/manager.py that record events.

/** An operation as this page needs it; times are naive UTC text. */
export interface RecordedOperation {
  /** In the order of acceptance. */
  readonly seq: number;
  readonly type: string;
  readonly projectId: string;
  readonly userId: string;
  readonly requestId: string;
  /** Those that the operation names. */
  readonly volumeIds: readonly string[];
  readonly startedAt: string;
  readonly updatedAt: string;
  /** null: it has not ended. */
  readonly finishedAt: string | null;
  /** null: it has not failed. */
  readonly error: string | null;
}

export interface InstanceActionEvent {
  readonly event: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly result: 'Success' | 'Error' | null;
  readonly error: string | null;
}

export interface InstanceAction {
  readonly action: string;
  readonly requestId: string;
  readonly projectId: string;
  readonly userId: string;
  readonly startedAt: string;
  readonly updatedAt: string;
  /** Nova's word for one that failed. */
  readonly message: 'Error' | null;
  readonly events: readonly InstanceActionEvent[];
}

interface Words {
  readonly action: string;
  readonly event: string;
}

const words: Readonly<Record<string, Words>> = {
  'server-create': { action: 'create', event: 'compute__do_build_and_run_instance' },
  'server-start': { action: 'start', event: 'compute_start_instance' },
  'server-stop': { action: 'stop', event: 'compute_stop_instance' },
  'server-delete': { action: 'delete', event: 'compute_terminate_instance' },
  'attachment-create': { action: 'attach_volume', event: 'compute_attach_volume' },
  'attachment-delete': { action: 'detach_volume', event: 'compute_detach_volume' },
  'volume-extend': { action: 'extend_volume', event: 'compute_extend_volume' },
};
const reboot: Words = { action: 'reboot', event: 'compute_reboot_instance' };

/** The types that are told of. */
export const toldOperations: readonly string[] = Object.keys(words);

const takesVolumes: ReadonlySet<string> = new Set(['server-create', 'attachment-create']);

/** A volume's growth is the server's when the server had the volume then. */
function isOfServer(operation: RecordedOperation, ofServer: readonly RecordedOperation[]): boolean {
  if (operation.type !== 'volume-extend') return true;
  const [volumeId] = operation.volumeIds;
  if (volumeId === undefined) return false;
  const before = ofServer.filter((one) => one.seq < operation.seq);
  const last = before.findLast((one) => one.type === 'server-delete' || one.volumeIds.includes(volumeId));
  return last !== undefined && takesVolumes.has(last.type);
}

function resultOf({ finishedAt, error }: RecordedOperation): InstanceActionEvent['result'] {
  if (finishedAt === null) return null;
  return error === null ? 'Success' : 'Error';
}

function wordsOf(operation: RecordedOperation, isReboot: boolean): Words {
  return isReboot ? reboot : (words[operation.type] ?? { action: operation.type, event: operation.type });
}

function actionOf(operations: readonly RecordedOperation[]): InstanceAction | null {
  const first = operations[0];
  if (first === undefined) return null;
  const isReboot = operations.some(({ type }) => type === 'server-stop') && operations.length > 1;
  const failed = operations.some((one) => resultOf(one) === 'Error');
  const { requestId, projectId, userId, startedAt } = first;
  const updates = operations.map(({ updatedAt }) => updatedAt).sort();
  return {
    action: wordsOf(first, isReboot).action,
    ...{ requestId, projectId, userId, startedAt },
    updatedAt: updates.at(-1) ?? startedAt,
    message: failed ? 'Error' : null,
    events: operations.map((one) => ({
      event: wordsOf(one, isReboot).event,
      startedAt: one.startedAt,
      finishedAt: one.finishedAt,
      result: resultOf(one),
      error: one.error,
    })),
  };
}

/** The newest first. `ofServer` and `ofVolumes` in the order of acceptance. */
export function instanceActionsOf(
  ofServer: readonly RecordedOperation[],
  ofVolumes: readonly RecordedOperation[],
): readonly InstanceAction[] {
  const byRequest = new Map<string, RecordedOperation[]>();
  for (const operation of [...ofServer, ...ofVolumes].sort((a, b) => a.seq - b.seq)) {
    if (!isOfServer(operation, ofServer)) continue;
    byRequest.set(operation.requestId, [...(byRequest.get(operation.requestId) ?? []), operation]);
  }
  return [...byRequest.values()].flatMap((group) => actionOf(group) ?? []).reverse();
}
