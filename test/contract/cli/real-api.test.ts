// The commands against the APIs themselves, in the order in which a person would type them: what the client sends is what the service
// takes, what it prints is what the service did. Stories, not single calls: each command finds what the one before it made.
import assert from 'node:assert/strict';
import { loadAllRows } from '../../../services/cli/command-index.js';
import { backend, pools, RealCloud } from './real-cloud.js';
import type { CliRun } from './recording-cloud.js';

type Row = Readonly<Record<string, unknown>>;

describe('saggar against the real APIs', function () {
  this.timeout(60_000);
  let cloud: RealCloud;
  let as: NodeJS.ProcessEnv;
  const used = new Set<string>();
  let paths: readonly string[] = [];

  before(async () => {
    cloud = await RealCloud.open();
    as = cloud.environment();
    paths = (await loadAllRows()).map(({ path }) => path);
  });
  after(async () => {
    await cloud.close();
  });

  async function type(line: string, env = as): Promise<CliRun> {
    const words = line.split(' ');
    const path = paths
      .filter((candidate) => words.slice(0, candidate.split(' ').length).join(' ') === candidate)
      .sort((a, b) => b.length - a.length)[0];
    if (path !== undefined) used.add(path);
    return cloud.run(line, env);
  }

  async function succeed(line: string, env = as): Promise<string> {
    const run = await type(line, env);
    assert.equal(run.exitCode, 0, `saggar ${line}: ${run.stderr}`);
    assert.equal(run.stderr, '');
    return run.stdout;
  }

  async function one(line: string, env = as): Promise<Row> {
    return JSON.parse(await succeed(`${line} -f json`, env)) as Row;
  }

  async function many(line: string, env = as): Promise<Row[]> {
    return JSON.parse(await succeed(`${line} -f json`, env)) as Row[];
  }

  async function refused(line: string, message: RegExp, env = as): Promise<void> {
    const run = await type(line, env);
    assert.notEqual(run.exitCode, 0, `saggar ${line} was not refused`);
    assert.match(run.stderr, message);
    assert.equal(run.stdout, '');
  }

  async function names(line: string, env = as): Promise<unknown[]> {
    return (await many(line, env)).map((row) => row['Name']);
  }

  it('logs in, looks at the catalog, revokes a token', async () => {
    const token = String((await one('token issue'))['id']);
    const types = (await many('catalog list')).map((entry) => entry['Type']);
    assert.ok(types.includes('volumev3') && types.includes('compute'));
    assert.equal((await one('catalog show compute'))['type'], 'compute');
    const withToken = { ...cloud.environment(), OS_AUTH_TYPE: 'token', OS_TOKEN: token };
    await succeed('volume list', withToken);
    await succeed(`token revoke ${token}`);
    await refused('volume list', /refused the login of the given token/, withToken);
    assert.ok((await many('service list --long')).some((entry) => entry['Type'] === 'identity'));
    assert.equal((await one('service show compute'))['type'], 'compute');
    const endpoints = await many('endpoint list --service compute --interface public');
    assert.equal(endpoints.length, 1);
    assert.equal((await one(`endpoint show ${String(endpoints[0]?.['ID'])}`))['interface'], 'public');
    assert.deepEqual(
      (await many('region list')).map((region) => region['Region']),
      ['RegionOne'],
    );
  });

  it('shows versions and extensions', async () => {
    const versions = await many('versions show');
    const storage = versions.filter((entry) => /block|volume/.test(String(entry['Service Type'])));
    assert.deepEqual(
      storage.map((entry) => [entry['Min Microversion'], entry['Max Microversion']]),
      [['3.0', '3.71']],
    );
    assert.equal((await many('versions show --service volumev3')).length, 1);
    assert.ok(versions.some((entry) => entry['Service Type'] === 'identity'));
    assert.equal((await many('versions show --service compute --all-interfaces')).length, 3);
    const [extension] = await many('extension list --volume --long');
    assert.ok(extension);
    await one(`extension show ${String(extension['Alias'])}`);
  });

  it('makes people: domains, projects, users, roles', async () => {
    await one('domain create --description "a branch" branch');
    assert.equal((await one('domain create --or-show branch'))['description'], 'a branch');
    assert.ok((await names('domain list --enabled')).includes('branch'));
    await succeed('domain set --disable branch');
    assert.equal((await one('domain show branch'))['enabled'], false);
    await succeed('domain delete branch');
    await one('project create --description "the shop" --tag new shop');
    await succeed('project set --tag old --remove-tag new shop');
    assert.deepEqual((await one('project show shop'))['tags'], ['old']);
    await one('user create --password secret --project shop anna');
    await succeed('user set --description "keeps the shop" anna');
    assert.equal((await one('user show anna'))['description'], 'keeps the shop');
    await one('role create auditor');
    await succeed('role set --description "looks only" auditor');
    assert.equal((await one('role show auditor'))['description'], 'looks only');
    await succeed('role delete auditor');
    assert.ok((await names('role list')).includes('member'));
    await succeed('role add --user anna --project shop member');
    await succeed('role add --user anna --domain default reader');
    await succeed('role remove --user anna --domain default reader');
    const assigned = await many('role assignment list --user anna --names');
    assert.deepEqual([assigned[0]?.['Role'], assigned[0]?.['Project']], ['member', 'shop@Default']);
    assert.deepEqual(await names('user list --project shop --long'), ['anna']);
    assert.deepEqual(await names('project list --user anna'), ['shop']);
    await refused('user create anna', /409/);
  });

  it('has a password changed, and logs in programs by application credential', async () => {
    const anna = cloud.environment('anna', 'secret', 'shop');
    await succeed('user password set --original-password secret --password better', anna);
    await refused('volume list', /refused the login of user 'anna'/, anna);
    const better = cloud.environment('anna', 'better', 'shop');
    const made = await one('application credential create --role member --expiration 2035-01-01T00:00:00 bot', better);
    const bot = {
      OS_AUTH_URL: `${cloud.url}/identity/v3`,
      OS_AUTH_TYPE: 'v3applicationcredential',
      OS_APPLICATION_CREDENTIAL_ID: String(made['id']),
      OS_APPLICATION_CREDENTIAL_SECRET: String(made['secret']),
    };
    await succeed('volume list', bot);
    assert.deepEqual(await names('application credential list', better), ['bot']);
    assert.equal((await one('application credential show bot', better))['roles'], 'member');
    await succeed('application credential delete bot', better);
    await refused('volume list', /application credential/, bot);
    await refused('application credential create --expiration tomorrow x', /2030-12-31T23:59:59/, better);
  });

  it('makes volumes, changes them, counts them', async () => {
    await one('volume create --size 1 --property used-by=web --wait data');
    const shown = await one('volume show data');
    assert.deepEqual([shown['status'], shown['size'], shown['properties']], ['available', 1, { 'used-by': 'web' }]);
    await succeed('volume set --size 2 --description "of the shop" --property room=1 --wait data');
    await succeed('volume set --bootable --read-only --image-property os=linux data');
    await succeed('volume set --read-write --non-bootable data');
    await succeed('volume unset --property room --image-property os data');
    const changed = await one('volume show data');
    assert.deepEqual([changed['size'], changed['description'], changed['bootable']], [2, 'of the shop', 'false']);
    assert.deepEqual(Object.keys(changed['properties'] as Row).sort(), ['readonly', 'used-by']);
    const summary = await one('volume summary');
    assert.deepEqual([summary['Total Count'], summary['Total Size']], [1, 2]);
    assert.deepEqual(await names('volume list --long --all-projects --project admin'), ['data']);
    await refused('volume set --size 1 data', /volumes never shrink/);
    await refused('volume create --sise 1 x', /Did you mean --size/);
  });

  it('keeps states, goes back to them, and copies from them', async () => {
    await one('volume snapshot create --volume data --property why=test --wait before');
    await succeed('volume snapshot set --description "before it" --property a=b before');
    await succeed('volume snapshot unset --property a before');
    assert.equal((await one('volume snapshot show before'))['description'], 'before it');
    assert.deepEqual(await names('volume snapshot list --volume data --long'), ['before']);
    await succeed('volume revert --wait before');
    const { id } = await one('volume show data');
    await one(`volume create --snapshot before --hint same_host=${String(id)} --wait copy`);
    await one('volume create --source data --wait clone');
    await succeed('volume snapshot set --state creating before');
    await succeed('volume snapshot report --state available --progress 100% before');
    await succeed('volume snapshot delete --wait before');
    await succeed('volume delete --wait copy clone');
    await refused('volume snapshot show before', /No snapshot with the name or ID 'before'/);
  });

  it('gives types access, encryption and QoS, and volumes another type', async () => {
    await one('volume type create --property volume_backend_name=gluster fast');
    await succeed('volume type set --description "for databases" --property x=y fast');
    await succeed('volume type unset --property x fast');
    assert.deepEqual((await one('volume type show fast'))['properties'], { volume_backend_name: 'gluster' });
    await succeed('volume set --type fast --retype-policy on-demand --wait data');
    assert.equal((await one('volume show data'))['type'], 'fast');
    const secret = await one('volume type create --private --project shop --encryption-provider luks secret');
    assert.deepEqual((secret['encryption'] as Row)['provider'], 'luks');
    await succeed('volume type set --encryption-key-size 256 --project demo secret');
    const shown = await one('volume type show --encryption-type secret');
    assert.equal((shown['access_project_ids'] as string[]).length, 2);
    assert.equal((shown['encryption'] as Row)['key_size'], 256);
    await succeed('volume type unset --project demo --encryption-type secret');
    const listed = (await many('volume type list --encryption-type --private')).find((row) => row['Name'] === 'secret');
    assert.equal(listed?.['Encryption'], '-');
    await one('volume qos create --consumer front-end --property total_iops_sec=500 modest');
    await succeed('volume qos set --property total_iops_sec=600 --property x=y modest');
    await succeed('volume qos unset --property x modest');
    await succeed('volume qos associate modest secret');
    const [qos] = await many('volume qos list');
    assert.deepEqual([qos?.['Associations'], qos?.['Properties']], [['secret'], { total_iops_sec: '600' }]);
    await refused('volume qos disassociate --volume-type fast modest', /does not use modest/);
    await succeed('volume qos disassociate --volume-type secret modest');
    assert.deepEqual((await one('volume qos show modest'))['associations'], []);
    await succeed('volume qos delete modest');
    await succeed('volume type delete secret');
  });

  it('hands a volume to another project', async () => {
    const anna = cloud.environment('anna', 'better', 'shop');
    await one('volume create --size 1 --wait gift', anna);
    const offer = await one('volume transfer request create --name to-admin gift', anna);
    assert.deepEqual(await names('volume transfer request list', anna), ['to-admin']);
    assert.equal((await one('volume transfer request show to-admin', anna))['auth_key'], undefined);
    await refused(`volume transfer request accept --auth-key wrong ${String(offer['id'])}`, /400/);
    await one(`volume transfer request accept --auth-key ${String(offer['auth_key'])} ${String(offer['id'])}`);
    assert.deepEqual(await names('volume list', anna), []);
    await one('volume transfer request create gift');
    const [open] = await many('volume transfer request list');
    await succeed(`volume transfer request delete ${String(open?.['ID'])}`);
    await succeed('volume delete --wait gift');
  });

  it('moves a volume to another pool and takes files in', async () => {
    const from = String((await one('volume show data'))['os-vol-host-attr:host']);
    const to = pools.find((pool) => pool !== from) ?? '';
    await succeed(`volume migrate --host ${to} --wait data`);
    assert.equal((await one('volume show data'))['os-vol-host-attr:host'], to);
    await refused('volume migrate --host nowhere@x#y data', /400/);
  });

  it('attaches by attachment and by single deeds', async () => {
    const made = await one('volume attachment create --connect --host kvm7 data');
    const id = String(made['ID']);
    // Where the files lie is told to services alone.
    assert.deepEqual([made['Status'], made['Properties']], ['attaching', {}]);
    await succeed(`volume attachment complete ${id}`);
    assert.equal((await one(`volume attachment show ${id}`))['Status'], 'attached');
    assert.equal((await many('volume attachment list --volume data')).length, 1);
    await succeed(`volume attachment delete ${id}`);
    const reserved = await one('volume attachment create --mode ro data');
    await one(`volume attachment set --host kvm7 ${String(reserved['ID'])}`);
    await succeed(`volume attachment delete ${String(reserved['ID'])}`);
    await succeed('volume connection reserve data');
    await succeed('volume connection unreserve data');
    await succeed('volume connection reserve data');
    const connection = await one('volume connection initialize --host kvm7 data');
    assert.equal(connection['driver_volume_type'], 'glusterfs');
    await succeed('volume connection attach --mountpoint /dev/vdb --host-name kvm7 data');
    await succeed('volume connection begin detaching data');
    await succeed('volume connection roll detaching data');
    await succeed('volume connection begin detaching data');
    await succeed('volume connection terminate --host kvm7 data');
    await succeed('volume connection detach data');
    assert.equal((await one('volume show data'))['status'], 'available');
  });

  it('runs a server with volumes', async () => {
    await one('flavor create --ram 512 --vcpus 2 m1.twin');
    assert.equal((await one('flavor show m1.twin'))['vcpus'], 2);
    assert.ok((await names('flavor list --long')).includes('m1.twin'));
    await one('volume create --size 1 --bootable --wait root');
    await one('server create --flavor m1.twin --volume root --tag web --wait vm');
    await one('server add volume --tag disk --wait vm data');
    assert.equal((await many('server volume list vm')).length, 2);
    assert.deepEqual(await names('server list --flavor m1.twin --long'), ['vm']);
    await succeed('server remove volume --wait vm data');
    await succeed('server set --name web --description "the shop" --tag shop vm');
    await succeed('server unset --description --tag web web');
    await succeed('server stop --wait web');
    await succeed('server start --wait web');
    await succeed('server reboot --hard --wait web');
    assert.equal((await one('server show web'))['status'], 'ACTIVE');
    await succeed('server delete --wait web');
    await succeed('flavor delete m1.twin');
    await succeed('volume delete --wait root');
  });

  it('shows limits and quotas, and changes them', async () => {
    assert.ok((await many('limits show --absolute')).some((row) => row['Name'] === 'maxTotalVolumes'));
    assert.deepEqual(await many('limits show --rate'), []);
    assert.ok((await many('availability zone list --long')).some((row) => row['Zone Name'] === 'nova'));
    await succeed('quota set --volumes 3 --instances 4 --per-volume-gigabytes 50 shop');
    const quota = await one('quota show shop');
    assert.deepEqual([quota['volumes'], quota['instances'], quota['per-volume-gigabytes']], [3, 4, 50]);
    assert.equal((await many('quota list --volume')).length, 1);
    assert.ok((await many('quota list --compute --detail --project shop')).some((row) => row['Limit'] === 4));
    await succeed('quota set --class --volumes 30 default');
    assert.equal((await one('quota show --class default'))['volumes'], 30);
    assert.equal((await one('quota show --default shop'))['volumes'], 30);
    await succeed('quota delete shop');
    assert.equal((await one('quota show shop'))['volumes'], 30);
    await refused('quota set --volumes 1 nobody', /No project/);
  });

  it('shows an operator the processes, hosts, pools, filters and log levels', async () => {
    assert.ok((await many('volume service list --long')).some((row) => row['Host'] === backend));
    await succeed(`volume service set --disable --disable-reason "bricks" ${backend} cinder-volume`);
    await refused('volume create --size 1 --wait nowhere', /ended as 'error'/);
    await succeed(`volume service set --enable ${backend} cinder-volume`);
    const [message] = await many('volume message list');
    assert.ok(message);
    assert.equal((await one(`volume message show ${String(message['ID'])}`))['message_level'], 'ERROR');
    await succeed(`volume message delete ${String(message['ID'])}`);
    await succeed('volume delete --wait nowhere');
    await succeed(`volume host set --disable ${backend}`);
    await succeed(`volume host set --enable ${backend}`);
    assert.ok((await many('volume host list')).length > 0);
    assert.ok((await many(`volume host show ${backend}`)).length > 0);
    assert.deepEqual((await names('volume backend pool list --long')).sort(), [...pools].sort());
    assert.ok((await many(`volume backend capability show ${backend}`)).every((row) => row['Key'] !== ''));
    assert.ok((await many('volume resource filter list')).some((row) => row['Resource'] === 'volume'));
    assert.deepEqual((await one('block storage resource filter show volume'))['Resource'], 'volume');
    await succeed('volume resource filter show snapshot');
    await succeed('block storage resource filter list');
    await refused('volume resource filter show nonsense', /No filters are known/);
    await succeed('block storage log level set --service cinder-volume DEBUG');
    await succeed('block storage log level list');
  });

  it('keeps disks that belong together', async () => {
    await one('volume group type create --property colour=blue together');
    await succeed('volume group type set --description "of one guest" --property size=small together');
    await succeed('volume group type unset --property colour together');
    assert.deepEqual((await one('volume group type show together'))['properties'], { size: 'small' });
    assert.ok((await names('volume group type list')).includes('together'));
    await one('volume group create --name pair --wait together __DEFAULT__ fast');
    await one('volume create --size 1 --wait second');
    await succeed('volume group set --description "two disks" --add-volume data --add-volume second pair');
    assert.deepEqual(await names('volume group list'), ['pair']);
    const kept = await one('volume group snapshot create --name monday --wait pair');
    assert.equal(kept['status'], 'available');
    assert.deepEqual(await names('volume group snapshot list'), ['monday']);
    await succeed('volume group snapshot set --state available monday');
    assert.equal((await one('volume group snapshot show monday'))['name'], 'monday');
    await succeed('volume group snapshot delete --wait monday');
    await succeed('volume group set --remove-volume data pair');
    assert.equal(((await one('volume group show pair'))['volumes'] as unknown[]).length, 1);
    await succeed('volume group delete --force --wait pair');
    await refused('volume show second', /No volume with the name or ID 'second'/);
    await succeed('volume group type delete together');
  });

  it('shows shares, takes one out of service, and takes over what lies on it', async () => {
    const [share = ''] = pools;
    const listed = await many('admin share list');
    assert.deepEqual(listed.map((row) => row['Pool']).sort(), [...pools].sort());
    assert.deepEqual(await many('admin share list --findings'), []);
    assert.match(await succeed('admin share list --findings'), /2 pools, no findings/);
    assert.deepEqual(await many('admin audit --repaired'), []);
    assert.match(await succeed('admin audit'), /^The audit has not looked yet/);
    await one(`admin share maintain --reason disks ${share}`);
    assert.match(String((await one(`admin share show ${share}`))['maintenance']), /disks$/);
    await succeed(`admin share resume ${share}`);
    assert.equal((await one(`admin share show ${share}`))['maintenance'], null);
    const id = '00000000-0000-4000-8000-0000000000aa';
    cloud.engine.world.scanned = [
      {
        ...{ kind: 'file', name: `volume-${id}`, sizeBytes: 2 ** 30, allocatedBytes: 4096, linkCount: 1 },
        ...{ modifiedMs: 0, mode: 0o660, verdict: { format: 'none', claims: null } },
      },
    ];
    assert.match(await succeed(`admin share adopt ${share}`), /To record: 1 volumes[\s\S]*Nothing was changed/);
    await refused(`volume show ${id}`, /No volume/);
    assert.match(await succeed(`admin share adopt --apply ${share}`), /Recorded: 1 volumes/);
    assert.equal((await one(`volume show ${id}`))['size'], 1);
    assert.match(await succeed(`admin rebuild --pool ${share}`), /On record already: 1 volumes/);
    await succeed(`volume delete --wait ${id}`);
    const unheardOf = 'c'.repeat(32);
    assert.match(await succeed(`admin share adopt --apply --project ${unheardOf} ${share}`), /Recorded: 1 volumes/);
    cloud.engine.world.scanned = [];
    await succeed(`role add --project taken-over-${unheardOf} --user admin member`);
    const there = cloud.environment('admin', undefined, `taken-over-${unheardOf}`);
    assert.equal((await one(`volume show ${id}`, there))['id'], id);
    await succeed(`volume delete --wait ${id}`, there);
    await succeed(`project delete taken-over-${unheardOf}`);
  });

  it('clears up', async () => {
    await succeed('volume delete --wait data');
    await succeed('volume type delete fast');
    await succeed('user delete anna');
    await succeed('project delete shop');
    assert.deepEqual(await names('volume list --all-projects'), []);
  });

  it('an administrator sees what the service has done', async () => {
    const volume = await one('volume create --size 1 --wait watched');
    const [made] = await many('admin operation list --volume watched');
    assert.deepEqual([made?.['Type'], made?.['State']], ['volume-create', 'done']);
    const shown = await one(`admin operation show ${String(made?.['ID'])}`);
    assert.equal((shown['params'] as Row)['volumeId'], volume['id']);
    const tree = await succeed('admin chain tree --measure watched');
    assert.match(tree, /● volume-[0-9a-f-]+\n {4}qcow2, 1 GiB virtual, 192 KiB allocated\n {4}active, at rest/);
    assert.ok(tree.split('\n').every((line) => line.length <= 100));
    const data = JSON.parse(await succeed('admin chain tree --json watched')) as { layers: Row[] };
    assert.equal(data.layers[0]?.['allocated_bytes'], 196_608);
    assert.deepEqual(await many('admin chain check watched'), []);
    assert.deepEqual(await many('admin chain check --all'), []);
    const { files } = cloud.engine.world;
    const [file, kept] = [...files].find(([name]) => name.includes(String(volume['id']))) ?? assert.fail('no file');
    files.delete(file);
    const run = await type('admin chain check -f json watched');
    const [found] = JSON.parse(run.stdout) as Row[];
    assert.deepEqual([run.exitCode, found?.['Finding'], found?.['File']], [1, 'missing-file', file]);
    files.set(file, kept);
    await refused('admin chain check', /Give volumes, or --all, or --pool/);
    await refused('admin chain flatten --wait watched', /independent already/);
    await refused(`admin operation cancel ${String(made?.['ID'])}`, /cannot be cancelled/);
    cloud.engine.world.scanned = [
      {
        ...{
          kind: 'file',
          name: 'volume-00000000-0000-4000-8000-0000000000ff',
          sizeBytes: 2 ** 30,
          allocatedBytes: 4096,
        },
        ...{ modifiedMs: 0, mode: 0o660, linkCount: 1, verdict: { format: 'none', claims: null } },
      },
    ];
    const [orphan] = await many(`admin chain orphans ${pools[0]}`);
    assert.deepEqual([orphan?.['Format'], orphan?.['Size'], orphan?.['Cannot Be Removed']], ['raw', '1 GiB', '']);
    await refused(`admin chain orphans --remove ${pools[0]}`, /moves 1 files to the trash/);
    assert.equal((await many(`admin chain orphans --remove --yes ${pools[0]}`)).length, 1);
    const [takeable] = await many(`block storage volume manageable list --long ${backend}`);
    assert.equal(takeable?.['Safe To Manage'], true);
    cloud.engine.world.scanned = [];
    await succeed('volume snapshot create --volume watched --wait kept-outside');
    await succeed('volume snapshot delete --remote --wait kept-outside');
    const left = await many(`block storage snapshot manageable list ${backend}`);
    const source = `--remote-source source-name=${String(left[0]?.['Reference'])}`;
    await succeed(`volume snapshot create --volume watched ${source} --wait back-again`);
    await succeed('volume snapshot delete --wait back-again');
    await succeed('volume snapshot create --volume watched --wait to-take-along');
    const planned = await many('admin leave --project admin --snapshots');
    const deeds = planned.filter((row) => row['Volume'] === volume['id']).map((row) => [row['Name'], row['Deed']]);
    assert.deepEqual(deeds, [
      ['watched', 'copy'],
      ['to-take-along', 'copy'],
    ]);
    assert.equal(cloud.engine.world.exports.size, 0);
    await type(`admin leave --project admin --to leave-now --image-format raw --snapshots --no-checksum --apply`);
    assert.ok(cloud.engine.world.exports.has(`leave-now/volume-${String(volume['id'])}.raw`));
    const sealed = (encrypted: boolean) => cloud.engine.db('volumes').where({ id: volume['id'] }).update({ encrypted });
    await sealed(true);
    const deedsOf = async (more: string): Promise<unknown> => {
      const run = await type(`admin leave -f json --project admin --to leave-sealed ${more}`);
      const rows = JSON.parse(run.stdout) as Row[];
      return rows
        .filter((row) => row['Volume'] === volume['id'])
        .map((row) => [row['Deed'], row['Why'] ?? row['File']]);
    };
    assert.deepEqual(await deedsOf(''), [['refused', 'encrypted: the file would be plain; give --decrypt']]);
    assert.deepEqual(await deedsOf('--decrypt'), [['copy, decrypted', 'encrypted: the file is plain']]);
    const plainFile = `leave-sealed/volume-${String(volume['id'])}.qcow2`;
    assert.deepEqual(await deedsOf('--decrypt --apply'), [['copy, decrypted', plainFile]]);
    await sealed(false);
    await refused('admin leave', /Give --share or --project/);
    await refused('admin leave --project admin --to elsewhere', /--to is leave-/);
    await succeed('volume snapshot delete --wait to-take-along');
    await refused('admin operation list --state busy', /state must be one of/);
    await succeed('volume delete --wait watched');
  });

  it('makes records of images, changes and shares them', async () => {
    const made = await one('image create --shared --property os_distro=debian --tag tested --min-disk 1 debian');
    assert.deepEqual([made['status'], made['visibility'], made['disk_format']], ['queued', 'shared', 'raw']);
    assert.deepEqual((await one('image show debian'))['tags'], ['tested']);
    await succeed('image set --name debian-12 --property note=x --os-version 12 --tag kept debian');
    await succeed('image unset --property note --tag tested debian-12');
    const changed = await one('image show debian-12');
    const properties = changed['properties'] as Row;
    assert.deepEqual([changed['tags'], properties['os_version'], properties['note']], [['kept'], '12', undefined]);
    await refused('image unset --property note debian-12', /has no property 'note'/);
    await refused('image set --property status=active debian-12', /a field of every image/);
    assert.deepEqual(await names('image list --shared --tag kept --property os_distro=debian'), ['debian-12']);
    assert.deepEqual(await names('image list --shared --property os_distro=other'), []);
    const { id } = await one('project create guests-of-images');
    await succeed('image add project debian-12 guests-of-images');
    await succeed(`image set --accept --project ${String(id)} debian-12`);
    const [member] = await many('image member list debian-12');
    assert.deepEqual([member?.['Member ID'], member?.['Status']], [id, 'accepted']);
    await succeed('image remove project debian-12 guests-of-images');
    await refused('image save --file /tmp/saggar-never-made debian-12', /no data/);
    await succeed('project delete guests-of-images');
    await succeed('image delete debian-12');
    assert.deepEqual(await names('image list --all'), []);
  });

  it('has used every command but those that need a guest, a share or a store', () => {
    const unused = paths.filter((path) => !used.has(path));
    // Bytes: volume-data.test.ts and test/system; stores of backups: test/contract/backup-target and test/system.
    const elsewhere = /^(volume (upload|download|reimage)|volume backup .*)$/;
    assert.deepEqual(
      unused.filter((path) => !elsewhere.test(path)),
      ['console log show'],
    );
  });
});
