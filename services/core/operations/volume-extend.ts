// Grows the active layer: by the hypervisor while a guest has it open (the guest sees it at once), else by us.
//
//   [.. <- active (n GiB)]   =>   [.. <- active (m GiB)]      lower layers keep their size
import { extendActive } from '../domain/chain.js';
import { gibToBytes } from '../domain/size.js';
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
} from './common-steps.js';
import { ask, defineOperation, planFor } from './definition.js';

export const volumeExtend = defineOperation({
  type: 'volume-extend',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: true,
  plan: ({ newSizeGib }, { volume }) => {
    // One without a file, in `available` by an administrator's word: success would give it a size, and a size makes it ours to delete.
    if (volume === null) return null;
    const after = extendActive(volume.chain, gibToBytes(newSizeGib));
    return planFor(volume, { after, file: after.at(-1)?.file ?? '' });
  },
  steps: [
    inspectGuestStep(),
    {
      name: 'resize-guest',
      on: 'compute-worker',
      timeoutMs: 30 * SECOND,
      overtakenBy: guestHasEnded,
      when: (context) => context.plan !== null && guestIsLive(context),
      do: (context) =>
        ask('guest.resize', {
          serverId: needServer(context).id,
          volumeId: needVolume(context).id,
          chain: needPlan(context).before,
          newSizeBytes: gibToBytes(context.params.newSizeGib),
        }),
    },
    {
      name: 'extend-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: (context) => context.plan !== null && remainsToBeDone(context, 'resize-guest'),
      do: (context) => {
        const volume = needVolume(context);
        const newSizeBytes = gibToBytes(context.params.newSizeGib);
        const chain = needPlan(context).before;
        // A volume that its type allocates beforehand stays one when it grows; the hypervisor's resize cannot allocate.
        const { preallocation } = volume;
        const promised = preallocation === 'off' ? {} : { preallocation };
        return ask('image.extend', {
          volumeId: volume.id,
          share: volume.access.share,
          chain,
          newSizeBytes,
          ...promised,
        });
      },
    },
    verifyPlanStep(),
  ],
});
