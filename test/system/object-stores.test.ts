// Backups in Swift and in S3, against a server that is not ours: a private Swift of Debian's packages, by its own API with tempauth, and by its S3
// middleware. The contract of all stores, and on each a whole and an incremental backup of real image files, put back, and gone for good.
import assert from 'node:assert/strict';
import { AwsClient } from 'aws4fetch';
import { noKeys } from '../../drivers/backup/backup-keys.js';
import { BackupStore } from '../../drivers/backup/backup-store.js';
import type { BackupTarget } from '../../drivers/backup/backup-target.js';
import { S3Target } from '../../drivers/backup/s3-target.js';
import { SwiftTarget } from '../../drivers/backup/swift-target.js';
import { Zstd } from '../../drivers/backup/zstd.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import { targetContract } from '../contract/backup-target/target-contract.js';
import { PeerSwift, swiftCredentials, whyNoSwift } from '../harness/peer-swift.js';
import { DirectoryStage } from '../integration/engine/directory-stage.js';
import * as requests from '../integration/engine/requests.js';

const BUCKET = 'saggar-lane';

describe('backups in object stores', function suite() {
  this.timeout(120_000);
  let server: PeerSwift | null = null;
  let stage: DirectoryStage | null = null;
  const s3Options = () => ({
    endpoint: server?.url ?? '',
    region: 'us-east-1',
    bucket: BUCKET,
    accessKeyId: swiftCredentials.user,
    secretAccessKey: swiftCredentials.password,
  });
  const made = new Map<string, BackupTarget>();
  /** One of each, for all tests: what a store keeps of a session is used again. */
  const targets = {
    Swift: () =>
      new SwiftTarget({
        authUrl: `${server?.url ?? ''}/auth/v1.0`,
        authVersion: 'v1',
        ...swiftCredentials,
        project: '',
        userDomain: '',
        projectDomain: '',
        region: null,
      }),
    S3: () => new S3Target(s3Options()),
  } as const;
  const targetOf = (name: keyof typeof targets): BackupTarget => {
    const target = made.get(name) ?? targets[name]();
    made.set(name, target);
    return target;
  };

  before(async function start() {
    const why = whyNoSwift();
    if (why !== null) {
      process.stdout.write(`skipped: ${why}\n`);
      this.skip();
    }
    server = await PeerSwift.open();
    const { accessKeyId, secretAccessKey, region, endpoint } = s3Options();
    const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3' });
    const bucket = await client.fetch(`${endpoint}/${BUCKET}`, { method: 'PUT' });
    assert.ok(bucket.ok, `the bucket was not made: ${bucket.status} ${await bucket.text()}`);
    stage = await DirectoryStage.open();
    await requests.backupServiceAt(stage.db, 'host@plain');
  });
  after(async () => {
    await stage?.close();
    await server?.close();
  });

  for (const name of ['Swift', 'S3'] as const) {
    describe(name, () => {
      targetContract(() => targetOf(name));

      it('keeps a whole and an incremental backup, gives both back, and nothing is left of them', async () => {
        assert.ok(stage !== null);
        const here = stage;
        here.backups = new BackupStore(targetOf(name), new Zstd(systemCommandRunner), noKeys);
        const backUp = async (parent: string | null): Promise<string> => {
          const snapshot = await here.ended(await requests.createSnapshot(here.db, volume));
          return here.ended(await requests.backUp(here.db, volume, snapshot, parent));
        };
        const volume = await here.make('plain');
        // Two objects, and a chunk at the very end.
        await here.write(volume, 'write -P 3 0 40M', 'write -P 4 1023M 1M');
        const pictures = [await here.picture(volume)];
        const backups = [await backUp(null)];
        await here.write(volume, 'write -P 5 20M 2M', 'write -z 30M 1M');
        pictures.push(await here.picture(volume));
        backups.push(await backUp(backups[0] ?? null));
        const [whole = '', upon = ''] = backups;
        const placeOf = (backupId: string) => ({ container: 'lane', backupId });
        assert.deepEqual(await targetOf(name).list(placeOf(whole)), ['manifest', 'object-000000', 'object-000001']);
        assert.deepEqual(await targetOf(name).list(placeOf(upon)), ['manifest', 'object-000000']);
        await here.ended(await requests.verifyBackup(here.db, upon));
        for (const [index, backup] of backups.entries()) {
          const into = await here.make('other');
          await here.ended(await requests.restoreBackup(here.db, backup, into));
          assert.ok(await here.looksLike(into, pictures[index] ?? ''), `backup ${index}`);
        }
        for (const backup of [upon, whole]) {
          await here.ended(await requests.deleteBackup(here.db, backup));
          assert.deepEqual(await targetOf(name).list(placeOf(backup)), []);
        }
      });
    });
  }

  it('a password that is refused is an answer, not an endless try', async () => {
    const place = { container: 'lane', backupId: '11111111-1111-4111-8111-111111111111' };
    const s3 = new S3Target({ ...s3Options(), secretAccessKey: 'wrong' });
    await assert.rejects(s3.put(place, 'manifest', Buffer.from('m')), { code: 'backend_offline' });
    const swift = new SwiftTarget({
      authUrl: `${server?.url ?? ''}/auth/v1.0`,
      authVersion: 'v1',
      user: swiftCredentials.user,
      password: 'wrong',
      project: '',
      userDomain: '',
      projectDomain: '',
      region: null,
    });
    await assert.rejects(swift.put(place, 'manifest', Buffer.from('m')), { code: 'backend_offline' });
  });
});
