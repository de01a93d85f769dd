// clouds.yaml: where it is found and what is read from it.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { cloudsFileCandidates, readCloud } from '../../../services/cli/auth/clouds-file.js';

const clouds = `
clouds:
  lab:
    auth:
      auth_url: https://lab:5000/v3
      username: anna
      project_name: demo
      user_domain_name: Default
    region_name: RegionTwo
    interface: internal
    verify: false
    block_storage_default_microversion: "3.70"
  credential:
    auth_type: v3applicationcredential
    auth: { auth_url: "https://lab:5000/v3", application_credential_id: ac }
`;
const secure = `
clouds:
  lab: { auth: { password: hidden } }
`;

describe('readCloud', () => {
  let folder = '';
  const env = (): NodeJS.ProcessEnv => ({ OS_CLIENT_CONFIG_FILE: path.join(folder, 'clouds.yaml'), HOME: folder });

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'saggar-clouds-'));
    await writeFile(path.join(folder, 'clouds.yaml'), clouds);
    await writeFile(path.join(folder, 'secure.yaml'), secure);
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('flattens the entry and takes the password from secure.yaml', async () => {
    const values = await readCloud('lab', env(), folder);
    assert.equal(values.get('auth-url'), 'https://lab:5000/v3');
    assert.equal(values.get('username'), 'anna');
    assert.equal(values.get('password'), 'hidden');
    assert.equal(values.get('region-name'), 'RegionTwo');
    assert.equal(values.get('interface'), 'internal');
    assert.equal(values.get('verify'), 'false');
    assert.equal(values.get('volume-api-version'), '3.70');
  });

  it('finds the file in the working directory', async () => {
    assert.equal(
      (await readCloud('credential', { HOME: '/nonexistent' }, folder)).get('auth-type'),
      'v3applicationcredential',
    );
  });

  it('names the clouds there are when the wished one is not among them', async () => {
    await assert.rejects(readCloud('moon', env(), folder), (error) => {
      assert.match(String((error as { cure?: string }).cure), /lab, credential/);
      return true;
    });
  });

  it('says where it looked when there is no file', async () => {
    const nowhere = { OS_CLIENT_CONFIG_FILE: '/nonexistent/a.yaml', HOME: '/nonexistent' };
    const [first] = cloudsFileCandidates(nowhere, '/nonexistent');
    assert.equal(first, '/nonexistent/a.yaml');
    await assert.rejects(readCloud('lab', nowhere, '/nonexistent'), (error) => {
      assert.match(String((error as { cure?: string }).cure), /\/nonexistent\/a\.yaml/);
      return true;
    });
  });

  it('says which file is no YAML', async () => {
    const file = path.join(folder, 'broken.yaml');
    await writeFile(file, 'clouds: [');
    await assert.rejects(readCloud('lab', { OS_CLIENT_CONFIG_FILE: file }, folder), /broken\.yaml is not valid YAML/);
  });
});
