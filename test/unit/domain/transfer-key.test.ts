// Keys of transfers: told once, kept as a salted digest, and only the very key fits.
import assert from 'node:assert/strict';
import { newTransferKey, transferKeyFits } from '../../../services/core/domain/transfer-key.js';

describe('transfer keys', () => {
  it('fit themselves and nothing else', () => {
    const { authKey, salt, digest } = newTransferKey();
    assert.match(authKey, /^[0-9a-f]{16}$/);
    assert.equal(transferKeyFits(authKey, salt, digest), true);
    for (const wrong of ['', authKey.slice(1), `${authKey} `, authKey.toUpperCase().replace(/^\d+$/, 'x'), 'é']) {
      assert.equal(wrong !== authKey && transferKeyFits(wrong, salt, digest), false, wrong);
    }
    assert.equal(transferKeyFits(authKey, salt, digest.subarray(1)), false);
  });

  it('are drawn and salted anew each time, so equal keys do not show', () => {
    const keys = Array.from({ length: 100 }, () => newTransferKey());
    assert.equal(new Set(keys.map((key) => key.authKey)).size, 100);
    assert.equal(new Set(keys.map((key) => key.salt.toString('hex'))).size, 100);
    const [first, second] = keys;
    assert.ok(first && second);
    assert.equal(transferKeyFits(first.authKey, second.salt, first.digest), false);
  });
});
