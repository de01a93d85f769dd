// Every one of the 71 microversion boundaries of the block-storage API from both sides, by the table in rows.ts; and how versions are asked
// for. A gate without a row fails, so a new one cannot be forgotten.
import assert from 'node:assert/strict';
import { type Gate, gates } from '../../../services/api/block-storage/microversions.js';
import { type Answer, BlockRig } from '../block-storage/block-rig.js';
import { allowMany, targets } from '../policy/targets.js';
import { type Row, Side, type Things } from './boundary.js';
import { rows } from './rows.js';

function sidesOf(gate: Gate): readonly [string, string] {
  const minor = Number(gates[gate].split('.')[1]);
  return [`3.${minor - 1}`, gates[gate]];
}

/** Answers without what differs from one request to the next. */
function shapeOf({ status, body }: Answer): unknown {
  return {
    status,
    body: JSON.parse(JSON.stringify(body ?? null).replace(/"updated_at":"[^"]*"/g, '"updated_at":""')) as unknown,
  };
}

describe('microversion boundaries of the block-storage API', function () {
  this.timeout(60_000);
  let rig: BlockRig;
  let things: Things;

  async function makeGroup(): Promise<void> {
    const version = '3.71';
    const type = await rig.ask('POST', '/group_types', { as: 'admin', version, body: { group_type: { name: 'g' } } });
    assert.equal(type.status, 202, JSON.stringify(type.body));
    const volumeType = await rig.ask('POST', '/types', { as: 'admin', body: { volume_type: { name: 'for-groups' } } });
    const group = { group_type: type.body.group_type.id, volume_types: [volumeType.body.volume_type.id] };
    assert.equal((await rig.ask('POST', '/groups', { version, body: { group } })).status, 202);
    await rig.engine.settle();
  }

  before(async () => {
    rig = await BlockRig.open();
    await allowMany(rig);
    const volume = await rig.volume({ name: 'plain', metadata: { colour: 'red' } });
    const transfer = await targets.transfer(rig);
    const backup = await targets.backup(rig);
    const attachment = await targets.attachment(rig);
    const attached = await targets.attachedVolume(rig);
    await targets.message(rig);
    await makeGroup();
    things = {
      rig,
      volume,
      snapshot: await rig.snapshot(volume),
      attachedVolume: attached['volume_id'] ?? '',
      attachment: attachment['attachment_id'] ?? '',
      transfer: transfer.transfer_id,
      backup: backup.backup_id,
    };
  });
  afterEach(() => rig.engine.settle());
  after(() => rig.close());

  it('has one row for every gate, and none for a gate that is gone', () => {
    assert.deepEqual(rows.map(({ gate }) => gate).sort(), Object.keys(gates).sort());
    const minors = Object.values(gates).map((version) => Number(version.split('.')[1]));
    assert.deepEqual(
      minors,
      Array.from({ length: 71 }, (_, index) => index + 1),
    );
  });

  async function demandSame(row: Extract<Row, { same: object }>, sides: readonly Side[]): Promise<void> {
    const { method, path, asking } = row.same;
    const where = typeof path === 'string' ? path : path(things);
    const answers = [];
    for (const side of sides) answers.push(shapeOf(await side.ask(method, where, asking)));
    assert.deepEqual(answers[0], answers[1], `the two sides differ: the row of ${row.gate} should say how`);
  }

  async function demandUnserved(row: Extract<Row, { unserved: string }>, sides: readonly Side[]): Promise<void> {
    for (const side of sides) {
      const answer = await side.ask('GET', row.unserved);
      assert.deepEqual(
        [answer.status, answer.body.code, answer.headers.get('openstack-api-version')],
        [404, '404 Not Found', null],
        `${row.unserved} is served now: give ${row.gate} a probe`,
      );
      const list = await side.ask('GET', '/volumes');
      assert.deepEqual([list.status, list.headers.get('openstack-api-version')], [200, `volume ${side.version}`]);
    }
  }

  for (const row of rows) {
    const [below, at] = sidesOf(row.gate);
    const why = 'reason' in row ? `: ${row.reason}` : '';
    it(`${below} | ${at} ${row.gate}${why}`, async () => {
      const sides = [new Side(things, below), new Side(things, at)] as const;
      if ('same' in row) await demandSame(row, sides);
      else if ('unserved' in row) await demandUnserved(row, sides);
      else {
        await row.below(sides[0]);
        await row.at(sides[1]);
      }
    });
  }

  describe('the header', () => {
    const asked = async (value: string | null) => {
      const headers: Record<string, string> = value === null ? {} : { 'OpenStack-API-Version': value };
      const answer = await rig.ask('GET', '/volumes', { headers });
      return [answer.status, answer.headers.get('openstack-api-version')];
    };

    it('is 3.0 when it is missing or about other services, and 3.71 when it says latest', async () => {
      for (const value of [null, 'compute 2.60', 'compute latest, identity 3.14', '']) {
        assert.deepEqual(await asked(value), [200, 'volume 3.0'], String(value));
      }
      for (const value of ['volume latest', 'volume 3.71', 'compute 2.90,volume latest']) {
        assert.deepEqual(await asked(value), [200, 'volume 3.71'], value);
      }
    });

    it('may be a list, of which the own entry counts', async () => {
      assert.deepEqual(await asked('compute 2.1, volume 3.27, image 2.0'), [200, 'volume 3.27']);
      assert.deepEqual(await asked('compute 99.99, volume 3.27'), [200, 'volume 3.27']);
    });

    it('out of range is 406 with the version that was asked for', async () => {
      for (const version of ['3.72', '3.999', '2.9', '4.0']) {
        assert.deepEqual(await asked(`volume ${version}`), [406, `volume ${version}`]);
      }
    });

    it('malformed is 400', async () => {
      for (const version of ['3', '0.0', '3.', '.3', '3.1.1', '3.01', '-3.1', '3.x', 'newest', '3.1e1', '３.1']) {
        // What is no ASCII cannot be sent as a header by fetch; its bytes can.
        const value = `volume ${Buffer.from(version).toString('latin1')}`;
        assert.deepEqual(await asked(value), [400, null], version);
      }
    });
  });
});
