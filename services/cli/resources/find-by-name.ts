// Everywhere a name or an id may be given. An id is tried first when the word looks like one; a name that several things carry is an
// error that lists their ids, because guessing could delete the wrong disk.
import { CliError, isApiError } from '../cli-error.js';

export interface Named {
  readonly id: string;
  readonly name?: string | null;
}

export interface Lookup<T extends Named> {
  /** For messages: `volume`. */
  readonly noun: string;
  /** Where to see what exists: `saggar volume list`. */
  readonly seeAlso: string;
  show(id: string): Promise<T>;
  /** Those that may carry the name; others are sorted out here. */
  list(name: string): Promise<readonly T[]>;
  /** Ids need not look like ids (flavor `1`): try the word as an id after the names. */
  readonly anyId?: boolean;
}

const idPattern = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** Errors: CliError when nothing or more than one fits. */
export async function findByName<T extends Named>(wanted: string, lookup: Lookup<T>): Promise<T> {
  if (idPattern.test(wanted)) {
    const found = await tryShow(wanted, lookup);
    if (found !== null) return found;
  }
  const named = (await lookup.list(wanted)).filter((item) => item.name === wanted);
  const [only] = named;
  if (named.length > 1) {
    throw new CliError(
      `${named.length} ${lookup.noun}s have the name '${wanted}'.`,
      `Give the ID: ${named.map((item) => item.id).join(', ')}`,
    );
  }
  if (only !== undefined) return only;
  const found = lookup.anyId === true && !idPattern.test(wanted) ? await tryShow(wanted, lookup) : null;
  if (found !== null) return found;
  throw new CliError(`No ${lookup.noun} with the name or ID '${wanted}' exists.`, `See \`${lookup.seeAlso}\`.`);
}

async function tryShow<T extends Named>(id: string, lookup: Lookup<T>): Promise<T | null> {
  try {
    return await lookup.show(id);
  } catch (error) {
    if (isApiError(error, 404)) return null;
    throw error;
  }
}
