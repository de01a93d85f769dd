// How much a volume or snapshot may carry along as metadata. Requests are limited each, but may add to what is there; every list shows
// all of it, so without a bound one volume could make every list of its project slow and the service short of memory. Cinder has none.
import { ServiceError } from './errors.js';

/** Bytes of JSON. More than one request may bring (json-body.ts), so what is refused is growth alone. */
const MAX_BYTES = 131_072;

type Pairs = Readonly<Record<string, string>>;

const sizeOf = (pairs: Pairs): number => Buffer.byteLength(JSON.stringify(pairs));

/** Throws `bad_request` for growth beyond the bound; what is beyond it already may shrink. */
export function demandBoundedMetadata(noun: string, present: Pairs, next: Pairs): void {
  const size = sizeOf(next);
  if (size <= MAX_BYTES || size <= sizeOf(present)) return;
  throw new ServiceError(
    'bad_request',
    `Invalid input received: the ${noun} may take ${MAX_BYTES} bytes altogether; delete some keys first.`,
  );
}
