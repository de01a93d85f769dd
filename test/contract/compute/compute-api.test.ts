// Every operation of the compute API over the real engine with a world in memory; each answer is held against
// api-spec/compute.yaml by the rig.
import assert from 'node:assert/strict';
import { attachmentCases } from './attachment-cases.js';
import { ComputePeople } from './compute-people.js';
import { instanceActionCases } from './instance-action-cases.js';
import { proxyCases } from './proxy-cases.js';
import { serverCases } from './server-cases.js';
import { serverImageCases } from './server-image-cases.js';
import { versionCases } from './version-cases.js';

describe('compute API', function () {
  this.timeout(60_000);
  let people: ComputePeople;

  const ask = (method: string, path: string, token: string, body?: unknown) => people.ask(method, path, token, body);

  before(async () => {
    people = await ComputePeople.meet();
  });
  after(async () => {
    const missing = people.rig.api.recorders.get('/compute')?.missing();
    await people.rig.close();
    assert.deepEqual(missing, [], 'operations without a test');
  });

  describe('versions', () => {
    it('are told without a token and negotiated by both headers', async () => {
      assert.equal((await people.rig.api.ask('GET', '/compute/')).body.versions[0].id, 'v2.1');
      for (const path of ['/compute/v2.1', '/compute/v2.1/']) {
        assert.equal((await people.rig.api.ask('GET', path)).body.version.min_version, '2.1');
      }
      const zones = (headers: Record<string, string>) =>
        people.rig.api.ask('GET', '/compute/v2.1/os-availability-zone', { token: people.ann.token, headers });
      const plain = await zones({});
      assert.equal(plain.headers.get('openstack-api-version'), 'compute 2.1');
      assert.equal(plain.headers.get('x-openstack-nova-api-version'), '2.1');
      assert.equal((await zones({ 'OpenStack-API-Version': 'compute latest' })).status, 200);
      assert.equal((await zones({ 'OpenStack-API-Version': 'volume 3.71' })).status, 200);
      assert.equal((await zones({ 'OpenStack-API-Version': 'compute 2.61' })).status, 406);
      assert.equal((await zones({ 'X-OpenStack-Nova-API-Version': 'x' })).status, 400);
    });

    it('wants a token for everything else', async () => {
      const answer = await people.rig.api.ask('GET', '/compute/v2.1/servers');
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Keystone uri=/);
    });
  });

  describe('flavors', () => {
    it('lists, shows and pages', async () => {
      const all = await ask('GET', '/flavors', people.ann.token);
      assert.deepEqual(
        all.body.flavors.map((flavor: { name: string }) => flavor.name),
        ['m1.tiny', 'm1.small', 'm1.medium', 'm1.large'],
      );
      const page = await ask('GET', '/flavors/detail?limit=1&marker=1', people.ann.token);
      assert.deepEqual(
        [page.body.flavors[0].ram, page.body.flavors[0].vcpus, page.body.flavors[0].swap],
        [1024, 1, ''],
      );
      assert.match(page.body.flavors_links[0].href, /marker=2/);
      assert.equal((await ask('GET', '/flavors/detail?minRam=2048', people.ann.token)).body.flavors.length, 2);
      assert.equal((await ask('GET', '/flavors/1', people.ann.token)).body.flavor.ram, 256);
      assert.equal((await ask('GET', '/flavors/1/os-extra_specs', people.ann.token)).status, 200);
      assert.equal((await ask('GET', '/flavors/none', people.ann.token)).status, 404);
      assert.equal((await ask('GET', '/flavors?limit=x', people.ann.token)).status, 400);
      assert.equal((await ask('GET', '/flavors?marker=x', people.ann.token)).status, 400);
    });

    it('lets administrators create and delete, and hides private ones from others', async () => {
      const flavor = {
        name: 'private',
        ram: 128,
        vcpus: 1,
        disk: 0,
        id: 'private',
        'os-flavor-access:is_public': false,
      };
      assert.equal((await ask('POST', '/flavors', people.ann.token, { flavor })).status, 403);
      assert.equal((await ask('POST', '/flavors', people.admin, { flavor })).status, 200);
      assert.equal((await ask('POST', '/flavors', people.admin, { flavor })).status, 409);
      assert.equal((await ask('POST', '/flavors', people.admin, { flavor: { ...flavor, ram: 0 } })).status, 400);
      for (const field of ['ram', 'vcpus', 'disk', 'swap', 'OS-FLV-EXT-DATA:ephemeral']) {
        // As a text, too, it must fit the column.
        const large = { ...flavor, id: 'large', name: 'large', [field]: '2147483648' };
        const refused = await ask('POST', '/flavors', people.admin, { flavor: large });
        assert.equal(refused.status, 400);
        assert.match(refused.body.badRequest.message, /2147483648 is greater than the maximum of 2147483647$/);
      }
      assert.equal((await ask('GET', '/flavors/private', people.ann.token)).status, 404);
      assert.equal((await ask('GET', '/flavors/private', people.admin)).status, 200);
      assert.equal((await ask('GET', '/flavors?is_public=None', people.ann.token)).body.flavors.length, 4);
      assert.equal((await ask('GET', '/flavors?is_public=None', people.admin)).body.flavors.length, 5);
      assert.equal((await ask('DELETE', '/flavors/private', people.admin)).status, 202);
      assert.equal((await ask('DELETE', '/flavors/private', people.admin)).status, 404);
    });
  });

  serverCases(() => people);
  serverImageCases(() => people);
  attachmentCases(() => people);
  instanceActionCases(() => people);
  proxyCases(() => people);
  versionCases(() => people);

  describe('facts', () => {
    it('tell zones, services, limits, key pairs and extensions', async () => {
      const zones = (await ask('GET', '/os-availability-zone', people.ann.token)).body.availabilityZoneInfo;
      assert.deepEqual(zones, [{ zoneName: 'nova', zoneState: { available: true }, hosts: null }]);
      assert.equal((await ask('GET', '/os-availability-zone/detail', people.ann.token)).status, 403);
      const detail = (await ask('GET', '/os-availability-zone/detail', people.admin)).body.availabilityZoneInfo;
      assert.equal(detail[0].hosts.host['nova-compute'].available, true);
      assert.equal((await ask('GET', '/os-services', people.ann.token)).status, 403);
      assert.equal((await ask('GET', '/os-services?binary=nova-compute', people.admin)).body.services[0].state, 'up');
      const { absolute } = (await ask('GET', '/limits', people.ann.token)).body.limits;
      assert.deepEqual([absolute.maxTotalInstances, absolute.totalInstancesUsed], [10, 0]);
      assert.deepEqual((await ask('GET', '/os-keypairs', people.ann.token)).body, { keypairs: [] });
      assert.ok((await ask('GET', '/extensions', people.ann.token)).body.extensions.length > 5);
      assert.equal(
        (await ask('GET', `/${people.ann.projectId}/extensions`, people.ann.token)).status,
        200,
        'a project may stand in the path',
      );
    });

    it('show and change quotas', async () => {
      const { ann, bob, admin } = people;
      const path = `/os-quota-sets/${ann.projectId}`;
      const shown = (await ask('GET', path, ann.token)).body.quota_set;
      assert.deepEqual(
        [shown.id, shown.instances, shown.cores, shown.ram, shown.key_pairs],
        [ann.projectId, 10, 20, 51200, 0],
      );
      assert.equal((await ask('GET', path, bob.token)).status, 404);
      assert.equal((await ask('PUT', path, ann.token, { quota_set: { instances: 99 } })).status, 403);
      const changed = await ask('PUT', path, admin, { quota_set: { instances: '3', cores: -1 } });
      assert.deepEqual(
        [changed.body.quota_set.instances, changed.body.quota_set.cores, changed.body.quota_set.id],
        [3, -1, undefined],
      );
      assert.equal((await ask('GET', `${path}/defaults`, ann.token)).body.quota_set.instances, 10);
      const { id } = await people.rig.activeServer(ann.token, ann.projectId);
      const detail = (await ask('GET', `${path}/detail`, ann.token)).body.quota_set;
      assert.deepEqual(detail.instances, { limit: 3, in_use: 1, reserved: 0 });
      assert.equal((await ask('PUT', path, admin, { quota_set: { instances: 0 } })).status, 400);
      assert.equal((await ask('PUT', path, admin, { quota_set: { instances: 0, force: true } })).status, 200);
      assert.equal((await ask('PUT', path, admin, { quota_set: { volumes: 1 } })).status, 400);
      assert.equal((await ask('DELETE', path, admin)).status, 202);
      assert.equal((await ask('GET', path, ann.token)).body.quota_set.instances, 10);
      await ask('DELETE', `/servers/${id}`, ann.token);
      await people.rig.engine.settle();
    });

    it('show and change the quotas of a class', async () => {
      const { ann, admin } = people;
      const [path, own] = ['/os-quota-class-sets/default', `/os-quota-sets/${ann.projectId}`];
      assert.equal((await ask('GET', path, ann.token)).status, 403);
      const shown = (await ask('GET', path, admin)).body.quota_class_set;
      assert.deepEqual([shown.id, shown.instances, shown.ram], ['default', 10, 51200]);
      const changed = (await ask('PUT', path, admin, { quota_class_set: { instances: 7 } })).body.quota_class_set;
      assert.deepEqual([changed.id, changed.instances], [undefined, 7]);
      assert.equal((await ask('GET', own, ann.token)).body.quota_set.instances, 7, 'projects follow the default class');
      await ask('PUT', '/os-quota-class-sets/other', admin, { quota_class_set: { instances: 1 } });
      assert.equal((await ask('GET', own, ann.token)).body.quota_set.instances, 7, 'and no other');
      assert.equal((await ask('PUT', path, admin, { quota_class_set: { volumes: 1 } })).status, 400);
      assert.equal((await ask('GET', `/os-quota-class-sets/${'x'.repeat(256)}`, admin)).status, 404);
      await ask('PUT', path, admin, { quota_class_set: { instances: 10 } });
    });

    it('answer odd query strings with a refusal or an empty list, never with a failure of their own', async () => {
      const { admin } = people;
      const odd = ['name=%00', 'host=%00', 'all_tenants=1&project_id=%00', 'changes-since=%2B123456-01-01T00:00:00Z'];
      odd.push(
        'changes-since=-000001-01-01T00:00:00Z',
        'changes-since=0000-01-01',
        'limit=99999999999',
        'marker=%00',
        'limit=1e3',
      );
      for (const query of odd) assert.equal((await ask('GET', `/servers?${query}`, admin)).status, 400, query);
      for (const query of [
        'name=%25_%5C',
        "name='%3B--",
        'name=.*',
        'name=%5E%24',
        'host=x',
        'status=%F0%9F%98%80',
        'changes-since=2026-01-01',
        'changes-since=2026-01-01T10:00:00%2B0100',
      ]) {
        assert.equal((await ask('GET', `/servers?${query}`, admin)).status, 200, query);
      }
      for (const query of ['minRam=9999999999', 'marker=%00', 'minDisk=-1']) {
        assert.equal((await ask('GET', `/flavors?${query}`, admin)).status, 400, query);
      }
      assert.equal((await ask('GET', '/limits?tenant_id=%00', admin)).status, 400);
    });
  });
});
