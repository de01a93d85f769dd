// Guessing passwords: wrong ones are counted for the address, and for the user as that address names it. Beyond the limit nothing is
// looked up and no hash is made; the refusal says nothing about the user, whom there need not be. A stranger's guesses from elsewhere
// never count against a user's own address, so nobody is locked out by others; a right password forgives that user's mistakes there.
// Many may share an address (a proxy, a cluster's gateway): who has logged in from it lately is measured by its own mistakes alone, so that one guesser
// among them does not keep the services of all from logging in again.
import { createHash } from 'node:crypto';
import { ServiceError } from '../../core/domain/errors.js';
import type { LimitsConfig } from '../../core/runtime/config-types.js';
import { rateLimited } from './rate-limited.js';
import { RateTable } from './rate-table.js';

const MAX_KEYS = 50_000;

export interface LoginAttempt {
  readonly address: string;
  /** The user or application credential as the request names it; any text that is the same for the same one. */
  readonly claimed: string;
}

function table(
  { perMinute, burst }: { readonly perMinute: number; readonly burst: number },
  now: () => number,
): RateTable {
  return new RateTable({ perSecond: perMinute / 60, burst, maxKeys: MAX_KEYS, now });
}

export class FailedLogins {
  private readonly ofAddress: RateTable;
  private readonly ofUser: RateTable;
  /** Digests of users with their address who have proved who they are, latest last. */
  private readonly proven = new Set<string>();

  constructor(config: LimitsConfig['failedLogins'], now: () => number = () => performance.now()) {
    this.ofAddress = table(config.ofAddress, now);
    this.ofUser = table(config.ofUser, now);
  }

  /** Does the login unless there were too many wrong ones. Throws what it throws, and `rate_limited`. */
  async watch<T>({ address, claimed }: LoginAttempt, login: () => Promise<T>): Promise<T> {
    // The name may be of any length: what is kept is a digest.
    const user = createHash('sha256').update([address, claimed].join(' ')).digest('base64');
    const ofAddress = this.proven.has(user) ? 0 : this.ofAddress.waitFor(address);
    const wait = Math.max(ofAddress, this.ofUser.waitFor(user));
    if (wait > 0) throw rateLimited(wait, 'There were too many failed logins.');
    try {
      const result = await login();
      this.ofUser.forgive(user);
      this.remember(user);
      return result;
    } catch (thrown) {
      if (thrown instanceof ServiceError && thrown.code === 'unauthorized') {
        this.ofAddress.take(address);
        this.ofUser.take(user);
      }
      throw thrown;
    }
  }

  private remember(user: string): void {
    this.proven.delete(user);
    this.proven.add(user);
    const [longestAgo] = this.proven;
    if (this.proven.size > MAX_KEYS && longestAgo !== undefined) this.proven.delete(longestAgo);
  }
}
