// Thousands of odd requests for every operation of the block-storage API, as member and administrator, in all its versions.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { gates } from '../../../services/api/block-storage/microversions.js';
import { BlockRig, backendHost, missingId, poolName, projectOf } from '../block-storage/block-rig.js';
import { type Ids, targets } from '../policy/targets.js';
import { Judge } from './judge.js';
import { operationsOf, readOpenApi } from './operations.js';
import { type Asker, requestOf } from './requests.js';
import { changedTables, rowDigestOf } from './row-digest.js';
import { countsText, runBatches, seedOfRun } from './run-batches.js';
import { Sender } from './send.js';

/** Ids that requests use; made again when they were used up. */
class BlockThings {
  private values: Record<string, readonly string[]> = {};

  constructor(private readonly rig: BlockRig) {}

  readonly known = (name: string): readonly string[] =>
    Object.hasOwn(this.values, name) ? (this.values[name] ?? []) : [];

  /** The file of a volume that was let go is its owner's again, and no leftover. */
  private async forgetUnmanaged(): Promise<void> {
    const unmanaged: { params: { volumeId: string } }[] = await this.rig
      .database('operations')
      .where({ type: 'volume-unmanage' })
      .select('params');
    const { files } = this.rig.engine.world;
    for (const name of [...files.keys()])
      if (unmanaged.some(({ params }) => name.includes(params.volumeId))) files.delete(name);
  }

  /** Lets accepted operations end, sweeps away what has gathered, and makes one of each kind. */
  async renew(): Promise<void> {
    const { rig } = this;
    await rig.engine.settle();
    const { database } = rig;
    await database('user_messages').delete();
    await database('volume_transfers').delete();
    // Nothing on a frozen host can be deleted.
    await database('services').update({ disabled: false, disabled_reason: null, frozen: false });
    await this.forgetUnmanaged();
    await rig.clear();
    await database('default_volume_types').delete();
    await database('volume_types').whereNot({ name: '__DEFAULT__' }).delete();
    await database('qos_specs').delete();
    await database('quota_limits').insert(
      ['volumes', 'snapshots', 'gigabytes', 'groups'].map((resource) => ({
        project_id: projectOf('ann'),
        resource,
        hard_limit: -1,
      })),
    );
    // A list of files that could be taken over waits for a scan of the share, and here is no worker: one has just ended.
    await database('share_scans').delete();
    await database('share_scans').insert({
      ...{ id: randomUUID(), pool: poolName, state: 'done', finished_at: '2100-01-01' },
      ...{ project_id: 'p', user_id: 'u', request_id: 'r' },
    });
    const snapshot = await targets.snapshot(rig);
    const attached = await targets.attachedVolume(rig);
    const reserved = await targets.reservedVolume(rig);
    const image = await targets.imageVolume(rig);
    const attachment = await targets.attachment(rig);
    const transfer = await targets.transfer(rig);
    const encrypted = await targets.encryptedType(rig);
    const qos: Ids = await targets.qos(rig);
    const hidden: Ids = await targets.privateType(rig);
    const message = await targets.message(rig);
    const group: Ids = await targets.groupSnapshot(rig);
    const groupType: Ids = await targets.groupType(rig);
    const plain = await rig.volume({ name: 'plain' });
    const foreign = await rig.volume({}, 'bob');
    const volumes = [
      plain,
      snapshot.volume_id,
      attached['volume_id'],
      reserved['volume_id'],
      image.volume_id,
      foreign,
      missingId,
    ];
    const types = [encrypted['type_id'], qos['type_id'], hidden['type_id'], '__DEFAULT__', missingId];
    this.learn(volumes, types, {
      snapshot_id: [snapshot.snapshot_id, missingId],
      attachment_id: [attachment['attachment_id'], missingId],
      transfer_id: [transfer['transfer_id'], missingId],
      auth_key: [transfer['auth_key']],
      qos_id: [qos['qos_id'], missingId],
      message_id: [message['message_id'], missingId],
      group_id: [group['group_id'], missingId],
      source_group_id: [group['group_id']],
      group_snapshot_id: [group['group_snapshot_id'], missingId],
      consistencygroup_id: [group['group_id'], missingId],
      source_cgid: [group['group_id']],
      cgsnapshot_id: [group['group_snapshot_id'], missingId],
      group_type_id: [groupType['group_type_id'], missingId],
      group_type: [groupType['group_type_id']],
    });
  }

