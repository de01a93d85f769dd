// The gluster command's XML as it was seen from GlusterFS 10.3, its untrustworthy exit codes, and the audit's rules one by one.
import assert from 'node:assert/strict';
import { GlusterCli } from '../../../drivers/gluster/gluster-cli.js';
import type { GlusterVolumeInfo } from '../../../drivers/gluster/gluster-xml.js';
import { auditVolume, findCurableRules, judgeSharding } from '../../../drivers/gluster/options-audit.js';
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
      disperseCount: 0,
      redundancyCount: 0,
      brickCount: 3,
      bricks: ['10.0.0.1:/b', 'h2:/b', 'h2:/c'].map((name) => ({
        name,
        host: name.split(':')[0],
        isArbiter: false,
      })),
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
    disperseCount: 0,
    redundancyCount: 0,
    brickCount: 1,
    bricks: [{ name: 'h:/b', host: 'h', isArbiter: false }],
    brickHosts: ['h'],
    options: {},
  };
  const good = {
    'performance.strict-o-direct': 'on',
    'performance.stat-prefetch': 'off',
    'performance.quick-read': 'false',
    'performance.open-behind': 'disable',
    'network.ping-timeout': '20',
    'auth.allow': '10.0.0.*',
  };
  /** What is said of the volume, but for what is only good to know of its shape. */
  const said = (info: GlusterVolumeInfo) => auditVolume(info).filter(({ code }) => code !== 'volume.one-copy');
  const codes = (info: GlusterVolumeInfo) => said(info).map(({ code }) => code);

  it('says nothing about a volume that is set as it should be', () =>
    assert.deepEqual(codes({ ...volume, options: good }), []));

  it('names each difference from what was measured, with a cure that can be typed', () => {
    const findings = said({ ...volume, options: { 'auth.allow': '10.0.0.1' } });
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
    assert.deepEqual(codes({ ...volume, options: { ...good, 'features.shard': 'on' } }), [
      'options.lookup-optimize',
      'shard.on',
    ]);
    assert.deepEqual(codes({ ...volume, options: { ...good, 'server.allow-insecure': 'off' } }), [
      'options.allow-insecure',
    ]);
  });

  /** Each bad setting, and the one finding that it makes. */
  const bad: readonly (readonly [Record<string, string>, string])[] = [
    [{ 'auth.allow': '*' }, 'options.auth-allow'],
    [{ 'auth.allow': '10.0.0.1,*' }, 'options.auth-allow'],
    [{ 'client.ssl': 'on', 'server.ssl': 'on' }, 'options.ssl-allow'],
    [{ 'server.ssl': 'on', 'auth.ssl-allow': 'host-a' }, 'options.ssl-one-sided'],
    [{ 'client.ssl': 'on' }, 'options.ssl-one-sided'],
    [{ 'server.allow-insecure': 'off' }, 'options.allow-insecure'],
    [{ 'server.root-squash': 'on' }, 'options.root-access'],
    [{ 'features.read-only': 'on' }, 'options.io-read-only'],
    [{ 'performance.strict-o-direct': 'off' }, 'options.strict-o-direct'],
    [{ 'network.remote-dio': 'enable' }, 'options.remote-dio'],
    [{ 'performance.io-cache': 'on' }, 'options.io-cache'],
    [{ 'network.ping-timeout': '42' }, 'options.ping-timeout'],
  ];
  for (const [options, code] of bad) {
    it(`T-G01 finds ${JSON.stringify(options)}, and only that, with a cure that names the volume`, () => {
      const findings = said({ ...volume, options: { ...good, ...options } });
      assert.deepEqual(
        findings.map((finding) => finding.code),
        [code],
      );
      assert.match(findings[0]?.cure ?? '', /^gluster volume set vols /);
    });
  }

  it('sets by itself only what needs no choice of a person', () => {
    const curable = findCurableRules({ ...volume, options: { 'server.ssl': 'on' } }).map(({ code }) => code);
    assert.ok(curable.includes('options.strict-o-direct'));
    for (const code of ['options.auth-allow', 'options.ssl-allow', 'options.ssl-one-sided']) {
      assert.ok(!curable.includes(code), code);
    }
  });

  it('says once that large files without sharding are healed whole', () => {
    const copies = { ...volume, replicaCount: 3 };
    const TIB = 1024 ** 4;
    assert.deepEqual(
      judgeSharding(copies, TIB).map(({ code }) => code),
      ['shard.off'],
    );
    assert.deepEqual(judgeSharding(copies, null), []);
    assert.deepEqual(judgeSharding(copies, TIB / 4), []);
    assert.deepEqual(judgeSharding(volume, TIB), []);
    assert.deepEqual(judgeSharding({ ...copies, options: { 'features.shard': 'on' } }, TIB), []);
  });
});
