// By what failed logins are counted: nothing that is not looked up makes one user many, and nobody is counted as another.
import assert from 'node:assert/strict';
import { type AuthRequest, claimedIdentity } from '../../../services/api/identity/auth-request.js';

type Identity = AuthRequest['identity'];

const claimed = (identity: Identity): string => claimedIdentity({ identity });
const byPassword = (user: object, more: object = {}): string =>
  claimed({ methods: ['password'], password: { user: { password: 'guess', ...user } }, ...more });

describe('the identity that a login claims', () => {
  it('is the user that is looked up, whatever else is said', () => {
    const named = { name: 'ann', domain: { id: 'default' } };
    assert.equal(byPassword({ id: '7', name: 'decoy 1' }), byPassword({ id: '7', name: 'decoy 2' }));
    assert.equal(byPassword(named), byPassword({ name: 'ann', domain: { id: 'default', name: 'decoy' } }));
    const decoy = { application_credential: { id: 'decoy', secret: 'x' }, token: { id: 'decoy' } };
    assert.equal(byPassword(named), byPassword(named, decoy));
    assert.equal(byPassword(named), byPassword({ ...named, password: 'another guess' }));
    assert.notEqual(byPassword(named), byPassword({ ...named, name: 'bob' }));
    assert.notEqual(byPassword(named), byPassword({ ...named, domain: { id: 'other' } }));
    assert.notEqual(byPassword({ id: 'ann' }), byPassword({ name: 'ann' }));
  });

  it('is an application credential by what finds it', () => {
    const by = (credential: object): string =>
      claimed({ methods: ['application_credential'], application_credential: { secret: 'guess', ...credential } });
    assert.equal(by({ id: '7' }), by({ id: '7', name: 'decoy', user: { id: 'decoy' } }));
    assert.equal(by({ name: 'ci', user: { id: '7' } }), by({ name: 'ci', user: { id: '7', name: 'decoy' } }));
    assert.notEqual(by({ name: 'ci', user: { id: '7' } }), by({ name: 'ci', user: { id: '8' } }));
  });

  it('is of tokens each its own, and tells none', () => {
    const by = (id: string): string => claimed({ methods: ['token'], token: { id } });
    assert.equal(by('one'), by('one'));
    assert.notEqual(by('one'), by('two'));
    assert.doesNotMatch(by('a-secret-token'), /secret/);
  });

  it('is some text for a request that says nothing', () => {
    for (const methods of [[], ['token'], ['password'], ['application_credential'], ['sms']])
      assert.equal(typeof claimed({ methods }), 'string');
  });
});
