// Who a token belongs to, answered by the identity service (the embedded one, or a Keystone) and kept for a short while.
//
// Race that the cache admits: a token revoked through another API process, or in the Keystone, is believed here for at most
// `cacheSeconds` (0 switches the cache off). Within this process a revocation empties the cache, so it holds at once. A cached token
// never outlives its expiry: the answer says how long it has left, and the process's monotonic clock counts that down.
// Keyed by the hash; the secret is never kept. Expired tokens that a service may still use are never kept either.
import type { Database } from '../../core/db/connection.js';
import { findToken, type TokenFacts } from '../../core/db/identity/tokens.js';
import { tryHashToken } from './token-secret.js';

export interface TokenValidator {
  /**
   * null: not a token one may use now. Throws only when that cannot be found out.
   * `allowExpired`: also accept one that expired within the deployment's window. Only for requests with a service's token.
   */
  validate(secret: string, options?: { readonly allowExpired?: boolean }): Promise<TokenFacts | null>;
  /** Forgets what is kept, because something that a token depends on has changed. */
  forgetAll(): void;
}

export interface TokenQuestion {
  readonly secret: string;
  readonly hash: Buffer;
  readonly allowExpired: boolean;
}

export interface ValidatorOptions {
  readonly cacheSeconds: number;
  /** How long "no such token" is kept, in seconds; default 0. Shields a Keystone from a client that repeats a wrong token. */
  readonly cacheRefusalSeconds?: number;
  /** null for text that can be no token, so that junk costs no question; default: the form of our own tokens. */
  readonly tryHash?: (secret: string) => Buffer | null;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
  readonly maxEntries?: number;
}

/** The longest a revoked token may be believed elsewhere, whatever the configuration says. */
const CACHE_LIMIT_SECONDS = 60;

/** Entries with an end each, the oldest dropped when there are too many. */
class ShortMemory<Value> {
  private readonly kept = new Map<string, { readonly value: Value; readonly until: number }>();

  constructor(private readonly maxEntries: number) {}

  recall(key: string, now: number): Value | undefined {
    const entry = this.kept.get(key);
    if (entry !== undefined && now < entry.until) return entry.value;
    this.kept.delete(key);
    return undefined;
  }

  keep(key: string, value: Value, until: number): void {
    // Map keeps insertion order, so the first key is the oldest entry.
    const oldest = this.kept.size >= this.maxEntries ? this.kept.keys().next().value : undefined;
    if (oldest !== undefined) this.kept.delete(oldest);
    this.kept.set(key, { value, until });
  }

  clear(): void {
    this.kept.clear();
  }
}

class CachedValidator implements TokenValidator {
  private readonly keepMs: number;
  private readonly refusalMs: number;
  private readonly now: () => number;
  private readonly accepted: ShortMemory<TokenFacts>;
  // Apart from the accepted ones, so that a flood of junk cannot push those out.
  private readonly refused: ShortMemory<true>;
  private readonly underWay = new Map<string, Promise<TokenFacts | null>>();
  private generation = 0;

  constructor(
    private readonly find: (question: TokenQuestion) => Promise<TokenFacts | null>,
    private readonly options: ValidatorOptions,
  ) {
    this.now = options.now ?? (() => performance.now());
    this.keepMs = Math.min(options.cacheSeconds, CACHE_LIMIT_SECONDS) * 1000;
    this.refusalMs = Math.min(options.cacheRefusalSeconds ?? 0, options.cacheSeconds) * 1000;
    const maxEntries = options.maxEntries ?? 5000;
    this.accepted = new ShortMemory(maxEntries);
    this.refused = new ShortMemory(maxEntries);
  }

  async validate(secret: string, { allowExpired = false } = {}): Promise<TokenFacts | null> {
    const hash = (this.options.tryHash ?? tryHashToken)(secret);
    if (hash === null) return null;
    const key = `${allowExpired ? 'expired ' : ''}${hash.toString('base64')}`;
    const now = this.now();
    const known = this.accepted.recall(hash.toString('base64'), now);
    if (known !== undefined) return known;
    if (this.refused.recall(key, now) !== undefined) return null;
    const question = { secret, hash, allowExpired };
    // Without a cache every request gets an answer that was asked for after it came.
    if (this.keepMs === 0) return this.find(question);
    const asked = this.underWay.get(key) ?? this.ask(key, question);
    return asked;
  }

  private ask(key: string, question: TokenQuestion): Promise<TokenFacts | null> {
    const [askedAt, askedIn] = [this.now(), this.generation];
    const answer = this.find(question).then((facts) => {
      // An answer that was under way while something changed may be stale already: use it once, do not keep it.
      if (askedIn === this.generation) this.remember(key, question, facts, askedAt);
      return facts;
    });
    const settled = answer.finally(() => {
      if (this.underWay.get(key) === settled) this.underWay.delete(key);
    });
    this.underWay.set(key, settled);
    return settled;
  }

  private remember(key: string, { hash }: TokenQuestion, facts: TokenFacts | null, askedAt: number): void {
    if (facts === null) {
      if (this.refusalMs > 0) this.refused.keep(key, true, askedAt + this.refusalMs);
    } else if (facts.remainingMs > 0) {
      this.accepted.keep(hash.toString('base64'), facts, askedAt + Math.min(this.keepMs, facts.remainingMs));
    }
  }

  forgetAll(): void {
    this.generation += 1;
    this.accepted.clear();
    this.refused.clear();
    this.underWay.clear();
  }
}

export function createTokenValidator(
  find: (question: TokenQuestion) => Promise<TokenFacts | null>,
  options: ValidatorOptions,
): TokenValidator {
  return new CachedValidator(find, options);
}

/** `allowExpiredSeconds`: for how long after its expiry a token is accepted together with a service's. */
export function createEmbeddedTokenValidator(
  database: Database,
  { allowExpiredSeconds = 0, ...options }: ValidatorOptions & { readonly allowExpiredSeconds?: number },
): TokenValidator {
  return createTokenValidator(
    ({ hash, allowExpired }) => findToken(database, hash, allowExpired ? allowExpiredSeconds : 0),
    options,
  );
}
