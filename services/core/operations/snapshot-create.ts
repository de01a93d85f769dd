// Freezes the active layer by putting an empty overlay above it; a running guest is switched to the overlay by its hypervisor.
//
// A volume that no guest has open is done in one step:
//
//   before:                [.. <- active]
//   after append-overlay:  [.. <- active <- overlay]   overlay made, headers read back, record written; undo takes all of it away
//
// One that a running guest writes to:
//
//   before:                [.. <- active]              guest writes to active
//   after prepare-overlay: [.. <- active] <- overlay    nobody uses the overlay yet; undo removes it
//   after switch-guest:    [.. <- active  <- overlay]   PIVOT: the guest writes to the overlay; only forward from here
//   after verify-chain:    headers say the same; the record in the database was changed with the step that made it true
import { appendOverlay, overlayFileName } from '../domain/chain.js';
import {
  appendOverlayStep,
  guestIsLive,
  inspectGuestStep,
  needPlan,
  needServer,
  needVolume,
  SECOND,
  verifyPlanStep,
  writePlanRecordStep,
} from './common-steps.js';
import { ask, defineOperation, outputOf, planFor, type StepContext } from './definition.js';

type Context = StepContext<'snapshot-create'>;

function switchParams(context: Context) {
  const { before: chain, file: overlayFile } = needPlan(context);
  return { serverId: needServer(context).id, disks: [{ volumeId: needVolume(context).id, chain, overlayFile }] };
}

/** Not what the guest is now: an operation that an older version of this table has begun prepared an overlay for every volume. */
function wasPrepared(context: Context): boolean {
  return outputOf(context, 'prepare-overlay', 'overlay.prepare') !== undefined;
}

export const snapshotCreate = defineOperation({
  type: 'snapshot-create',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'use' }],
  locksAttachedServer: true,
  settlesBeforeUndone: true,
  plan: ({ volumeId, snapshotId }, { volume }) => {
    if (volume === null) return null;
    const file = overlayFileName(volumeId, snapshotId);
    return planFor(volume, { after: appendOverlay(volume.chain, file, snapshotId), file });
  },
  steps: [
    inspectGuestStep(),
    appendOverlayStep((context) => context.plan !== null && !guestIsLive(context)),
    {
      name: 'prepare-overlay',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      when: guestIsLive,
      do: (context) => {
        const volume = needVolume(context);
        const { before: chain, file: overlayFile } = needPlan(context);
        return ask('overlay.prepare', { volumeId: volume.id, share: volume.access.share, chain, overlayFile });
      },
      undo: (context) => {
        const volume = needVolume(context);
        return ask('files.remove', {
          volumeId: volume.id,
          share: volume.access.share,
          files: [needPlan(context).file],
        });
      },
    },
    {
      name: 'switch-guest',
      on: 'compute-worker',
      // Freezing, and thawing an agent that is slow, takes its time.
      timeoutMs: 60 * SECOND,
      pivot: true,
      when: guestIsLive,
      do: (context) => ask('guest.switch', { ...switchParams(context), freeze: 'try' }),
      undo: (context) => ask('guest.close-overlays', switchParams(context)),
    },
    verifyPlanStep(wasPrepared),
    writePlanRecordStep(wasPrepared),
  ],
});
