// Writes beside the data what only the database knows of some volumes of one pool. The texts are facts, read when the command is sent, so
// that a later try never brings an older state; the worker does such commands one after another, in the order of their epochs.
//
//   rows of volumes  =>  .saggar/<volume id>.json, one each; gone for a volume that is not there any more
import { SECOND } from './common-steps.js';
import { ask, defineOperation } from './definition.js';
import { needPool } from './share-scan.js';

export const custodyWrite = defineOperation({
  type: 'custody-write',
  locks: () => [],
  locksAttachedServer: false,
  steps: [
    {
      name: 'write-custody',
      on: 'volume-worker',
      at: 'from',
      timeoutMs: 90 * SECOND,
      do: (context) => ask('custody.write', { share: needPool(context), records: [...(context.facts.custody ?? [])] }),
    },
  ],
});
