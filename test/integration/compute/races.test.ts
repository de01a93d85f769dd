// Two clients at once: exactly one gets the volume, and whatever happens nothing is left behind.
import assert from 'node:assert/strict';
import { ComputePeople } from '../../contract/compute/compute-people.js';

describe('races on the compute API', function () {
  this.timeout(120_000);
  let people: ComputePeople;

  before(async () => {
    people = await ComputePeople.meet();
    await people.rig.api
      .database('quota_limits')
      .insert({ project_id: people.ann.projectId, resource: 'instances', hard_limit: 100 });
  });
  after(() => people.rig.close());

  function boot(uuid: string) {
    const disk = { source_type: 'volume', destination_type: 'volume', uuid, boot_index: 0 };
    return people.ask('POST', '/servers', people.ann.token, {
      server: { name: 'x', flavorRef: '1', block_device_mapping_v2: [disk] },
    });
  }

  it('boots one server from a volume that four ask for', async () => {
    const { rig, ann } = people;
    for (let round = 0; round < 5; round += 1) {
      const volumeId = await rig.volume(ann.projectId);
      const answers = await Promise.all([boot(volumeId), boot(volumeId), boot(volumeId), boot(volumeId)]);
      assert.deepEqual(answers.map((answer) => answer.status).sort(), [202, 400, 400, 400]);
      await rig.engine.settle();
      const servers = (await people.ask('GET', '/servers', ann.token)).body.servers as { id: string }[];
      assert.equal(servers.length, 1);
      await people.ask('DELETE', `/servers/${servers[0]?.id ?? ''}`, ann.token);
      await rig.engine.settle();
    }
    await rig.engine.assertNothingLeft();
  });

  it('attaches a volume to one of two servers, and detaches it once', async () => {
    const { rig, ann } = people;
    const [one, two] = [
      await rig.activeServer(ann.token, ann.projectId),
      await rig.activeServer(ann.token, ann.projectId),
    ];
    for (let round = 0; round < 5; round += 1) {
      const volumeId = await rig.volume(ann.projectId);
      const attach = (id: string) =>
        people.ask('POST', `/servers/${id}/os-volume_attachments`, ann.token, { volumeAttachment: { volumeId } });
      const answers = await Promise.all([attach(one.id), attach(two.id)]);
      assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 400]);
      await rig.engine.settle();
      const holder = answers[0]?.status === 200 ? one.id : two.id;
      const detach = () => people.ask('DELETE', `/servers/${holder}/os-volume_attachments/${volumeId}`, ann.token);
      const detached = await Promise.all([detach(), detach()]);
      assert.deepEqual(detached.map((answer) => answer.status).sort(), [202, 400]);
      await rig.engine.settle();
      assert.equal(await rig.engine.statusOf('volumes', volumeId), 'available');
    }
    for (const { id } of [one, two]) await people.ask('DELETE', `/servers/${id}`, ann.token);
    await rig.engine.settle();
    await rig.engine.assertNothingLeft();
  });

  it('survives every pair of deeds on one server, and deleting it always ends well', async () => {
    const { rig, ann } = people;
    const deeds = {
      stop: (id: string) => people.ask('POST', `/servers/${id}/action`, ann.token, { 'os-stop': null }),
      reboot: (id: string) => people.ask('POST', `/servers/${id}/action`, ann.token, { reboot: { type: 'HARD' } }),
      attach: (id: string, volumeId: string) =>
        people.ask('POST', `/servers/${id}/os-volume_attachments`, ann.token, { volumeAttachment: { volumeId } }),
      remove: (id: string) => people.ask('DELETE', `/servers/${id}`, ann.token),
    };
    const names = Object.keys(deeds) as (keyof typeof deeds)[];
    for (const [index, first] of names.entries()) {
      for (const second of names.slice(index)) {
        const { id } = await rig.activeServer(ann.token, ann.projectId);
        const volumes = [await rig.volume(ann.projectId), await rig.volume(ann.projectId)];
        const answers = await Promise.all([deeds[first](id, volumes[0] ?? ''), deeds[second](id, volumes[1] ?? '')]);
        for (const { status } of answers) assert.ok(status < 500, `${first} and ${second}: ${status}`);
        await rig.engine.settle();
        await deeds.remove(id);
        await rig.engine.settle();
        assert.equal((await people.ask('GET', `/servers/${id}`, ann.token)).status, 404, `${first} and ${second}`);
        for (const volume of volumes) assert.equal(await rig.engine.statusOf('volumes', volume), 'available');
        await rig.engine.assertNothingLeft();
      }
    }
  });

  it('keeps a quota under concurrent requests', async () => {
    const { rig, ann } = people;
    await rig.api.database('quota_limits').where({ project_id: ann.projectId }).update({ hard_limit: 2 });
    const volumes = await Promise.all([1, 2, 3, 4, 5].map(() => rig.volume(ann.projectId)));
    const answers = await Promise.all(volumes.map(boot));
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [202, 202, 403, 403, 403]);
    await rig.engine.settle();
    const servers = (await people.ask('GET', '/servers', ann.token)).body.servers as { id: string }[];
    for (const { id } of servers) await people.ask('DELETE', `/servers/${id}`, ann.token);
    await rig.engine.settle();
    await rig.engine.assertNothingLeft();
  });
});
