// Secrets that people paste into command lines.
import assert from 'node:assert/strict';
import { newTokenSecret, tryHashToken } from '../../../services/api/auth/token-secret.js';

describe('the secret of a token', () => {
  it('never begins as an option does, and is one that we know again', () => {
    // One in 64 would: that a thousand have none by chance has a probability of 1 in seven million.
    for (let count = 0; count < 1000; count += 1) {
      const secret = newTokenSecret();
      assert.ok(!secret.startsWith('-'), secret);
      assert.notEqual(tryHashToken(secret), null);
    }
  });
});
