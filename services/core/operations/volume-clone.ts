// A copy of a volume in the same pool: its active layer is frozen, and from then on two overlays stand on it, the volume's own and the copy's
// first layer. Nothing is copied, whatever the size.
//
// Of a volume that no guest has open, one step:
//
//   before:              source [.. <- active]              copy (nothing)
//   after fork-overlay:  source [.. <- active <- overlay]   copy [.. <- active <- volume-C]   undo takes both overlays away
//
// If its active layer is an overlay that holds nothing, it is left alone: the copy stands on what is below.
//
//   before:              source [.. <- frozen <- active (empty)]
//   after fork-overlay:  source [.. <- frozen <- active (empty)]   copy [.. <- frozen <- volume-C]
//
// Of one that a running guest writes to:
//
//   after prepare-fork:  source [.. <- active] <- overlay   copy [.. <- active] <- volume-C   nobody uses either; undo removes both
//   after switch-guest:  source [.. <- active <- overlay]   PIVOT: the guest writes to the overlay; only forward from here
//   after settle-fork:   the headers of both chains say the same; then both records
//
// The source's overlay belongs to an internal snapshot, so that whatever changes the source's layers knows of it; its deletion, accepted with
// the clone, merges the overlay away when the copy is independent (or was never made). Whom the copy stands on is recorded before the
// overlays are made. A source whose chain is deep, and a copy in another pool, go the longer way: snapshot-create, volume-create,
// snapshot-delete.
import { activeLayer, appendOverlay, type Layer, overlayFileName, volumeFileName } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { beginCopy, beginCopyBelowEmpty } from '../domain/shared-layers.js';
import { gibToBytes } from '../domain/size.js';
import { guestIsLive, inspectGuestStep, needServer, needVolume, SECOND } from './common-steps.js';
import { ask, type ChainPlan, defineOperation, outputOf, planFor, type StepContext } from './definition.js';
import { mayShareLayers, type VolumeFacts } from './facts.js';

type Context = StepContext<'volume-clone'>;

interface Fork {
  readonly source: VolumeFacts;
  readonly sourcePlan: ChainPlan;
  readonly copyPlan: ChainPlan;
}

function forkOf({ facts: { source }, plans }: Context): Fork {
  const [sourcePlan, copyPlan] = plans ?? [];
  if (source === null || sourcePlan === undefined || copyPlan === undefined)
    throw new ServiceError('internal', 'A volume of the operation is gone.');
  return { source, sourcePlan, copyPlan };
}

/** Both chains as they shall be. */
function bothChains(context: Context) {
  const { source, sourcePlan, copyPlan } = forkOf(context);
  const { after: chain, foreignAfter: foreignLayers = 0 } = copyPlan;
  return {
    volumeId: source.id,
    share: source.access.share,
    chain: sourcePlan.after,
    foreignLayers: source.foreignLayers,
    copy: { volumeId: needVolume(context).id, chain, foreignLayers },
  };
}

function unfork(context: Context) {
  const { source, sourcePlan, copyPlan } = forkOf(context);
  return ask('overlay.unfork', {
    volumeId: source.id,
    share: source.access.share,
    chain: sourcePlan.before,
    foreignLayers: source.foreignLayers,
    overlayFile: sourcePlan.file,
    copy: { volumeId: needVolume(context).id, file: copyPlan.file },
  });
}

function switchParams(context: Context) {
  const { source, sourcePlan } = forkOf(context);
  const { before: chain, file: overlayFile } = sourcePlan;
  return { serverId: needServer(context).id, disks: [{ volumeId: source.id, chain, overlayFile }] };
}

/** True when the copy was put below the source's active layer, which holds nothing; the source is as it was then. */
export function reusesFrozenLayer(context: Pick<StepContext, 'outputs'>): boolean {
  return outputOf(context, 'fork-overlay', 'overlay.fork')?.reused === true;
}

export const volumeClone = defineOperation({
  type: 'volume-clone',
  locks: ({ volumeId, source }) => [
    { resource: `volume:${volumeId}`, mode: 'chain' },
    { resource: `volume:${source.volumeId}`, mode: 'use' },
  ],
  locksAttachedServer: true,
  serverIsOfSource: true,
  cancellable: true,
  settlesBeforeUndone: true,
  /** Of the source, then of the copy. */
  plans: ({ source: { snapshotId } }, { volume, source }) => {
    if (volume === null || source === null) throw new ServiceError('not_found', 'A volume of the clone is gone.');
    // It was in this pool when the request was accepted; only a status that was reset by hand lets it be otherwise now.
    if (source.access.share !== volume.access.share || source.backendHost !== volume.backendHost)
      throw new ServiceError('volume_busy', 'The source volume is in another pool now.');
    if (!mayShareLayers(volume, source)) throw new ServiceError('volume_busy', 'The source volume was encrypted anew.');
    const overlay = overlayFileName(source.id, snapshotId);
    const own = planFor(source, { after: appendOverlay(source.chain, overlay, snapshotId), file: overlay });
    const file = volumeFileName(volume.id);
    const { chain: after, foreignLayers } = beginCopy(source.chain, file, gibToBytes(volume.sizeGib));
    return [own, { before: source.chain, after, file, foreignBefore: foreignLayers, foreignAfter: foreignLayers }];
  },
  steps: [
    inspectGuestStep(),
    {
      name: 'fork-overlay',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      when: (context) => !guestIsLive(context),
      do: (context) => {
        const { source, copyPlan } = forkOf(context);
        const belowEmpty = beginCopyBelowEmpty(
          source.chain,
          copyPlan.file,
          activeLayer(copyPlan.after).virtualSizeBytes,
        );
        return ask('overlay.fork', { ...bothChains(context), ...(belowEmpty === null ? {} : { belowEmpty }) });
      },
      undo: unfork,
    },
    {
      name: 'prepare-fork',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      when: guestIsLive,
      do: (context) => {
        const { volumeId, share, copy } = bothChains(context);
        const { before: chain, file: overlayFile } = forkOf(context).sourcePlan;
        return ask('overlay.prepare', { volumeId, share, chain, overlayFile, copy });
      },
      undo: unfork,
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
    {
      name: 'settle-fork',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      when: guestIsLive,
      do: (context) => ask('overlay.settle-fork', bothChains(context)),
    },
  ],
});

/** What the copy stands on from now on. */
export function backingOf(plans: readonly ChainPlan[]): Layer | undefined {
  const copy = plans[1];
  return copy === undefined ? undefined : activeLayer(copy.before);
}
