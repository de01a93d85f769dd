// What Cinder offers and Saggar does not (yet): each a path, field or behaviour that a client can miss.
import type { KnownDifference } from './known-difference.js';

export const notServed: readonly KnownDifference[] = [];
