// The embedded identity service beside Debian's real Keystone: the same conversation with both, and the same statuses and members in
// the answers. Where they may differ, the step says why. Needs root and the package keystone; says so and skips where they are missing.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { ApiRig, adminPassword } from '../contract/identity/api-rig.js';
import { privateDirectory } from '../harness/environment.js';
import { type PeerKeystone, startPeerKeystone, whyNoPeerKeystone } from '../harness/peer-keystone.js';
import { waitFor } from '../harness/wait-for.js';
import { type Step, steps } from './keystone-parity-steps.js';

interface Seen {
  readonly status: number;
  readonly shape: unknown;
}

/** One of the two services, and what was learnt from it. */
class Talk {
  private readonly learnt: Record<string, string>;

  constructor(
    private readonly base: string,
    password: string,
  ) {
    this.learnt = { password };
  }

  private fill(text: string): string {
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => this.learnt[name] ?? whole);
  }

  async take(step: Step): Promise<Seen> {
    const { method, body, as = 'admin', headers = {}, learn = {} } = step;
    const token = as === null ? undefined : this.learnt[as];
    const sent = Object.entries(headers).map(([name, value]) => [name, this.fill(value)]);
    const response = await fetch(`${this.base}${this.fill(step.path)}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(token === undefined ? {} : { 'X-Auth-Token': token }),
        ...Object.fromEntries(sent),
      },
      ...(body === undefined ? {} : { body: this.fill(JSON.stringify(body)) }),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? null : JSON.parse(text);
    for (const [name, place] of Object.entries(learn)) {
      const found = place.startsWith('@') ? response.headers.get(place.slice(1)) : memberAt(answer, place);
      assert.equal(typeof found, 'string', `${step.name}: ${place} of ${response.status} ${text}`);
      this.learnt[name] = String(found);
    }
    return { status: response.status, shape: shapeOf(answer) };
  }
}

async function nextSecond(): Promise<void> {
  const second = (): number => Math.floor(Date.now() / 1000);
  const since = second();
  await waitFor('the next second', () => second() > since);
}

function memberAt(value: unknown, place: string): unknown {
  return place.split('.').reduce<unknown>((inner, name) => (inner as Record<string, unknown>)?.[name], value);
}

/** Members and types; of lists the first item, as their order and length are each service's own. Texts of errors may differ. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  const members = Object.entries(value).map(([name, inner]) => [name, name === 'catalog' ? 'catalog' : shapeOf(inner)]);
  return Object.fromEntries(members.sort(([one], [other]) => String(one).localeCompare(String(other))));
}

describe('the embedded identity service beside a Keystone', function () {
  this.timeout(120_000);
  let directory: string | null = null;
  let keystone: PeerKeystone;
  let rig: ApiRig | null = null;
  let theirs: Talk | null = null;
  let ours: Talk | null = null;

  before(async function () {
    const reason = whyNoPeerKeystone();
    if (reason !== null) {
      process.stdout.write(`      skipped: ${reason}\n`);
      this.skip();
    }
    directory = privateDirectory();
    keystone = await startPeerKeystone({ directory: path.join(directory, 'keystone') });
    rig = await ApiRig.open();
    theirs = new Talk(`${keystone.url}/v3`, keystone.adminPassword);
    ours = new Talk(`${rig.baseUrl}/identity/v3`, adminPassword);
  });

  after(async () => {
    await rig?.close();
    await keystone?.stop();
    if (directory !== null) rmSync(directory, { recursive: true, force: true });
  });

  for (const step of steps) {
    it(`${step.name}: ${step.method} ${step.path}`, async () => {
      assert.ok(theirs !== null && ours !== null);
      if (step.inNextSecond) await nextSecond();
      const [right, found] = [await theirs.take(step), await ours.take(step)];
      if (step.differs === undefined) assert.deepEqual(found, right);
      else assert.equal(found.status < 400, right.status < 400);
    });
  }
});
