// Keys of encrypted volumes in a Barbican that is not ours, behind a Keystone that is not ours: made once, read by everybody who may, forgotten, and
// told to nobody: neither errors nor what is printed show a key, a token or the password.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import type { KeyStore } from '../../drivers/key-store/key-store.js';
import { openKeyStore } from '../../drivers/key-store/open-key-store.js';
import { type PeerBarbican, startPeerBarbican, whyNoPeerBarbican } from '../harness/peer-barbican.js';
import { type PeerKeystone, startPeerKeystone, whyNoPeerKeystone } from '../harness/peer-keystone.js';

describe('keys in a real Barbican', function suite() {
  this.timeout(120_000);
  let folder = '';
  let keystone: PeerKeystone | null = null;
  let barbican: PeerBarbican | null = null;

  before(async function start() {
    const why = whyNoPeerKeystone() ?? whyNoPeerBarbican();
    if (why !== null) {
      process.stdout.write(`skipped: ${why}\n`);
      this.skip();
    }
    folder = mkdtempSync(path.join(tmpdir(), 'saggar-barbican-'));
    chmodSync(folder, 0o711);
    keystone = await startPeerKeystone({ directory: path.join(folder, 'keystone') });
    barbican = await startPeerBarbican(path.join(folder, 'barbican'), keystone);
  });
  after(async () => {
    await barbican?.stop();
    await keystone?.stop();
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  function open(password = keystone?.adminPassword ?? ''): KeyStore {
    const passwordFile = path.join(folder, `password-${randomUUID()}`);
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    const who = { user: 'admin', passwordFile, project: 'admin', userDomain: 'Default', projectDomain: 'Default' };
    const barbicanAt = { url: barbican?.url ?? '', authUrl: `${keystone?.url ?? ''}/v3`, ...who };
    return openKeyStore({ mode: 'barbican', directory: null, masterKeyFile: null, barbican: barbicanAt });
  }

  for (const bits of [256, 512] as const) {
    it(`makes a key of ${bits} bits once, which every worker reads, and forgets it`, async () => {
      const keys = open();
      const id = randomUUID();
      assert.equal(await keys.ensureKey(id, bits), id);
      const passphrase = await keys.readKey(id);
      assert.equal(passphrase.keyBytes, bits / 8);
      assert.equal(await keys.ensureKey(id, bits), id);
      assert.equal((await open().readKey(id)).reveal(), passphrase.reveal());
      await assert.rejects(keys.ensureKey(id, bits === 256 ? 512 : 256), { code: 'conflict' });
      await keys.removeKey(id);
      await keys.removeKey(id);
      await assert.rejects(keys.readKey(id), { code: 'not_found' });
    });
  }

  it('makes one key when many ask at once', async () => {
    const id = randomUUID();
    await Promise.all(Array.from({ length: 4 }, () => open().ensureKey(id, 512)));
    const seen = await Promise.all(Array.from({ length: 4 }, async () => (await open().readKey(id)).reveal()));
    assert.equal(new Set(seen).size, 1);
    await open().removeKey(id);
    await assert.rejects(open().readKey(id), { code: 'not_found' });
  });

  it('says that it cannot be asked, and shows no secret with it', async () => {
    const password = `wrong-${randomUUID()}`;
    const shown: string[] = [];
    for (const deed of [
      () => open(password).readKey(randomUUID()),
      () => open(password).ensureKey(randomUUID(), 256),
      () => open().readKey('../../secrets'),
    ]) {
      await assert.rejects(deed(), (thrown) => {
        shown.push(inspect(thrown, { depth: 9, showHidden: true }));
        return true;
      });
    }
    shown.push(inspect(open(password), { depth: 9, showHidden: true }), JSON.stringify(open(password)));
    assert.ok(shown.length === 5 && shown.every((text) => !text.includes(password)), shown.join('\n'));
  });
});