  private learn(volumes: unknown[], types: unknown[], more: Record<string, unknown[]>): void {
    const projects = [projectOf('ann'), projectOf('bob')];
    const all: Record<string, unknown[]> = {
      ...more,
      volume_id: volumes,
      source_volid: volumes,
      volume_uuid: volumes,
      type_id: types,
      volume_type: types,
      new_type: types,
      vol_type_id: types,
      target_project_id: projects,
      project: projects,
      project_id: projects,
      host: [backendHost, poolName],
      class_name: ['default'],
      alias: ['os-volume-actions'],
      key: ['colour', 'shape', 'multiattach', 'cipher'],
      name: ['plain', backendHost],
      availability_zone: ['nova'],
      binary: ['cinder-volume', 'saggar-volume', 'cinder-scheduler'],
      status: ['available', 'error', 'in-use'],
    };
    this.values = Object.fromEntries(
      Object.entries(all).map(([name, values]) => [name, values.filter((value) => typeof value === 'string')]),
    );
  }
}

const BATCHES = 150;
const BATCH_SIZE = 50;
const RENEW_EVERY = 12;

describe('T-I01 any request to the block-storage API', function () {
  this.timeout(180_000);
  let rig: BlockRig;

  before(async () => {
    rig = await BlockRig.open();
  });
  after(async () => {
    await rig.close();
  });

  it('is held against rows whose every change is seen', async () => {
    const digest = await rowDigestOf(rig.database);
    const before = await digest();
    assert.deepEqual(changedTables(before, await digest()), []);
    await rig.database('pools').update({ state: 'up' });
    assert.deepEqual(changedTables(before, await digest()), ['pools']);
    await rig.database('services').update({ disabled: true });
    assert.deepEqual(changedTables(before, await digest()), ['pools', 'services']);
    await rig.database('services').update({ disabled: false });
  });

  it('is answered as documented, and changes nothing when it is refused', async () => {
    const document = readOpenApi('block-storage');
    const operations = operationsOf(document);
    const things = new BlockThings(rig);
    const versions = ['3.0', ...Object.values(gates)];
    const asker: Asker = { prefix: '/volume', document, people: ['ann', 'admin'], versions, known: things.known };
    const sender = new Sender(rig.baseUrl, 'volume');
    const seed = seedOfRun('block storage');
    let arbitraries: ReturnType<typeof requestOf>[] = [];
    const counts = await runBatches({
      sender,
      judge: new Judge(document, rig.recorder, 'fault'),
      digest: await rowDigestOf(rig.database),
      batches: BATCHES,
      seed,
      async batch(index) {
        if (index % RENEW_EVERY === 0) {
          await things.renew();
          arbitraries = operations.map((operation) => requestOf(operation, asker));
        }
        return Array.from({ length: BATCH_SIZE }, (_, at) => {
          const one = arbitraries[(index * BATCH_SIZE + at) % arbitraries.length];
          assert.ok(one !== undefined);
          return one;
        });
      },
    }).finally(() => sender.close());
    process.stdout.write(countsText('block storage', seed, counts));
    assert.ok(counts.sent >= 12_000, 'enough requests');
    assert.ok(
      counts.succeeded.size > operations.length / 2,
      'the good requests are good enough to get past the checks',
    );
    assert.ok(counts.held > counts.loose, 'most refusals were held against the rows');
  });
});
