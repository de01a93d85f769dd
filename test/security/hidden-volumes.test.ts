// The data of an image is a volume that no client sees: every route of the block-storage API is walked, and neither a list nor an action nor a
// quota knows it, not even for administrators. An id of it is an id of nothing, by the very words.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { blockStorageRoutes } from '../../services/api/block-storage/definition.js';
import type { Route } from '../../services/api/shell/route.js';
import type { Database } from '../../services/core/db/connection.js';
import { BlockRig, poolName, projectOf } from '../contract/block-storage/block-rig.js';
import { digestOf } from '../contract/policy/digest.js';
import type { Recipe } from '../contract/policy/recipe.js';
import { recipes } from '../contract/policy/recipes.js';
import { allowMany, type Ids, targets, version } from '../contract/policy/targets.js';

const routes = blockStorageRoutes({ database: undefined as unknown as Database });
const recipeOf = ({ operationId }: Route): Recipe | undefined =>
  Object.hasOwn(recipes, operationId) ? recipes[operationId as keyof typeof recipes] : undefined;

/** Whether the request says a volume's id, in its path or its body. */
function namesVolume(route: Route, recipe: Recipe): boolean {
  const mark = 'the-volume';
  const ids = new Proxy<Ids>({}, { get: (_ids, name) => (name === 'volume_id' ? mark : 'other') });
  return route.path.includes('{volume_id}') || JSON.stringify(recipe.body?.(ids) ?? null).includes(mark);
}

describe('volumes that hold images', function () {
  this.timeout(60_000);
  let rig: BlockRig;
  let hidden = '';
  let digest: () => Promise<string>;

  before(async () => {
    rig = await BlockRig.open();
    digest = await digestOf(rig.database);
    await allowMany(rig);
    hidden = await hiddenVolume();
  });
  after(() => rig.close());

  async function hiddenVolume(): Promise<string> {
    const id = randomUUID();
    await rig.database('volumes').insert({
      ...{ id, purpose: 'image', project_id: projectOf('ann'), user_id: 'u', name: `image-${id}`, size_gib: 7 },
      ...{ status: 'available', host: poolName, provider_location: '10.0.0.1:/vols', base_format: 'raw' },
      metadata: JSON.stringify({ batch: `image-${id}` }),
    });
    await rig.database('chain_layers').insert({
      ...{ volume_id: id, position: 0, file: `volume-${id}`, format: 'raw', virtual_size_bytes: 512 },
    });
    return id;
  }

  function pathOf(route: Route, recipe: Recipe, ids: Ids): string {
    const values: Ids = { ...ids, ...recipe.path };
    return `${route.path}${recipe.query ?? ''}`.replace(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? 'none');
  }

  describe('are in no list', () => {
    for (const route of routes.filter(({ method }) => method === 'GET')) {
      const recipe = recipeOf(route);
      if (recipe === undefined) continue;
      it(`${route.operationId}`, async () => {
        const ids: Ids = /\{/.test(`${route.path}${recipe.query ?? ''}`) ? await targets[recipe.on](rig) : {};
        for (const as of ['ann', 'ownAdmin'] as const) {
          const path = pathOf(route, recipe, ids);
          const everything = `${path}${path.includes('?') ? '&' : '?'}all_tenants=1`;
          for (const asked of [path, everything]) {
            const { body } = await rig.askAt('GET', asked, { as, version });
            assert.equal(JSON.stringify(body ?? '').includes(hidden), false, `${asked} shows it to ${as}`);
          }
        }
      });
    }
  });

  describe('are moved by no action', () => {
    for (const route of routes) {
      const recipe = recipeOf(route);
      if (recipe === undefined) continue;
      if (!namesVolume(route, recipe)) continue;
      const name = `${route.operationId}${route.action === undefined ? '' : ` (${route.action})`}`;
      it(name, async () => {
        const ids: Ids = await targets[recipe.on](rig);
        const withId = (id: string): Ids => ({ ...ids, volume_id: id });
        const nothing = randomUUID();
        const ask = (id: string) => {
          const body = recipe.body?.(withId(id));
          const path = pathOf(route, recipe, withId(id));
          return rig.askAt(route.method, path, { as: 'ownAdmin', version, ...(body === undefined ? {} : { body }) });
        };
        const before = await digest();
        const refused = await ask(hidden);
        assert.ok(refused.status >= 400, `${route.operationId} answered ${refused.status}`);
        const like = await ask(nothing);
        assert.equal(refused.status, like.status);
        assert.equal(
          JSON.stringify(refused.body ?? '').replaceAll(hidden, '<id>'),
          JSON.stringify(like.body ?? '').replaceAll(nothing, '<id>'),
        );
        assert.equal(await digest(), before, 'it changed something');
      });
    }
  });

  it('are no source of a volume and near nothing', async () => {
    for (const more of [{ source_volid: hidden }, { source_volid: hidden, size: 9 }]) {
      const answer = await rig.ask('POST', '/volumes', { as: 'ownAdmin', body: { volume: { size: 7, ...more } } });
      assert.equal(answer.status, 404);
    }
    const body = { volume: { size: 1 }, 'OS-SCH-HNT:scheduler_hints': { same_host: [hidden] } };
    const answer = await rig.ask('POST', '/volumes', { as: 'ownAdmin', body });
    await rig.engine.settle();
    assert.equal(await rig.statusOf(answer.body.volume.id as string), 'error', 'as beside nothing');
  });

  it('take nothing of a quota, and are counted nowhere', async () => {
    const project = projectOf('bob');
    await rig.database('volumes').where({ id: hidden }).update({ project_id: project });
    const quota = await rig.ask('GET', `/os-quota-sets/${project}?usage=True`, { as: 'admin' });
    assert.equal(quota.body.quota_set.volumes.in_use, 0);
    assert.equal(quota.body.quota_set.gigabytes.in_use, 0);
    const limits = await rig.ask('GET', '/limits', { as: 'bob' });
    assert.equal(limits.body.limits.absolute.totalVolumesUsed, 0);
    const summary = await rig.ask('GET', '/volumes/summary', { as: 'bob', version });
    assert.equal(summary.body['volume-summary'].total_count, 0);
    await rig
      .database('volumes')
      .where({ id: hidden })
      .update({ project_id: projectOf('ann') });
  });
});
