// Shared by the commands of the identity service: resources without their links.
import type { OneResult } from '../command.js';

/** The resource without its links, in the order of the names. */
export function identityFields(resource: object): OneResult {
  const entries = Object.entries(resource).filter(([name]) => name !== 'links');
  return { kind: 'one', fields: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
}
