// The freeze of a guest's file systems with an agent that behaves, one that does not, and one that attacks. Limits are short here.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AgentLines, GuestAgent, MAX_AGENT_BYTES, MAX_AGENT_LINE_BYTES } from '../../../drivers/qemu/guest-agent.js';
import { GuestFiles } from '../../../drivers/qemu/guest-files.js';
import { type FreezableGuest, type FreezeLimits, GuestFreezer } from '../../../drivers/qemu/guest-freeze.js';
import { GuestMonitor } from '../../../drivers/qemu/guest-monitor.js';
import { processOf } from '../../../drivers/qemu/guest-process.js';
import { waitFor } from '../../harness/wait-for.js';
import { type AgentAnswer, FakeGuestAgent } from './fake-guest-agent.js';
import { FakeQmpServer } from './fake-qmp-server.js';

const limits: FreezeLimits = { answerMs: 150, freezeMs: 150, frozenMs: 150, thawMs: 150 };
const serverId = '55555555-5555-4555-8555-555555555555';

describe('freezing a guest', () => {
  let folder = '';
  let qmp: FakeQmpServer;
  let agent: FakeGuestAgent;
  let guest: FreezableGuest;
  let freezer: GuestFreezer;
  let warnings: string[] = [];
  const isMarked = () => existsSync(guest.files.file('frozen'));

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'sgr-fr-'));
    const files = new GuestFiles(folder, serverId);
    await files.make();
    qmp = new FakeQmpServer(files.file('qmp.sock'));
    agent = new FakeGuestAgent(files.file('agent.sock'));
    qmp.answer = () => ({ value: [{ label: 'agent', 'frontend-open': agent.open }, { label: 'console' }] });
    await qmp.listen();
    await agent.listen();
    guest = { serverId, files, monitor: new GuestMonitor(files.file('qmp.sock')) };
    warnings = [];
    freezer = new GuestFreezer((text) => warnings.push(text), limits);
  });
  afterEach(async () => {
    await freezer.close();
    await guest.monitor.close();
    await agent.close();
    await qmp.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the moment saw, and what was reported. */
  async function freeze(momentMs = 0): Promise<{ seen: number; marked: boolean; report: string }> {
    const { value, freeze: report } = await freezer.whileFrozen(guest, async () => {
      const seen = { seen: agent.frozen, marked: isMarked() };
      if (momentMs > 0) await new Promise((resolve) => setTimeout(resolve, momentMs));
      return seen;
    });
    return { ...value, report: report.reason ?? `frozen ${report.fileSystems}` };
  }

  it('holds the moment between freeze and thaw, and leaves no mark', async () => {
    agent.mounted = 3;
    assert.deepEqual(await freeze(), { seen: 3, marked: true, report: 'frozen 3' });
    assert.deepEqual(agent.asked, ['guest-sync-delimited', 'guest-fsfreeze-freeze', 'guest-fsfreeze-thaw']);
    assert.deepEqual([agent.frozen, isMarked(), warnings], [0, false, []]);
  });

  it('asks no agent that is not there', async () => {
    agent.open = false;
    assert.deepEqual(await freeze(), { seen: 0, marked: false, report: 'no_agent' });
    assert.deepEqual(agent.asked, []);
  });

  it('thaws when the moment fails, whose error is the only one', async () => {
    const failing = freezer.whileFrozen(guest, () => Promise.reject(new Error('refused by QEMU')));
    await assert.rejects(failing, /refused by QEMU/);
    assert.deepEqual([agent.frozen, isMarked()], [0, false]);
  });

  for (const [what, answer, report] of [
    ['never answers the sync', { 'guest-sync-delimited': 'silence' }, 'agent_silent'],
    ['answers the sync with another number', { 'guest-sync-delimited': 4 }, 'agent_silent'],
    ['hangs up', { 'guest-sync-delimited': 'hang-up' }, 'agent_silent'],
    ['refuses to freeze', { 'guest-fsfreeze-freeze': 'error' }, 'agent_refused'],
    ['answers a freeze with nonsense', { 'guest-fsfreeze-freeze': { raw: '{"return": {"a": 1}}\n' } }, 'agent_silent'],
    ['answers a freeze with a negative number', { 'guest-fsfreeze-freeze': -1 }, 'agent_silent'],
    ['answers a freeze with no JSON', { 'guest-fsfreeze-freeze': { raw: '\u0000\u0001]]\n' } }, 'agent_silent'],
  ] as const) {
    it(`goes on without when the agent ${what}`, async () => {
      agent.answer = (command) => (answer as Readonly<Record<string, AgentAnswer>>)[command] ?? null;
      assert.deepEqual((await freeze()).report, report);
      assert.deepEqual([agent.frozen, isMarked()], [0, false]);
    });
  }

  it('stops reading a guest that sends without end', async () => {
    agent.noise = Buffer.alloc(8 * MAX_AGENT_BYTES, 'x');
    const before = process.memoryUsage().rss;
    assert.equal((await freeze()).report, 'agent_silent');
    agent.noise = Buffer.from('\n'.repeat(8 * MAX_AGENT_BYTES));
    assert.equal((await freeze()).report, 'agent_silent');
    assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
  });

  it('takes no old answer for its own', async () => {
    agent.noise = Buffer.concat([
      Buffer.from('{"return": 7}\n'),
      Buffer.from([0xff]),
      Buffer.from('{"return": 12}\n{"ret'),
    ]);
    assert.equal((await freeze()).report, 'frozen 1');
  });

  it('thaws before the moment when nobody knows whether the freeze happened', async () => {
    agent.answer = (command) => {
      if (command === 'guest-fsfreeze-freeze') agent.frozen = 1;
      return command === 'guest-fsfreeze-freeze' ? 'silence' : null;
    };
    assert.deepEqual(await freeze(), { seen: 0, marked: false, report: 'agent_silent' });
  });

  it('thaws a moment that takes too long in its middle', async () => {
    let frozenAtEnd = -1;
    const { freeze: report } = await freezer.whileFrozen(guest, async () => {
      await waitFor('the thaw', () => Promise.resolve(agent.frozen === 0));
      frozenAtEnd = agent.frozen;
    });
    assert.deepEqual([report.frozen, report.reason, frozenAtEnd, isMarked()], [false, 'too_slow', 0, false]);
  });

  it('does not say frozen when somebody else thawed', async () => {
    const { freeze: report } = await freezer.whileFrozen(guest, () => {
      agent.frozen = 0;
      return Promise.resolve();
    });
    assert.deepEqual([report.frozen, report.reason], [false, 'unknown']);
  });

  it('keeps the mark when the thaw is not answered, and thaws at the next contact', async () => {
    agent.answer = (command) => (command === 'guest-fsfreeze-thaw' ? 'silence' : null);
    assert.equal((await freeze()).report, 'frozen 1');
    assert.deepEqual([agent.frozen, isMarked()], [1, true]);
    assert.match(warnings.join(), /may be frozen/);
    agent.answer = () => null;
    freezer.lookAfter(guest);
    await waitFor('the thaw', () => Promise.resolve(agent.frozen === 0 && !isMarked()));
  });

  it('thaws what a worker that died left frozen, and nothing of one that lives', async () => {
    const other = spawn('sleep', ['60']);
    try {
      agent.frozen = 1;
      const owner = await processOf(other.pid ?? 0);
      const mark = (sinceMs: number) => writeFileSync(guest.files.file('frozen'), JSON.stringify({ owner, sinceMs }));
      mark(Date.now());
      freezer.lookAfter(guest);
      await freezer.close();
      assert.deepEqual([agent.frozen, agent.asked], [1, []], 'its worker lives');
      mark(Date.now() - 60_000);
      freezer.lookAfter(guest);
      await waitFor('the thaw of an old mark', () => Promise.resolve(agent.frozen === 0 && !isMarked()));
      agent.frozen = 1;
      mark(Date.now());
      other.kill('SIGKILL');
      await waitFor(
        'the end of the other worker',
        async () => (await processOf(other.pid ?? 0)).startTime !== owner.startTime,
      );
      freezer.lookAfter(guest);
      await waitFor('the thaw', () => Promise.resolve(agent.frozen === 0 && !isMarked()));
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('asks nothing where nothing was left frozen', async () => {
    freezer.lookAfter(guest);
    await freezer.close();
    assert.deepEqual([agent.asked, qmp.asked], [[], []]);
  });

  it('reaches one guest by one conversation at a time', async () => {
    const two = await Promise.all([freeze(20), freeze(20)]);
    assert.deepEqual(
      two.map(({ report }) => report),
      ['frozen 1', 'frozen 1'],
    );
  });

  it('refuses a line without end and takes one in pieces', () => {
    assert.throws(() => new AgentLines().push(Buffer.alloc(MAX_AGENT_LINE_BYTES + 1, 'x')), { trouble: 'nonsense' });
    const lines = new AgentLines();
    assert.deepEqual(lines.push(Buffer.from([0x78, 0xff, 0x7b])), []);
    assert.deepEqual(lines.push(Buffer.from('}\n')), [{ delimited: true, text: '{}' }]);
  });

  it('fails at once where nobody listens', async () => {
    await assert.rejects(GuestAgent.connect(path.join(folder, 'nowhere.sock'), 5_000), { trouble: 'silent' });
  });
});
