// The gluster command's XML as it was seen from GlusterFS 10.3, its untrustworthy exit codes, and the audit's rules one by one.
import assert from 'node:assert/strict';
import { GlusterCli, type GlusterVolumeInfo } from '../../../drivers/gluster/gluster-cli.js';
import { auditVolume } from '../../../drivers/gluster/options-audit.js';
import { FakeCommandRunner } from '../../../drivers/process/fake-command-runner.js';

const xml = (body: string, opRet = 0) =>
  `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<cliOutput><opRet>${opRet}</opRet><opErrno>0</opErrno><opErrstr>why</opErrstr>${body}</cliOutput>`;

const replica3 =
  xml(`<volInfo><volumes><volume><name>vols</name><id>x</id><status>1</status><statusStr>Started</statusStr>
  <brickCount>3</brickCount><replicaCount>3</replicaCount><arbiterCount>0</arbiterCount><type>2</type><typeStr>Replicate</typeStr>
  <bricks><brick uuid="u1">10.0.0.1:/b<name>10.0.0.1:/b</name><hostUuid>u1</hostUuid><isArbiter>0</isArbiter></brick>
  <brick uuid="u2">h2:/b<name>h2:/b</name></brick><brick uuid="u2">h2:/c<name>h2:/c</name></brick></bricks>
  <options><option><name>performance.stat-prefetch</name><value>off</value></option>
  <option><name>network.ping-timeout</name><value>15</value></option></options></volume><count>1</count></volumes></volInfo>`);

describe('the gluster command line', () => {
  it('reads volume info of one volume, asked at a server', async () => {
    const runner = new FakeCommandRunner().on(/volume info vols/, { stdout: replica3 });
    const info = await new GlusterCli(runner).tryVolumeInfo({ remoteHost: '10.0.0.1' }, 'vols');
    assert.deepEqual(info, {
      name: 'vols',
      started: true,
      typeText: 'Replicate',
      replicaCount: 3,
      arbiterCount: 0,
      brickCount: 3,
      brickHosts: ['10.0.0.1', 'h2'],
      options: { 'performance.stat-prefetch': 'off', 'network.ping-timeout': '15' },
    });
    assert.equal(runner.lines()[0], 'gluster --mode=script --xml --remote-host=10.0.0.1 volume info vols');
  });

  it('believes opRet, not the exit code', async () => {
    const runner = new FakeCommandRunner().on(/info/, { exitCode: 0, stdout: xml('<volInfo/>', -1) });
    assert.equal(await new GlusterCli(runner).tryVolumeInfo({ remoteHost: 'h' }, 'nosuch'), null);
    const setter = new FakeCommandRunner().on(/set/, { exitCode: 0, stdout: xml('', -1) });
    const set = new GlusterCli(setter).setVolumeOption({ socket: '/s' }, 'vols', 'a.b', 'on');
    await assert.rejects(set, { code: 'backend_offline' });
    assert.match(setter.lines()[0] ?? '', /--glusterd-sock=\/s volume set vols a\.b on$/);
  });

  it('calls plain text instead of XML, and broken XML, no answer', async () => {
    for (const stdout of [
      'Connection failed. Please check if gluster daemon is operational.',
      '',
      '<?xml version="1.0"?><cliOut',
    ]) {
      const cli = new GlusterCli(new FakeCommandRunner().on(/./, { exitCode: 0, stdout }));
      const answer = await cli
        .tryVolumeInfo({ remoteHost: 'h' }, 'vols')
        .catch((error: { code: string }) => error.code);
      assert.ok(answer === 'backend_offline' || answer === null, String(answer));
    }
  });
});

describe('the audit of a Gluster volume', () => {
  const volume: GlusterVolumeInfo = {
    name: 'vols',
    started: true,
    typeText: 'Distribute',
    replicaCount: 1,
    arbiterCount: 0,
    brickCount: 1,
    brickHosts: ['h'],
    options: {},
  };
  const good = {
    'performance.strict-o-direct': 'on',
    'performance.stat-prefetch': 'off',
    'performance.quick-read': 'false',
    'performance.open-behind': 'disable',
    'network.ping-timeout': '20',
  };
  const codes = (info: GlusterVolumeInfo) => auditVolume(info).map(({ code }) => code);

  it('says nothing about a volume that is set as it should be', () =>
    assert.deepEqual(codes({ ...volume, options: good }), []));

  it('names each difference from what was measured, with a cure that can be typed', () => {
    const findings = auditVolume(volume);
    assert.deepEqual(
      findings.map(({ cure }) => cure),
      [
        'gluster volume set vols performance.strict-o-direct on',
        'gluster volume set vols performance.stat-prefetch off',
        'gluster volume set vols performance.quick-read off',
        'gluster volume set vols performance.open-behind off',
        'gluster volume set vols network.ping-timeout 20',
      ],
    );
    assert.ok(findings.every(({ text }) => text.includes('(default)')));
  });

  it('sees a stopped volume, two copies without arbiter, missing quorum, sharding that may corrupt', () => {
    assert.deepEqual(codes({ ...volume, options: good, started: false }), ['volume.stopped']);
    assert.deepEqual(codes({ ...volume, options: good, replicaCount: 2 }), ['volume.replica-2']);
    assert.deepEqual(codes({ ...volume, options: { ...good, 'cluster.quorum-type': 'none' }, replicaCount: 3 }), [
      'options.quorum',
    ]);
    assert.deepEqual(codes({ ...volume, options: { ...good, 'features.shard': 'on' } }), ['options.lookup-optimize']);
    assert.deepEqual(codes({ ...volume, options: { ...good, 'server.allow-insecure': 'off' } }), [
      'options.allow-insecure',
    ]);
  });
});
