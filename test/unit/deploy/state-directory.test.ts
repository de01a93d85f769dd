// Where state lives and which ports and networks are chosen for it.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { DeployError } from '../../../deploy/deploy-error.js';
import {
  defaultStateDirectory,
  ensureLayout,
  ensureStateDirectory,
  isFree,
  tryReadLayout,
} from '../../../deploy/state-directory.js';

describe('the state directory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync('/tmp/saggar-state-');
    chmodSync(directory, 0o755);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is the chosen one, else the one below the user’s state directory', () => {
    assert.equal(defaultStateDirectory({ SAGGAR_STATE: '/srv/x', XDG_STATE_HOME: '/y' }), '/srv/x');
    assert.equal(defaultStateDirectory({ SAGGAR_STATE: '', XDG_STATE_HOME: '/y' }), '/y/saggar');
    if (process.getuid?.() === 0) assert.equal(defaultStateDirectory({}), '/var/lib/saggar');
  });

  it('is refused where PostgreSQL’s user could not reach it, with the cure', async () => {
    chmodSync(directory, 0o700);
    await assert.rejects(ensureStateDirectory(path.join(directory, 'state')), (error: unknown) => {
      assert(error instanceof DeployError);
      assert.match(error.why, new RegExp(`${directory} is closed`));
      assert.match(error.cure, /SAGGAR_STATE/);
      return true;
    });
  });

  it('is refused when sockets would not fit into it', async () => {
    await assert.rejects(ensureStateDirectory(path.join(directory, 'x'.repeat(60))), /longer than 60 bytes/);
  });

  it('keeps its layout for life, with ports that were free below the ephemeral range', async () => {
    assert.equal(tryReadLayout(directory), null);
    const first = await ensureLayout(directory);
    assert.deepEqual(await ensureLayout(directory), first);
    assert.deepEqual(tryReadLayout(directory), first);
    const ports = Object.values(first.ports);
    assert.equal(new Set(ports).size, ports.length);
    assert(ports.every((port) => port >= 20_000 && port < 32_768));
    assert.match(first.subnet, /^10\.2[0-4]\d\.\d{1,3}$/);
    assert.match(first.tag, /^[0-9a-f]{6}$/);
  });

  it('takes no port that somebody listens on', async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    assert.equal(await isFree(port), false);
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await isFree(port), true);
  });
});
