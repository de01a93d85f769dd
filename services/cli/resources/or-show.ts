// `--or-show`: what exists already is shown instead of refused, so that a script can be run again.
import { isApiError } from '../cli-error.js';
import type { OptionSpec } from '../command.js';

export const orShowOption: OptionSpec = {
  flags: '--or-show',
  about: 'show it when it exists already, instead of failing',
};

/** Makes it; when it exists and `wanted` is set, finds it instead. */
export async function makeOrShow<T>(wanted: boolean, make: () => Promise<T>, find: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (wanted && isApiError(error, 409)) return find();
    throw error;
  }
}
