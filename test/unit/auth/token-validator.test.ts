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

function setUp(options: { cacheSeconds: number; remainingMs?: number; maxEntries?: number }) {
  const state = { clock: 0, questions: 0, answer: factsWith(options.remainingMs ?? 3_600_000) as TokenFacts | null };
  const validator = createTokenValidator(
    () => {
      state.questions += 1;
      return Promise.resolve(state.answer);
    },
    {
      cacheSeconds: options.cacheSeconds,
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

  it('never keeps a token longer than 60 s, whatever is configured', async () => {
    const { state, validator, secret } = setUp({ cacheSeconds: 3600 });
    await validator.validate(secret);
    state.clock = 60_000;
    await validator.validate(secret);
    assert.equal(state.questions, 2);
  });

  it('does not believe a kept token at or after its expiry', async () => {
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
