// Makes a volume independent of the one that it was copied from: its base takes up everything below it, live by block-stream or offline.
//
//   before:         [foreign .. <- base <- ..]
//   after flatten:  [base' <- ..]       PIVOT: base' names no backing file; in the same transaction the record forgets whose layers it shared
//
// Contents, names, sizes and snapshots stay as they are, and at every moment the volume shows the same bytes; so it may be interrupted
// anywhere, and what was copied stays copied. It is begun by a scheduler, for a volume that nobody depends on, and gives way to every
// other operation. A failure or an interruption leaves the volume as it was; it is begun again later.
import { planFlatten } from '../domain/shared-layers.js';
import {
  guestHasEnded,
  guestIsLive,
  inspectGuestStep,
  needPlan,
  needServer,
  needVolume,
  remainsToBeDone,
  SECOND,
  verifyPlanStep,
  writePlanRecordStep,
} from './common-steps.js';
import { ask, defineOperation, type StepContext } from './definition.js';

function flattenParams(context: StepContext<'volume-flatten'>) {
  const { before: chain, file } = needPlan(context);
  const { bytesPerSecond } = context.params;
  return { volumeId: needVolume(context).id, chain, file, ...(bytesPerSecond === null ? {} : { bytesPerSecond }) };
}

export const volumeFlatten = defineOperation({
  type: 'volume-flatten',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: true,
  givesWay: true,
  cancellable: true,
  // Asked again here: a copy of it may have been made since the scheduler looked. Its guest would go on reading, through the old header,
  // layers that nobody keeps for it any more.
  needsAlone: () => ({ files: 'all' }),
  plan: (_params, { volume }) => {
    const flat = volume === null ? null : planFlatten(volume);
    if (volume === null || flat === null) return null;
    return { before: volume.chain, after: flat.result, file: flat.base.file, foreignBefore: volume.foreignLayers };
  },
  steps: [
    inspectGuestStep(),
    {
      name: 'flatten-live',
      on: 'compute-worker',
      timeoutMs: 60 * SECOND,
      pivot: true,
      overtakenBy: guestHasEnded,
      when: (context) => context.plan !== null && guestIsLive(context),
      do: (context) => ask('guest.flatten', { serverId: needServer(context).id, ...flattenParams(context) }),
    },
    {
      name: 'flatten-offline',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      pivot: true,
      when: (context) => context.plan !== null && remainsToBeDone(context, 'flatten-live'),
      do: (context) => ask('layer.flatten', { share: needVolume(context).access.share, ...flattenParams(context) }),
    },
    verifyPlanStep(),
    writePlanRecordStep(),
  ],
});
