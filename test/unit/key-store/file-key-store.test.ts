// Keys on disk: sealed, bound to their id, made once whoever asks, and shown by nothing.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { openFileKeyStore } from '../../../drivers/key-store/file-key-store.js';
import type { KeyStore } from '../../../drivers/key-store/key-store.js';
import { Passphrase } from '../../../drivers/key-store/key-store.js';
import { openKeyStore } from '../../../drivers/key-store/open-key-store.js';

describe('the key store of files', () => {
  let folder = '';
  let directory = '';
  let masterKeyFile = '';
  let keys: KeyStore;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sgr-keys-'));
    directory = path.join(folder, 'keys');
    masterKeyFile = path.join(folder, 'master');
    writeFileSync(masterKeyFile, 'm'.repeat(32), { mode: 0o600 });
    keys = openFileKeyStore({ directory, masterKeyFile });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const bits of [256, 512] as const) {
    it(`makes a key of ${bits} bits once, and reads the same after a restart`, async () => {
      const id = randomUUID();
      assert.equal(await keys.ensureKey(id, bits), id);
      const passphrase = (await keys.readKey(id)).reveal();
      assert.match(passphrase, new RegExp(`^[0-9a-f]{${bits / 4}}$`));
      assert.equal(await keys.ensureKey(id, bits), id);
      const again = openFileKeyStore({ directory, masterKeyFile });
      assert.equal((await again.readKey(id)).reveal(), passphrase);
      assert.equal((await again.readKey(id)).keyBytes, bits / 8);
    });
  }

  it('makes one key when many ask at once', async () => {
    const id = randomUUID();
    await Promise.all(Array.from({ length: 8 }, () => keys.ensureKey(id, 512)));
    assert.deepEqual(readdirSync(directory), [`${id}.key`]);
  });

  it('keeps files and directory to itself, and no key in them as it is', async () => {
    const id = randomUUID();
    await keys.ensureKey(id, 512);
    const file = path.join(directory, `${id}.key`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    const digits = (await keys.readKey(id)).reveal();
    const text = readFileSync(file);
    assert.ok(!text.includes(digits) && !text.includes(Buffer.from(digits, 'hex').toString('base64')));
  });

  it('forgets a key, and says when there is none', async () => {
    const id = randomUUID();
    await keys.ensureKey(id, 256);
    await keys.removeKey(id);
    await keys.removeKey(id);
    await assert.rejects(keys.readKey(id), { code: 'not_found' });
    assert.deepEqual(readdirSync(directory), []);
  });

  it('refuses another length, a name that is none, and a key under another name', async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    await keys.ensureKey(one, 256);
    await assert.rejects(keys.ensureKey(one, 512), { code: 'conflict' });
    await assert.rejects(keys.ensureKey('../../etc/passwd', 256), { code: 'bad_request' });
    await assert.rejects(keys.readKey('../master'), { code: 'bad_request' });
    copyFileSync(path.join(directory, `${one}.key`), path.join(directory, `${two}.key`));
    await assert.rejects(keys.readKey(two), { code: 'chain_mismatch' });
  });

  it('opens nothing that was changed, or sealed by another master key', async () => {
    const id = randomUUID();
    await keys.ensureKey(id, 256);
    const file = path.join(directory, `${id}.key`);
    const sealed = JSON.parse(readFileSync(file, 'utf8')) as { tag: string };
    for (const text of ['', '{}', JSON.stringify({ ...sealed, tag: Buffer.alloc(4).toString('base64') })]) {
      writeFileSync(file, text);
      await assert.rejects(keys.readKey(id), { code: 'chain_mismatch' });
      await assert.rejects(keys.ensureKey(id, 256), { code: 'chain_mismatch' }, 'and makes none in its place');
    }
    writeFileSync(file, JSON.stringify(sealed));
    writeFileSync(masterKeyFile, 'n'.repeat(32));
    await assert.rejects(openFileKeyStore({ directory, masterKeyFile }).readKey(id), { code: 'chain_mismatch' });
  });

  it('does not open with a master key that is short, or that others may read', () => {
    chmodSync(masterKeyFile, 0o640);
    assert.throws(() => openFileKeyStore({ directory, masterKeyFile }), /its owner alone/);
    chmodSync(masterKeyFile, 0o600);
    writeFileSync(masterKeyFile, 'short');
    assert.throws(() => openFileKeyStore({ directory, masterKeyFile }), /at least 32/);
  });

  it('is not there where no one is configured', async () => {
    await assert.rejects(openKeyStore(null).readKey(randomUUID()), { code: 'backend_offline' });
  });

  it('shows a passphrase to nobody who does not ask for it by name', () => {
    const passphrase = new Passphrase('c0ffee');
    const shown = [`${passphrase}`, JSON.stringify({ passphrase }), inspect({ passphrase }), String(passphrase)];
    for (const text of shown) assert.ok(!text.includes('c0ffee') && text.includes('***'), text);
  });
});
