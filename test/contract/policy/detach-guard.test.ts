// T-A02: nobody but a service pulls a volume from under a running guest (CVE-2023-2088). Every way to end an attachment × every kind of
// token × every kind of attachment. A refusal changes no row; what is allowed ends in the guest first and then on record.
import assert from 'node:assert/strict';
import { type Answer, BlockRig, missingId, type Person, projectOf } from '../block-storage/block-rig.js';
import { digestOf } from './digest.js';
import { attachToOurs, beginAttach, endServers, guestHas, ourServer } from './our-servers.js';
import { allowMany } from './targets.js';

const version = '3.71';
const serviceToken = { 'X-Service-Token': 'service' };

interface Caller {
  readonly as: Person;
  readonly headers?: Readonly<Record<string, string>>;
}
const callers = {
  user: { as: 'ann' },
  'user + service token': { as: 'ann', headers: serviceToken },
  'user + token without the role': { as: 'ann', headers: { 'X-Service-Token': 'bob' } },
  'user + invalid service token': { as: 'ann', headers: { 'X-Service-Token': 'nobody' } },
  admin: { as: 'admin' },
  'admin + service token': { as: 'admin', headers: serviceToken },
  'admin + token without the role': { as: 'admin', headers: { 'X-Service-Token': 'admin' } },
  'admin + invalid service token': { as: 'admin', headers: { 'X-Service-Token': 'nobody' } },
  'service alone': { as: 'service' },
  stranger: { as: 'bob' },
} as const satisfies Record<string, Caller>;
type CallerName = keyof typeof callers;

interface Held {
  readonly volume: string;
  readonly attachment: string;
}
type Way = (rig: BlockRig, held: Held, caller: Caller) => Promise<Answer>;

function action(name: string, body: (held: Held) => unknown): Way {
  return (rig, held, caller) => rig.act(held.volume, { [name]: body(held) }, { version, ...caller });
}
const ways = {
  'delete attachment': (rig, { attachment }, caller) =>
    rig.ask('DELETE', `/attachments/${attachment}`, { version, ...caller }),
  'os-detach': action('os-detach', ({ attachment }) => ({ attachment_id: attachment })),
  'os-force_detach': action('os-force_detach', ({ attachment }) => ({ attachment_id: attachment, connector: null })),
  'os-terminate_connection': action('os-terminate_connection', () => ({ connector: { host: 'elsewhere' } })),
} as const satisfies Record<string, Way>;
type WayName = keyof typeof ways;

/** Roles come before the guard: these are refused or not found whatever the attachment is. */
function refusedByRole(way: WayName, caller: CallerName): number | null {
  if (caller.includes('invalid')) return 401;
  if (caller === 'service alone') return 403;
  if (way === 'os-force_detach' && !caller.startsWith('admin')) return 403;
  return caller === 'stranger' ? 404 : null;
}
const successes: Record<WayName, number> = {
  'delete attachment': 200,
  'os-detach': 202,
  'os-force_detach': 202,
  'os-terminate_connection': 202,
};

