// The token cache: what it saves, and that it never believes a token longer than it may.
import assert from 'node:assert/strict';
import { newTokenSecret, tryHashToken } from '../../../services/api/auth/token-secret.js';
import { createTokenValidator } from '../../../services/api/auth/token-validator.js';
import type { TokenFacts } from '../../../services/core/db/identity/tokens.js';

function factsWith(remainingMs: number): TokenFacts {
  const domain = { id: 'default', name: 'Default' };
  return {
    user: { id: 'u', name: 'u', domain },
    project: { id: 'p', name: 'p', domain },
    domain: null,
    roles: [{ id: 'r', name: 'member' }],
    methods: ['password'],
    auditIds: ['a'],
    issuedAt: '2026-01-01T00:00:00',
    expiresAt: '2026-01-01T01:00:00',
    remainingMs,
    applicationCredential: null,
  };
}

interface SetUp {
  readonly cacheSeconds: number;
  readonly cacheRefusalSeconds?: number;
  readonly remainingMs?: number;
  readonly maxEntries?: number;
}

function setUp(options: SetUp) {
  const state = {
    clock: 0,
    questions: 0,
    allowed: [] as boolean[],
    answer: factsWith(options.remainingMs ?? 3_600_000) as TokenFacts | null,
    failure: null as Error | null,
  };
  const validator = createTokenValidator(
    ({ allowExpired }) => {
      state.questions += 1;
      state.allowed.push(allowExpired);
      return state.failure === null ? Promise.resolve(state.answer) : Promise.reject(state.failure);
    },
    {
      cacheSeconds: options.cacheSeconds,
      ...(options.cacheRefusalSeconds === undefined ? {} : { cacheRefusalSeconds: options.cacheRefusalSeconds }),
      now: () => state.clock,
      ...(options.maxEntries === undefined ? {} : { maxEntries: options.maxEntries }),
    },
  );
  return { state, validator, secret: newTokenSecret() };
}

describe('token validator', () => {
  it('asks once within the cache time and again after it', async () => {
    const { state, validator, secret } = setUp({ cacheSeconds: 30 });
    await validator.validate(secret);
    state.clock = 29_999;
    await validator.validate(secret);
    assert.equal(state.questions, 1);
    state.clock = 30_000;
    await validator.validate(secret);
    assert.equal(state.questions, 2);
  });

  it('asks every time when the cache is off', async () => {
    const { state, validator, secret } = setUp({ cacheSeconds: 0 });
    await validator.validate(secret);
    await validator.validate(secret);
    assert.equal(state.questions, 2);
  });

  it('T-Z05 never keeps a token longer than 60 s, whatever is configured', async () => {
    const { state, validator, secret } = setUp({ cacheSeconds: 3600 });
    await validator.validate(secret);
    state.clock = 60_000;
    await validator.validate(secret);
    assert.equal(state.questions, 2);
  });

  it('T-Z05 does not believe a kept token at or after its expiry', async () => {
    const { state, validator, secret } = setUp({ cacheSeconds: 60, remainingMs: 1000 });
    assert.notEqual(await validator.validate(secret), null);
    state.answer = null;
    state.clock = 999;
    assert.notEqual(await validator.validate(secret), null);
    state.clock = 1000;
    assert.equal(await validator.validate(secret), null);
  });

  it('does not keep refusals', async () => {
    const { state, validator, secret } = setUp({ cacheSeconds: 60 });
    state.answer = null;
    assert.equal(await validator.validate(secret), null);
    state.answer = factsWith(1000);
    assert.notEqual(await validator.validate(secret), null);
  });

  it('forgets everything when told, answers under way included', async () => {
    const { state, validator, secret } = setUp({ cacheSeconds: 60 });
    const underWay = validator.validate(secret);
    validator.forgetAll();
    await underWay;
    state.answer = null;
    assert.equal(await validator.validate(secret), null);
  });

  it('keeps refusals apart and briefly when told so', async () => {
    const { state, validator, secret } = setUp({ cacheSeconds: 60, cacheRefusalSeconds: 2, maxEntries: 2 });
    const known = newTokenSecret();
    await validator.validate(known);
    state.answer = null;
    await validator.validate(secret);
    await validator.validate(secret);
    assert.equal(state.questions, 2);
    // A flood of junk pushes out refusals, never what was accepted.
    for (let count = 0; count < 10; count += 1) await validator.validate(newTokenSecret());
    assert.notEqual(await validator.validate(known), null);
    state.clock = 2000;
    state.answer = factsWith(1000);
    assert.notEqual(await validator.validate(secret), null);
  });

  it('asks once for many requests at a time, and for each of them without a cache', async () => {
    for (const [cacheSeconds, questions] of [
      [60, 1],
      [0, 5],
    ] as const) {
      const { state, validator, secret } = setUp({ cacheSeconds });
      await Promise.all(Array.from({ length: 5 }, () => validator.validate(secret)));
      assert.equal(state.questions, questions);
    }
  });

  it('keeps nothing of a question that failed', async () => {
    const { state, validator, secret } = setUp({ cacheSeconds: 60 });
    state.failure = new Error('away');
    await assert.rejects(validator.validate(secret), /away/);
    state.failure = null;
    assert.notEqual(await validator.validate(secret), null);
  });

  it('asks for expired tokens only when allowed, and keeps none of them', async () => {
    const { state, validator, secret } = setUp({ cacheSeconds: 60, remainingMs: -1000 });
    await validator.validate(secret, { allowExpired: true });
    await validator.validate(secret, { allowExpired: true });
    await validator.validate(secret);
    assert.deepEqual(state.allowed, [true, true, false]);
  });

  it('spends no question on text that is no token', async () => {
    const { state, validator } = setUp({ cacheSeconds: 60 });
    for (const junk of ['', 'abc', 'x'.repeat(44), `${'x'.repeat(42)}%`, 'é'.repeat(43)]) {
      assert.equal(await validator.validate(junk), null);
    }
    assert.equal(state.questions, 0);
  });

  it('keeps a bounded number of tokens and drops the oldest', async () => {
    const { state, validator } = setUp({ cacheSeconds: 60, maxEntries: 2 });
    const secrets = [newTokenSecret(), newTokenSecret(), newTokenSecret()];
    for (const secret of secrets) await validator.validate(secret);
    await validator.validate(secrets[2] ?? '');
    assert.equal(state.questions, 3);
    await validator.validate(secrets[0] ?? '');
    assert.equal(state.questions, 4);
  });
});

describe('token secrets', () => {
  it('are all different and hash to 32 bytes that do not contain them', () => {
    const secrets = new Set(Array.from({ length: 100 }, newTokenSecret));
    assert.equal(secrets.size, 100);
    for (const secret of secrets) assert.equal(tryHashToken(secret)?.length, 32);
  });
});
