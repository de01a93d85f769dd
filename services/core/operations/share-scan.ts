// One page of a look at a share. Changes nothing; the outcome keeps the page and begins the next one.
//
//   page n:  names behind `after`  =>  entries on record, and page n+1 begun, or the scan done
import { ServiceError } from '../domain/errors.js';
import { SECOND } from './common-steps.js';
import { ask, defineOperation, type StepContext } from './definition.js';

/** Of the entries as JSON. A message is larger by its envelope, and must stay below 256 KiB. */
const PAGE_BYTES = 196_608;

export function needPool(context: Pick<StepContext, 'facts'>): string {
  if (context.facts.places === null) throw new ServiceError('not_found', 'The pool is gone.');
  return context.facts.places.from.access.share;
}

export const shareScan = defineOperation({
  type: 'share-scan',
  locks: () => [],
  locksAttachedServer: false,
  steps: [
    {
      name: 'scan-share',
      on: 'volume-worker',
      at: 'from',
      timeoutMs: 90 * SECOND,
      readOnly: true,
      do: (context) =>
        ask('share.scan', { share: needPool(context), after: context.params.after, maxBytes: PAGE_BYTES }),
    },
  ],
});
