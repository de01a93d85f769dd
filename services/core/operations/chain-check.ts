// Reads what all witnesses say of a volume's chain; changes nothing. What was on record when it began is kept as its plan, and the
// administration API compares the two (domain/chain-check.ts).
//
//   V <- .S1 <- .S2   =>   the same
//
// It has the volume's `read` lock: nobody changes layers meanwhile, so a difference is a difference and no moment between two steps. The
// files come before the guest, so that what they say is there although the compute worker is silent.
import { activeLayer } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { inspectGuestStep, needPlan, needVolume, SECOND } from './common-steps.js';
import { ask, defineOperation, planFor } from './definition.js';

export const INSPECT_CHAIN = 'inspect-chain';

export const chainCheck = defineOperation({
  type: 'chain-check',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'read' }],
  locksAttachedServer: true,
  plan: (_params, { volume }) => {
    if (volume === null) throw new ServiceError('volume_state', 'The volume is on no share.');
    return planFor(volume, { after: volume.chain, file: activeLayer(volume.chain).file });
  },
  steps: [
    {
      name: INSPECT_CHAIN,
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      readOnly: true,
      do: (context) => {
        const { id, access } = needVolume(context);
        return ask('chain.inspect', { volumeId: id, share: access.share, chain: needPlan(context).before });
      },
    },
    inspectGuestStep(),
  ],
});
