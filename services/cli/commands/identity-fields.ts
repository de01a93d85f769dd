// Shared by the commands of the identity service: resources without their links, and domains by name or id.
import { CliError } from '../cli-error.js';
import type { OneResult } from '../command.js';
import type { Session } from '../session.js';

/** The resource without its links, in the order of the names. */
export function identityFields(resource: object): OneResult {
  const entries = Object.entries(resource).filter(([name]) => name !== 'links');
  return { kind: 'one', fields: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** The id of a domain; undefined when none was given. */
export async function domainIdOf(session: Session, wanted: string | undefined): Promise<string | undefined> {
  if (wanted === undefined) return undefined;
  const { domains } = await session.identity.get('/v3/domains', {});
  const found = domains.find(({ id, name }) => id === wanted || name === wanted);
  if (found === undefined) {
    throw new CliError(
      `No domain with the name or ID '${wanted}' exists.`,
      `There are: ${domains.map(({ name }) => name).join(', ')}`,
    );
  }
  return found.id;
}