describe('the guard of detaching (T-A02)', function () {
  this.timeout(60_000);
  let rig: BlockRig;
  let digest: () => Promise<string>;

  before(async () => {
    rig = await BlockRig.open();
    digest = await digestOf(rig.database);
  });
  after(() => rig.close());
  beforeEach(() => allowMany(rig));
  afterEach(async () => {
    await endServers(rig);
    await rig.clear();
  });

  async function demandRefused(way: WayName, held: Held, caller: CallerName, status: number): Promise<Answer> {
    const before = await digest();
    const answer = await ways[way](rig, held, callers[caller]);
    assert.equal(answer.status, status, `${caller}: ${JSON.stringify(answer.body)}`);
    assert.equal(await digest(), before, `${caller} changed something`);
    return answer;
  }

  for (const way of Object.keys(ways) as WayName[]) {
    it(`${way}: while a server of ours has the volume, with a service token only, and through the guest`, async () => {
      const server = await ourServer(rig, 'ann');
      const volume = await rig.volume();
      let held: Held = { volume, attachment: await attachToOurs(rig, volume, server) };
      for (const caller of Object.keys(callers) as CallerName[]) {
        const refused = refusedByRole(way, caller);
        if (refused !== null) {
          await demandRefused(way, held, caller, refused);
          continue;
        }
        if (!caller.endsWith('+ service token')) {
          const { body } = await demandRefused(way, held, caller, 409);
          assert.equal(
            body.conflictingRequest.message,
            `Detach volume from instance ${server} using the Compute API`,
            caller,
          );
          continue;
        }
        const answer = await ways[way](rig, held, callers[caller]);
        assert.equal(answer.status, successes[way], `${caller}: ${JSON.stringify(answer.body)}`);
        assert.ok(guestHas(rig, server, volume), 'the guest keeps the disk until its worker has let go');
        if (way === 'os-terminate_connection') continue; // Nothing is exported for one connection: the record stays.
        assert.equal(await rig.statusOf(volume), 'detaching');
        await rig.engine.settle();
        assert.ok(!guestHas(rig, server, volume));
        assert.equal(await rig.statusOf(volume), 'available');
        held = { volume, attachment: await attachToOurs(rig, volume, server) };
      }
      assert.ok(guestHas(rig, server, volume));
    });
  }

  /** Attachments that their owner may end: the compute API knows none of them. */
  const free: Record<string, () => Promise<Held>> = {
    'a reservation without a server': () => attach({}),
    'a reservation for a server that nobody knows': () => attach({ instance_uuid: missingId }),
    'a connection of a host without a server': () => attach({ connector: { host: 'elsewhere' } }),
    'a connection of a server that nobody knows': () =>
      attach({ instance_uuid: missingId, connector: { host: 'elsewhere' } }),
    "one that names another project's server": async () =>
      attach({ instance_uuid: await ourServer(rig, 'bob'), connector: { host: 'elsewhere' } }),
    'one that names a server of ours without its knowledge': async () =>
      attach({ instance_uuid: await ourServer(rig, 'ann'), connector: { host: 'elsewhere' } }),
    'one of the older way': async () => {
      const volume = await rig.volume();
      await rig.act(volume, { 'os-attach': { mountpoint: '/dev/vdb', instance_uuid: missingId } });
      const row: { id: string } = await rig.database('attachments').where({ volume_id: volume }).first('id');
      return { volume, attachment: row.id };
    },
  };

  async function attach(wish: object): Promise<Held> {
    const volume = await rig.volume();
    const body = { attachment: { volume_uuid: volume, ...wish } };
    const made = await rig.ask('POST', '/attachments', { version, body });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    return { volume, attachment: made.body.attachment.id as string };
  }

  for (const [name, make] of Object.entries(free)) {
    it(`${name} is its owner's to end, in every way`, async () => {
      for (const way of Object.keys(ways) as WayName[]) {
        for (const caller of Object.keys(callers) as CallerName[]) {
          const refused = refusedByRole(way, caller);
          if (refused !== null && !['user', 'admin'].includes(caller)) continue;
          const held = await make();
          if (refused !== null) await demandRefused(way, held, caller, refused);
          else {
            const answer = await ways[way](rig, held, callers[caller]);
            assert.equal(answer.status, successes[way], `${way}, ${caller}: ${JSON.stringify(answer.body)}`);
            if (way !== 'os-terminate_connection') assert.equal(await rig.statusOf(held.volume), 'available');
          }
        }
      }
      assert.deepEqual(await rig.database('operations').whereNotIn('state', ['done', 'failed']).select('type'), []);
    });
  }

  it("writes nothing about another project's server that an attachment names", async () => {
    const server = await ourServer(rig, 'bob');
    const before: unknown = await rig.database('servers').where({ id: server }).first('*');
    const held = await attach({ instance_uuid: server, connector: { host: 'elsewhere' } });
    const done = await rig.ask('POST', `/attachments/${held.attachment}/action`, {
      version,
      body: { 'os-complete': null },
    });
    assert.equal(done.status, 204);
    await rig.engine.settle();
    assert.deepEqual(await rig.database('servers').where({ id: server }).first('*'), before);
    assert.ok(!guestHas(rig, server, held.volume));
    // Bob, whose server is named, sees nothing of it either.
    for (const path of ['/attachments', '/attachments/detail', `/attachments?instance_id=${server}`]) {
      assert.deepEqual((await rig.ask('GET', path, { as: 'bob', version })).body.attachments, []);
    }
    assert.equal((await rig.database('attachments').where({ project_id: projectOf('bob') })).length, 0);
  });

  it('holds while the guest is being given the disk, and after', async () => {
    const server = await ourServer(rig, 'ann');
    const volume = await rig.volume();
    const attachment = await beginAttach(rig, volume, server);
    const held = { volume, attachment };
    for (let steps = 0; ; steps += 1) {
      for (const way of ['delete attachment', 'os-detach', 'os-terminate_connection'] as const) {
        await demandRefused(way, held, 'user', 409);
        await demandRefused(way, held, 'admin', 409);
      }
      const row: { status: string } = await rig.database('attachments').where({ id: attachment }).first('status');
      if (row.status === 'attached') break;
      // A service knows better than to end what has only begun.
      for (const way of ['delete attachment', 'os-detach'] as const)
        await demandRefused(way, held, 'user + service token', 400);
      assert.ok(steps < 20, 'the attachment does not complete');
      if (!(await rig.engine.step())) await rig.engine.sweep();
    }
    await rig.engine.settle();
    assert.ok(guestHas(rig, server, volume));
    assert.equal(await rig.statusOf(volume), 'in-use');
  });

  it('detaching while the attachment completes: one order or the other, and guest and record agree', async () => {
    const server = await ourServer(rig, 'ann');
    for (let round = 0; round < 6; round += 1) {
      const volume = await rig.volume();
      const attachment = await beginAttach(rig, volume, server);
      // Up to the last command: its answer completes the attachment.
      for (let isRun = false; !isRun; ) {
        const command = await rig.engine.takeCommand();
        if (command === null) {
          await rig.engine.sweep();
          continue;
        }
        const outcome = rig.engine.perform(command);
        isRun = guestHas(rig, server, volume);
        if (isRun) {
          const [answer] = await Promise.all([
            ways['delete attachment'](rig, { volume, attachment }, callers['user + service token']),
            rig.engine.answer(command, outcome),
          ]);
          assert.ok([200, 400].includes(answer.status), JSON.stringify(answer.body));
          await rig.engine.settle();
          const isDetached = answer.status === 200;
          assert.equal(await rig.statusOf(volume), isDetached ? 'available' : 'in-use');
          assert.equal(guestHas(rig, server, volume), !isDetached);
        } else await rig.engine.answer(command, outcome);
      }
    }
  });
});
