// What is a fault of the Cinder that is compared with: an unforeseen error, or a behaviour that nobody can want.
import type { KnownDifference } from './known-difference.js';

export const peerFaults: readonly KnownDifference[] = [
  {
    rows: ['version header ""', 'create body: empty text'],
    aspects: ['status'],
    reason: 'Cinder fails with 500 where the request is wrong',
  },
  {
    rows: ['path /v3/volumes/a%00b'],
    aspects: ['status', 'header'],
    reason: 'Cinder hands the NUL to PostgreSQL and fails with 500',
  },
  {
    rows: ['list ?size=x'],
    aspects: ['status'],
    reason: 'Cinder hands the text to PostgreSQL and fails with 500; nothing has that size',
  },
  {
    rows: ['show encryption key'],
    aspects: ['status', 'header'],
    reason: 'Cinder fails with 500 on a key that a plain volume has not',
  },
  {
    rows: ['attachment: list by status'],
    aspects: ['key'],
    reason: "Cinder has no column of the filter's name and finds nothing, whatever the status",
  },
  {
    rows: ['attachment: show as another'],
    aspects: ['status'],
    reason: 'Cinder 21 shows attachments to every project; here they are not found',
  },
  {
    rows: ['attachment: delete as another'],
    aspects: ['status'],
    reason: 'an answer must not tell that a foreign attachment exists',
  },
  {
    rows: ['metadata: read at 3.15', 'metadata: read again'],
    aspects: ['header'],
    reason: 'Cinder forgets content type and compute request id when it adds the ETag',
  },
  {
    rows: ['metadata: replace with stale tag'],
    aspects: ['header', 'body', 'fault'],
    reason: 'Cinder answers 412 without a body',
  },
  {
    rows: ['transfer (old): list page at 3.59'],
    aspects: ['key'],
    reason: 'Cinder finds nothing when the older path is asked for a page',
  },
];
