// Moves files that no row explains into the trash of their share, where they stay for a week. An administrator has named them after a scan;
// the worker reads every header once more before it touches any.
//
//   volume-X..  (no volume X on record)   =>   .saggar/trash/volume-X...<time>
import { SECOND } from './common-steps.js';
import { ask, defineOperation } from './definition.js';
import { needPool } from './share-scan.js';

const WEEK_SECONDS = 7 * 86_400;

export const orphanRemove = defineOperation({
  type: 'orphan-remove',
  locks: ({ orphanOf }) => [{ resource: `volume:${orphanOf}`, mode: 'chain' }],
  locksAttachedServer: false,
  steps: [
    {
      name: 'remove-orphans',
      on: 'volume-worker',
      at: 'from',
      timeoutMs: 180 * SECOND,
      do: (context) =>
        ask('files.remove', {
          volumeId: context.params.orphanOf,
          share: needPool(context),
          files: [...context.params.files],
          keepSeconds: WEEK_SECONDS,
        }),
    },
  ],
});
