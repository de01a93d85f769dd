// Whole runs against a server on loopback that checks each call with the OpenAPI documents.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CloudAnswer, SeenRequest } from '../../contract/cli/recording-cloud.js';
import { projectId, RecordingCloud } from '../../contract/cli/recording-cloud.js';
import * as sample from '../../contract/cli/sample-resources.js';

function fault(status: number, message: string, headers: Record<string, string> = {}): CloudAnswer {
  return { status, body: { badRequest: { code: status, message } }, headers, unchecked: true };
}

describe('a run of saggar', () => {
  let cloud: RecordingCloud;
  let answer: (request: SeenRequest) => CloudAnswer;

  beforeEach(async () => {
    answer = () => fault(400, 'no answer was planned');
    cloud = await RecordingCloud.start((request) => answer(request));
  });

  afterEach(async () => {
    await cloud.stop();
    assert.deepEqual(cloud.complaints, []);
  });

  it('prints a list as JSON, asking with its newest microversion and the token', async () => {
    answer = () => ({ status: 200, body: { volumes: [sample.attachedVolume()] } });
    const run = await cloud.run(['volume', 'list', '-f', 'json']);
    assert.equal(run.exitCode, 0, run.stderr);
    assert.deepEqual(JSON.parse(run.stdout), [
      {
        ID: sample.ids.volume,
        Name: 'data',
        Status: 'in-use',
        Size: 1,
        'Attached to': sample.attachedVolume().attachments,
      },
    ]);
    const words = await cloud.run(['volume', 'list', '-f', 'value', '-c', 'Attached to']);
    assert.equal(words.stdout, `Attached to ${sample.ids.server} on /dev/vdb\n`);
    assert.equal(cloud.seen[0]?.headers['openstack-api-version'], 'volume 3.71');
    assert.equal(cloud.seen[0]?.headers['x-auth-token'], 'the-token');
  });

  it('reads every page of a list', async () => {
    const second = { ...sample.sampleVolume(), id: '11111111-1111-4111-8111-111111111112' };
    answer = ({ query }) =>
      query['marker'] === undefined
        ? {
            status: 200,
            body: { volumes: [sample.sampleVolume()], volumes_links: [{ rel: 'next', href: 'http://localhost/' }] },
          }
        : { status: 200, body: { volumes: [second] } };
    const run = await cloud.run(['volume', 'list', '-f', 'value', '-c', 'ID']);
    assert.equal(run.stdout, `${sample.ids.volume}\n${second.id}\n`);
    assert.equal(cloud.seen[1]?.query['marker'], sample.ids.volume);
  });

  it('takes the newest version of an older server after a 406', async () => {
    answer = ({ headers, operationId }) => {
      if (operationId === 'listVersions') {
        const version = {
          id: 'v3.0',
          status: 'CURRENT',
          version: '3.59',
          min_version: '3.0',
          updated: '',
          links: [],
          'media-types': [],
        };
        return { status: 300, body: { versions: [version] } };
      }
      if (headers['openstack-api-version'] === 'volume 3.71') return fault(406, 'Version 3.71 is not supported');
      return { status: 200, body: { volumes: [] } };
    };
    const run = await cloud.run(['volume', 'list']);
    assert.equal(run.exitCode, 0, run.stderr);
    assert.equal(cloud.seen.at(-1)?.headers['openstack-api-version'], 'volume 3.59');
  });

  it('sends the version that was asked for, and no other', async () => {
    answer = ({ headers }) =>
      headers['openstack-api-version'] === 'volume 3.5' ? { status: 200, body: { volumes: [] } } : fault(406, 'no');
    assert.equal((await cloud.run(['volume', 'list', '--os-volume-api-version', '3.5'])).exitCode, 0);
    const run = await cloud.run(['volume', 'list'], { ...cloud.environment, OS_VOLUME_API_VERSION: '3' });
    assert.equal(run.exitCode, 1);
    assert.equal(cloud.seen.at(-2)?.headers['openstack-api-version'], 'volume 3.71', '3 alone is no microversion');
  });

  it('lists the ids when a name is ambiguous', async () => {
    const other = { ...sample.sampleVolume(), id: '11111111-1111-4111-8111-111111111112' };
    answer = () => ({ status: 200, body: { volumes: [sample.sampleVolume(), other] } });
    const run = await cloud.run(['volume', 'show', 'data']);
    assert.equal(run.exitCode, 1);
    assert.match(run.stderr, /2 volumes have the name 'data'/);
    assert.ok(run.stderr.includes(sample.ids.volume) && run.stderr.includes(other.id));
    assert.equal(run.stderr.trimEnd().split('\n').length, 1);
  });

  it('does not take a longer name that the server found for the one meant', async () => {
    answer = () => ({ status: 200, body: { volumes: [sample.sampleVolume({ name: 'data-2' })] } });
    const run = await cloud.run(['volume', 'show', 'data']);
    assert.match(run.stderr, /No volume with the name or ID 'data' exists\. See `saggar volume list`/);
  });

  it('prints a fault in the words of the server, with the request id', async () => {
    answer = () => fault(413, 'VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded.');
    const run = await cloud.run(['volume', 'create', '--size', '1', 'data']);
    assert.equal(run.exitCode, 1);
    assert.equal(run.stdout, '');
    assert.match(run.stderr, /^saggar: VolumeLimitExceeded: .*HTTP 413, req-.*quota/);
  });

  it('tries a GET again after a 503, and never a POST', async () => {
    let asked = 0;
    answer = () => {
      asked += 1;
      return asked < 3 ? fault(503, 'later') : { status: 200, body: { volumes: [] } };
    };
    assert.equal((await cloud.run(['volume', 'list'])).exitCode, 0);
    assert.equal(asked, 3);
    answer = () => fault(503, 'later');
    const before = cloud.seen.length;
    const run = await cloud.run(['volume', 'create', '--size', '1', 'data']);
    assert.equal(run.exitCode, 1);
    assert.equal(cloud.seen.length, before + 1);
  });

  it('waits until a volume is available', async () => {
    const statuses = ['creating', 'creating', 'available'];
    answer = ({ operationId }) =>
      operationId === 'createVolume'
        ? { status: 202, body: { volume: sample.createdVolume({ status: 'creating' }) } }
        : { status: 200, body: { volume: sample.sampleVolume({ status: statuses.shift() ?? 'available' }) } };
    const run = await cloud.run(['volume', 'create', '--size', '1', '--wait', '-f', 'value', '-c', 'status', 'data']);
    assert.equal(run.stdout, 'available\n', run.stderr);
    assert.equal(statuses.length, 0);
  });

  it('fails with the user message when a volume it waits for fails', async () => {
    answer = ({ operationId }) => {
      if (operationId === 'createVolume') {
        return { status: 202, body: { volume: sample.createdVolume({ status: 'creating' }) } };
      }
      if (operationId !== 'listMessages')
        return { status: 200, body: { volume: sample.sampleVolume({ status: 'error' }) } };
      const message = {
        id: sample.ids.snapshot,
        event_id: 'VOLUME_001_003',
        user_message: 'The storage backend ran out of space.',
        message_level: 'ERROR',
        created_at: '2026-11-21T01:32:34.230344',
        guaranteed_until: null,
        request_id: null,
        links: [],
      };
      return { status: 200, body: { messages: [message] } };
    };
    const run = await cloud.run(['volume', 'create', '--size', '1', '--wait', 'data']);
    assert.equal(run.exitCode, 1);
    assert.equal(run.stderr, "saggar: The volume data ended as 'error': The storage backend ran out of space.\n");
  });

  it('fails with the status alone when the service keeps no messages', async () => {
    answer = ({ operationId, verb }) => {
      if (operationId === 'listMessages') return fault(404, 'no');
      if (verb === 'delete') return { status: 202 };
      return { status: 200, body: { snapshot: sample.sampleSnapshot({ status: 'error_deleting' }) } };
    };
    const run = await cloud.run(['volume', 'snapshot', 'delete', '--wait', sample.ids.snapshot]);
    assert.equal(run.stderr, "saggar: The snapshot before-upgrade ended as 'error_deleting'.\n");
  });

  it('takes a 404 as the end of a deletion, and goes on after one that failed', async () => {
    let deleted = false;
    answer = ({ verb, query, path }) => {
      if (verb === 'delete') deleted = true;
      if (verb === 'delete') return { status: 202 };
      if (path.endsWith('/detail')) {
        return { status: 200, body: { volumes: query['name'] === 'data' ? [sample.sampleVolume()] : [] } };
      }
      return deleted ? fault(404, 'gone') : { status: 200, body: { volume: sample.sampleVolume() } };
    };
    const run = await cloud.run(['volume', 'delete', '--wait', 'nope', 'data']);
    assert.equal(deleted, true);
    assert.equal(run.exitCode, 1);
    assert.match(run.stderr, /1 of 2 failed: No volume with the name or ID 'nope' exists/);
  });

  it('makes a volume of an image that the service looks up', async () => {
    let sent: unknown = null;
    answer = ({ body }) => {
      sent = body;
      return { status: 202, body: { volume: sample.createdVolume({ status: 'creating' }) } };
    };
    const run = await cloud.run(['volume', 'create', '--size', '1', '--image', 'debian', 'data']);
    assert.equal(run.exitCode, 0, run.stderr);
    assert.deepEqual(sent, { volume: { name: 'data', size: 1, imageRef: 'debian' } });
  });

  it('takes in a file of a share', async () => {
    answer = () => ({ status: 202, body: { volume: sample.createdVolume({ status: 'creating' }) } });
    const pool = 'store1@gluster#10.0.0.1:/vols';
    const words = [
      'volume',
      'create',
      '--remote-source',
      'source-name=old.raw',
      '--remote-source',
      'format=raw',
      '--host',
      pool,
      'root',
    ];
    assert.equal((await cloud.run(words)).exitCode, 0);
    assert.deepEqual(cloud.seen[0]?.body, {
      volume: { host: pool, ref: { 'source-name': 'old.raw', format: 'raw' }, name: 'root' },
    });
  });

  it('boots a server from a volume and takes more disks by name', async () => {
    const bodies: unknown[] = [];
    answer = ({ operationId, body }) => {
      if (operationId === 'listVolumesDetail') return { status: 200, body: { volumes: [sample.sampleVolume()] } };
      if (operationId === 'computeListFlavorsDetail') return { status: 200, body: { flavors: [sample.sampleFlavor] } };
      if (operationId === 'computeShowServer') return { status: 200, body: { server: sample.sampleServer() } };
      bodies.push(body);
      const created = {
        id: sample.ids.server,
        links: [],
        adminPass: 'x',
        'OS-DCF:diskConfig': 'MANUAL',
        security_groups: [],
      };
      return { status: 202, body: { server: created } };
    };
    const disk = 'uuid=data,boot_index=1,delete_on_termination=true';
    const run = await cloud.run([
      'server',
      'create',
      '--flavor',
      'm1.tiny',
      '--volume',
      'data',
      '--block-device',
      disk,
      'vm',
    ]);
    assert.equal(run.exitCode, 0, run.stderr);
    const base = { source_type: 'volume', uuid: sample.ids.volume, destination_type: 'volume' };
    assert.deepEqual(bodies, [
      {
        server: {
          name: 'vm',
          flavorRef: '1',
          imageRef: '',
          block_device_mapping_v2: [
            { ...base, boot_index: 0, delete_on_termination: false },
            { ...base, boot_index: 1, delete_on_termination: true },
          ],
        },
      },
    ]);
  });

  it('waits through the rest between stop and start of a reboot', async () => {
    const seen = ['ACTIVE', 'SHUTOFF', 'SHUTOFF', 'ACTIVE'] as const;
    const tasks = [null, 'powering-off', null, null];
    let looked = 0;
    answer = ({ operationId }) => {
      if (operationId === 'computeRebootServer') return { status: 202 };
      const status = seen[looked] ?? 'ACTIVE';
      const server = sample.sampleServer({ status, 'OS-EXT-STS:task_state': tasks[looked] ?? null });
      looked += 1;
      return { status: 200, body: { server } };
    };
    const run = await cloud.run(['server', 'reboot', '--wait', sample.ids.server]);
    assert.equal(run.exitCode, 0, run.stderr);
    assert.equal(looked, 4);
  });

  it('shows fields in the order of the names that are shown', async () => {
    answer = () => ({ status: 200, body: { volume: sample.sampleVolume() } });
    const run = await cloud.run(['volume', 'show', '-f', 'json', sample.ids.volume]);
    const names = Object.keys(JSON.parse(run.stdout) as object);
    assert.deepEqual(names, [...names].sort());
    assert.ok(names.includes('properties') && names.includes('type') && !names.includes('links'));
  });

  it('says who was refused when the login fails', async () => {
    cloud.loginStatus = 401;
    const run = await cloud.run(['volume', 'list']);
    assert.equal(run.exitCode, 1);
    assert.match(run.stderr, /refused the login of user 'anna'.*OS_PASSWORD/);
    assert.ok(!run.stderr.includes('secret'));
  });

  it('does not log in again and again for a token that was refused at once', async () => {
    answer = () => fault(401, 'The request you have made requires authentication.');
    const run = await cloud.run(['volume', 'list']);
    assert.equal(run.exitCode, 1);
    assert.equal(cloud.logins.length, 1);
    assert.match(run.stderr, /requires authentication/);
  });

  it('says that nothing answers, and where', async () => {
    const env = { ...cloud.environment, OS_AUTH_URL: 'http://127.0.0.1:9/identity' };
    const run = await cloud.run(['volume', 'list'], env);
    assert.equal(run.exitCode, 1);
    assert.match(run.stderr, /Nothing answers at http:\/\/127\.0\.0\.1:9.*OS_AUTH_URL/);
  });

  it('needs only the login to show the token', async () => {
    const run = await cloud.run(['token', 'issue', '-f', 'json']);
    assert.equal((JSON.parse(run.stdout) as { project_id: string }).project_id, projectId);
    assert.equal(cloud.seen.length, 0);
  });

  it('takes the microversion of clouds.yaml, and one on the line before it', async () => {
    answer = () => ({ status: 200, body: { volumes: [] } });
    const home = mkdtempSync(path.join(os.tmpdir(), 'saggar-clouds-'));
    try {
      const auth = { auth_url: `${cloud.url}/identity`, username: 'anna', password: 'secret', project_name: 'demo' };
      const clouds = { lab: { auth, block_storage_default_microversion: '3.60', volume_api_version: '3' } };
      const file = path.join(home, 'clouds.yaml');
      writeFileSync(file, JSON.stringify({ clouds }));
      const env = { OS_CLOUD: 'lab', OS_CLIENT_CONFIG_FILE: file };
      assert.equal((await cloud.run(['volume', 'list'], env)).exitCode, 0);
      assert.equal((await cloud.run(['volume', 'list', '--os-volume-api-version', '3.50'], env)).exitCode, 0);
      assert.deepEqual(
        cloud.seen.map(({ headers }) => headers['openstack-api-version']),
        ['volume 3.60', 'volume 3.50'],
      );
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it('shows with --timing how long each request took, also after a failure', async () => {
    answer = () => fault(400, 'no');
    const run = await cloud.run(['volume', 'list', '--timing']);
    assert.equal(run.exitCode, 1);
    assert.match(run.stderr, /POST http.*auth\/tokens.*\n.*GET http.*volumes\/detail.*\n.*Total/);
  });

  it('suggests the option that was meant, on one line', async () => {
    const run = await cloud.run(['volume', 'create', '--sise', '1', 'data']);
    assert.equal(
      run.stderr,
      "saggar: Unknown option '--sise' (Did you mean --size?) See `saggar volume create --help`.\n",
    );
  });

  it('leaves out what a cloud without compute does not have', async () => {
    cloud.withoutCompute = true;
    answer = () => ({ status: 200, body: { availabilityZoneInfo: [] } });
    assert.equal((await cloud.run(['availability', 'zone', 'list'])).exitCode, 0);
    assert.deepEqual(
      cloud.seen.map(({ operationId }) => operationId),
      ['listZones'],
    );
  });

  it('says when a volume that was to change its type kept it', async () => {
    const other = '44444444-4444-4444-8444-444444444449';
    answer = ({ operationId }) => {
      if (operationId === 'showType') return { status: 200, body: { volume_type: sample.sampleType({ id: other }) } };
      if (operationId === 'retypeVolume') return { status: 202 };
      if (operationId === 'listMessages') return { status: 200, body: { messages: [] } };
      return { status: 200, body: { volume: sample.sampleVolume() } };
    };
    const run = await cloud.run(['volume', 'set', '--type', other, '--wait', sample.ids.volume]);
    assert.equal(run.exitCode, 1);
    assert.match(run.stderr, /kept its type/);
  });

  it('never prints secrets with --debug', async () => {
    answer = () => ({ status: 200, body: { volumes: [] } });
    const run = await cloud.run(['volume', 'list', '--debug']);
    assert.match(run.stderr, /GET http.*\/volumes\/detail 200/);
    assert.ok(!/secret|the-token/.test(run.stderr));
  });

  for (const [words, code] of [
    [['volume', 'frobnicate'], 2],
    [['volume', 'create', 'data'], 2],
    [[], 2],
    [['--help'], 0],
    [['volume', '--help'], 0],
    [['help', 'volume', 'create'], 0],
    [['complete', 'fish'], 2],
  ] as const) {
    it(`answers \`saggar ${words.join(' ')}\` with exit code ${code}`, async () => {
      const run = await cloud.run(words);
      assert.equal(run.exitCode, code);
      assert.equal(run.stdout === '', code !== 0);
      assert.equal(run.stderr === '', code === 0);
    });
  }
});
