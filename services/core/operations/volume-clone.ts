// A copy of a volume at rest, in the same pool: its active layer is frozen, and from then on two overlays stand on it, the volume's own and
// the copy's first layer. One step, whatever the size.
//
//   before:              source [.. <- active]              copy (nothing)
//   after fork-overlay:  source [.. <- active <- overlay]   copy [.. <- active <- volume-C]   undo takes both overlays away
//
// The source's overlay belongs to an internal snapshot, so that whatever changes the source's layers knows of it; its deletion, accepted with
// the clone, merges the overlay away when the copy is independent (or was never made). Whom the copy stands on is recorded before the
// overlays are made. A source that a server of ours has, one whose chain is deep, and a copy in another pool go the longer way:
// snapshot-create, volume-create, snapshot-delete.
import { activeLayer, appendOverlay, type Layer, overlayFileName, volumeFileName } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { beginCopy } from '../domain/shared-layers.js';
import { gibToBytes } from '../domain/size.js';
import { needVolume, SECOND } from './common-steps.js';
import { ask, type ChainPlan, defineOperation, planFor, type StepContext } from './definition.js';
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

export const volumeClone = defineOperation({
  type: 'volume-clone',
  locks: ({ volumeId, source }) => [
    { resource: `volume:${volumeId}`, mode: 'chain' },
    { resource: `volume:${source.volumeId}`, mode: 'use' },
  ],
  locksAttachedServer: false,
  loadsServerOfSource: true,
  cancellable: true,
  settlesBeforeUndone: true,
  /** Of the source, then of the copy. */
  plans: ({ source: { snapshotId } }, { volume, source, server }) => {
    if (volume === null || source === null) throw new ServiceError('not_found', 'A volume of the clone is gone.');
    // It was at rest, and in this pool, when the request was accepted; only a status that was reset by hand lets it be otherwise now.
    if (server !== null) throw new ServiceError('volume_busy', 'The source volume is attached.');
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
    {
      name: 'fork-overlay',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      do: (context) => {
        const { source, sourcePlan, copyPlan } = forkOf(context);
        return ask('overlay.fork', {
          volumeId: source.id,
          share: source.access.share,
          chain: sourcePlan.after,
          foreignLayers: source.foreignLayers,
          copy: {
            volumeId: needVolume(context).id,
            chain: copyPlan.after,
            foreignLayers: copyPlan.foreignAfter ?? 0,
          },
        });
      },
      undo: (context) => {
        const { source, sourcePlan, copyPlan } = forkOf(context);
        return ask('overlay.unfork', {
          volumeId: source.id,
          share: source.access.share,
          chain: sourcePlan.before,
          foreignLayers: source.foreignLayers,
          overlayFile: sourcePlan.file,
          copy: { volumeId: needVolume(context).id, file: copyPlan.file },
        });
      },
    },
  ],
});

/** What the copy stands on from now on. */
export function backingOf(plans: readonly ChainPlan[]): Layer | undefined {
  const copy = plans[1];
  return copy === undefined ? undefined : activeLayer(copy.before);
}
