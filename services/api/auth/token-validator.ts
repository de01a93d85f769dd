// Who a token belongs to, answered by the embedded identity service and kept for a short while.
//
// Race that the cache admits: a token revoked through another API process is believed here for at most `cacheSeconds`
// (0 switches the cache off). Within this process a revocation empties the cache, so it holds at once. A cached token never
// outlives its expiry: the database says how long it has left, and the process's monotonic clock counts that down.
// Keyed by the hash; the secret is never kept.
import type { Database } from '../../core/db/connection.js';
import { findToken, type TokenFacts } from '../../core/db/identity/tokens.js';
import { tryHashToken } from './token-secret.js';

export interface TokenValidator {
  /** null: not a token one may use now. Throws only when that cannot be found out. */
  validate(secret: string): Promise<TokenFacts | null>;
  /** Forgets what is kept, because something that a token depends on has changed. */
  forgetAll(): void;
}

export interface ValidatorOptions {
  readonly cacheSeconds: number;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
  readonly maxEntries?: number;
}

interface Entry {
  readonly facts: TokenFacts;
  readonly until: number;
}

/** The longest a revoked token may be believed elsewhere, whatever the configuration says. */
const CACHE_LIMIT_SECONDS = 60;

export function createTokenValidator(
  find: (tokenHash: Buffer) => Promise<TokenFacts | null>,
  options: ValidatorOptions,
): TokenValidator {
  const now = options.now ?? (() => performance.now());
  const keepMs = Math.min(options.cacheSeconds, CACHE_LIMIT_SECONDS) * 1000;
  const maxEntries = options.maxEntries ?? 5000;
  const kept = new Map<string, Entry>();
  let generation = 0;

  function remember(key: string, facts: TokenFacts, askedAt: number): void {
    // Map keeps insertion order, so the first key is the oldest entry.
    const oldest = kept.size >= maxEntries ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    kept.set(key, { facts, until: askedAt + Math.min(keepMs, facts.remainingMs) });
  }

  return {
    async validate(secret) {
      const hash = tryHashToken(secret);
      if (hash === null) return null;
      const key = hash.toString('base64');
      const entry = kept.get(key);
      if (entry !== undefined && now() < entry.until) return entry.facts;
      kept.delete(key);
      const askedAt = now();
      const askedIn = generation;
      const facts = await find(hash);
      // An answer that was under way while something changed may be stale already: use it once, do not keep it.
      if (facts !== null && keepMs > 0 && askedIn === generation) remember(key, facts, askedAt);
      return facts;
    },
    forgetAll() {
      generation += 1;
      kept.clear();
    },
  };
}

export function createEmbeddedTokenValidator(database: Database, options: ValidatorOptions): TokenValidator {
  return createTokenValidator((hash) => findToken(database, hash), options);
}
