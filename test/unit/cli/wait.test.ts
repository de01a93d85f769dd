// Waiting: what ends it, what is shown meanwhile, and pages that never end.
import assert from 'node:assert/strict';
import { ApiError } from '../../../services/cli/cli-error.js';
import { readAllPages } from '../../../services/cli/resources/all-pages.js';
import { progressOn } from '../../../services/cli/wait/progress.js';
import { type WaitPlan, waitForStatus } from '../../../services/cli/wait/wait-for-status.js';

interface Thing {
  readonly status: string;
}

function plan(statuses: readonly (string | 404)[], changes: Partial<WaitPlan<Thing>> = {}): WaitPlan<Thing> {
  const left = [...statuses];
  return {
    what: 'thing x',
    look: () => {
      const status = left.length > 1 ? left.shift() : left[0];
      if (status === 404) return Promise.reject(new ApiError(404, 'gone', '', null));
      return Promise.resolve({ status: status ?? 'none' });
    },
    done: ({ status }) => status === 'ready',
    pending: ({ status }) => status === 'busy',
    timeoutMs: 5_000,
    ...changes,
  };
}

describe('waitForStatus', () => {
  const shown: string[] = [];
  const progress = { show: (text: string) => shown.push(text), clear: () => shown.push('cleared') };

  beforeEach(() => {
    shown.length = 0;
  });

  it('shows what it waits for, and clears the line at the end', async () => {
    assert.deepEqual(await waitForStatus(plan(['busy', 'busy', 'ready']), progress), { status: 'ready' });
    assert.deepEqual(shown, ['thing x: busy (0 s)', 'thing x: busy (0 s)', 'cleared']);
  });

  it('ends with a failure at any other status, and clears the line too', async () => {
    await assert.rejects(waitForStatus(plan(['busy', 'odd']), progress), /thing x ended as 'odd'\./);
    assert.equal(shown.at(-1), 'cleared');
  });

  it('still says the status when the reason cannot be read', async () => {
    const reason = () => Promise.reject(new Error('no messages here'));
    await assert.rejects(waitForStatus(plan(['error'], { reason }), progress), /ended as 'error'\.$/);
  });

  it('tells a disappearance from an end that was wished', async () => {
    assert.equal(await waitForStatus(plan(['busy', 404], { goneIsDone: true }), progress), null);
    await assert.rejects(waitForStatus(plan(['busy', 404]), progress), /disappeared/);
  });

  it('gives up after its time, and says that the work goes on', async () => {
    await assert.rejects(waitForStatus(plan(['busy'], { timeoutMs: 0 }), progress), (error) => {
      assert.match(String(error), /still 'busy'/);
      return /goes on/.test(String((error as { cure?: string }).cure));
    });
  });
});

describe('progressOn', () => {
  it('writes nothing where there is no terminal', () => {
    const written: string[] = [];
    const progress = progressOn({ write: (text) => written.push(text) });
    progress.show('a');
    progress.clear();
    assert.deepEqual(written, []);
  });

  it('rewrites one line that never wraps on a terminal', () => {
    const written: string[] = [];
    const progress = progressOn({ isTTY: true, columns: 30, write: (text) => written.push(text) });
    progress.show('x'.repeat(100));
    progress.clear();
    progress.clear();
    assert.equal(written.length, 2);
    assert.ok((written[0] ?? '').replace('\r\u001b[2K', '').length <= 29);
  });
});

describe('readAllPages', () => {
  it('stops at a server that repeats its last page for ever', async () => {
    let asked = 0;
    const items = await readAllPages(() => {
      asked += 1;
      return Promise.resolve({ items: [{ id: 'a' }], more: true });
    });
    assert.equal(asked, 2);
    assert.equal(items.length, 2);
  });

  it('asks for no more than is wanted', async () => {
    const limits: (number | undefined)[] = [];
    const items = await readAllPages(
      (marker, limit) => {
        limits.push(limit);
        return Promise.resolve({ items: [{ id: `${marker ?? ''}x` }, { id: `${marker ?? ''}y` }], more: true });
      },
      { wanted: 4 },
    );
    assert.deepEqual(limits, [4, 2]);
    assert.equal(items.length, 4);
  });
});
