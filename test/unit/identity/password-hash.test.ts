// Passwords: a known vector, own salts, no password at all, and a flood of logins.
import assert from 'node:assert/strict';
import { hashPassword, passwordFits } from '../../../services/api/identity/password-hash.js';

describe('password hash', () => {
  it('fits its own password and no other', async () => {
    const stored = await hashPassword('schlüssel ☕');
    assert.equal(await passwordFits('schlüssel ☕', stored), true);
    assert.equal(await passwordFits('schlüssel ☕ ', stored), false);
    assert.equal(await passwordFits('', stored), false);
  });

  it('uses a salt of its own each time and does not contain the password', async () => {
    const [one, two] = await Promise.all([hashPassword('password-1'), hashPassword('password-1')]);
    assert.notEqual(one, two);
    assert.ok(!one.includes('password-1'));
  });

  it('never fits where there is no password, not even the empty one', async () => {
    assert.equal(await passwordFits('', null), false);
    assert.equal(await passwordFits('x', null), false);
  });

  it('reads a text of another cost', async () => {
    // scrypt("pleaseletmein", "SodiumChloride", N=16384, r=8, p=1), first 32 bytes: RFC 7914, section 12.
    const key = Buffer.from('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2', 'hex').toString(
      'base64',
    );
    const salt = Buffer.from('SodiumChloride').toString('base64');
    assert.equal(await passwordFits('pleaseletmein', `scrypt$14$8$1$${salt}$${key}`), true);
  });

  it('refuses a stored text it cannot read instead of guessing', async () => {
    await assert.rejects(passwordFits('x', 'plain:x'), { code: 'internal' });
  });

  it('turns a flood away instead of queueing without bound', async () => {
    const attempts = Array.from({ length: 203 }, () => passwordFits('x', 'scrypt$1$1$1$AAAA$AAAA'));
    const outcomes = await Promise.allSettled(attempts);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    assert.equal(refused.length, 1);
    assert.equal(await passwordFits('x', 'scrypt$1$1$1$AAAA$AAAA'), false);
  });
});
