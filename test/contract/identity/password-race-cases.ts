// A password that is being changed, because somebody else knows it: whoever comes with the old one meanwhile gets nothing that lasts.
import assert from 'node:assert/strict';
import { hashPassword } from '../../../services/api/identity/password-hash.js';
import { updateUser } from '../../../services/core/db/identity/users.js';
import type { ApiRig } from './api-rig.js';
import { waitsOrEnds } from './waits-or-ends.js';

export function passwordRaceCases(rig: () => ApiRig): void {
  it('gives no token for a password that is changed meanwhile', async () => {
    const user = await rig().newUser('race-login', 'demo', 'member');
    const passwordHash = await hashPassword('a better one');
    const changing = await rig().database.transaction();
    await updateUser(changing, user.id, { passwordHash });
    const login = rig().login('race-login', 'race-login', 'demo');
    await waitsOrEnds(rig().database, login);
    await changing.commit();
    await assert.rejects(login, /401/);
    assert.deepEqual(await rig().database('identity_tokens').where({ user_id: user.id }).select('audit_ids'), []);
    assert.ok(await rig().login('race-login', 'a better one', 'demo'));
  });

  it('lets nobody change a password by one that is changed meanwhile', async () => {
    const user = await rig().newUser('race-change', 'demo', 'member');
    const passwordHash = await hashPassword('a better one');
    const changing = await rig().database.transaction();
    await updateUser(changing, user.id, { passwordHash });
    const body = { user: { original_password: 'race-change', password: 'of the thief' } };
    const theft = rig().ask('POST', `/identity/v3/users/${user.id}/password`, { body });
    await waitsOrEnds(rig().database, theft);
    await changing.commit();
    assert.equal((await theft).status, 401);
    assert.ok(await rig().login('race-change', 'a better one', 'demo'));
  });
}
