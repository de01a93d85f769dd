// The policy as it is lived: every route of the block-storage API × every persona, on a real resource of ann's project. What is allowed
// succeeds; what is not is 401 without a token, 403 for a role too low, and for a stranger 404 with the very words that an id of nothing
// gets. Whatever is refused has changed no row. The expectations are written by hand, not derived from services/api/auth/policy.ts.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type PolicyLevel, policyTable } from '../../../services/api/auth/policy.js';
import { blockStorageRoutes } from '../../../services/api/block-storage/definition.js';
import type { Route } from '../../../services/api/shell/route.js';
import type { Database } from '../../../services/core/db/connection.js';
import { type Answer, BlockRig, type Person, projectOf } from '../block-storage/block-rig.js';
import { digestOf } from './digest.js';
import type { Recipe } from './recipe.js';
import { recipes } from './recipes.js';
import { type Ids, targets, version } from './targets.js';

const own = ['reader', 'ann', 'manager', 'ownAdmin', 'ownService'] as const satisfies readonly Person[];
const strangers = ['bobReader', 'bob', 'bobAdmin', 'service'] as const satisfies readonly Person[];
const everybody: readonly Person[] = [...own, ...strangers];

/** By role alone, whoever owns what is acted on. */
const mayDo: Record<Exclude<PolicyLevel, 'self'>, readonly Person[]> = {
  anyone: everybody,
  reader: ['reader', 'ann', 'manager', 'ownAdmin', 'bobReader', 'bob', 'bobAdmin'],
  member: ['ann', 'manager', 'ownAdmin', 'bob', 'bobAdmin'],
  admin: ['ownAdmin', 'bobAdmin'],
  service: ['ownAdmin', 'bobAdmin', 'ownService', 'service'],
};

type Expected = 'success' | 'forbidden' | 'missing' | 'hidden';

function expectedOf(route: Route, recipe: Recipe, person: Person): Expected {
  if (route.policy === 'none') return 'success';
  const level: PolicyLevel = policyTable[route.policy];
  assert.notEqual(level, 'self', 'no route of block storage is about a person');
  if (level === 'self' || !mayDo[level].includes(person)) return 'forbidden';
  const isStranger = (strangers as readonly Person[]).includes(person);
  if (!isStranger || recipe.foreign === 'shared') return 'success';
  if (recipe.foreign === 'hidden') return 'hidden';
  return person === 'bobAdmin' || level === 'service' ? 'success' : 'missing';
}

describe('policy of the block-storage API', function () {
  this.timeout(60_000);
  let rig: BlockRig;
  let digest: () => Promise<string>;
  // Handlers are never called here: the routes are read as data.
  const routes = blockStorageRoutes({ database: undefined as unknown as Database });

  before(async () => {
    rig = await BlockRig.open();
    digest = await digestOf(rig.database);
  });
  afterEach(clear);
  after(() => rig.close());

  async function clear(): Promise<void> {
    await rig.database('user_messages').delete();
    await rig.database('volume_transfers').delete();
    for (const file of rig.engine.world.files.keys())
      if (file.startsWith('existing-')) rig.engine.world.files.delete(file);
    await rig.clear();
    await rig.database('default_volume_types').delete();
    await rig.database('volume_types').whereLike('name', 'policy-%').orWhereLike('name', 'made-%').delete();
    await rig.database('qos_specs').delete();
    await rig.database('services').update({ disabled: false, disabled_reason: null, frozen: false });
  }

  function ask(route: Route, recipe: Recipe, ids: Ids, as: Person | null): Promise<Answer> {
    const values: Ids = { ...ids, ...recipe.path };
    const path = `${route.path}${recipe.query ?? ''}`.replace(/\{(\w+)\}/g, (_all, name: string) => {
      const value = values[name];
      assert.ok(value !== undefined, `${route.operationId}: the recipe gives no ${name}`);
      return value;
    });
    const body = recipe.body?.(ids);
    return rig.askAt(route.method, path, {
      as,
      version,
      ...(body === undefined ? {} : { body }),
    });
  }

  async function demandUnchanged(work: () => Promise<Answer>, status: number, who: string): Promise<Answer> {
    const before = await digest();
    const answer = await work();
    assert.equal(answer.status, status, `${who}: ${JSON.stringify(answer.body)}`);
    assert.equal(await digest(), before, `${who} was refused and changed something`);
    return answer;
  }

  const isUuid = (value: string): boolean => /^[0-9a-f]{8}-/.test(value);

  /** A stranger learns nothing: not even whether there is something. */
  async function demandMissing(route: Route, recipe: Recipe, ids: Ids, person: Person): Promise<void> {
    const answer = await demandUnchanged(() => ask(route, recipe, ids, person), 404, person);
    const text = JSON.stringify(answer.body);
    if (Object.values(ids).every((id) => !isUuid(id))) return;
    const nothing = Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, isUuid(id) ? randomUUID() : id]));
    const like = JSON.stringify((await ask(route, recipe, nothing, person)).body);
    const anonymous = (said: string, known: Ids): string =>
      Object.entries(known).reduce((rest, [name, id]) => rest.replaceAll(id, `{${name}}`), said);
    assert.equal(anonymous(text, ids), anonymous(like, nothing), `${person} can tell a foreign id from none`);
  }

  /** Returns whether the target may have been used up. */
  async function judge(route: Route, recipe: Recipe, ids: Ids, person: Person): Promise<boolean> {
    const expected = expectedOf(route, recipe, person);
    if (expected === 'forbidden') {
      const answer = await demandUnchanged(() => ask(route, recipe, ids, person), 403, person);
      assert.match(answer.body.forbidden.message, /^Policy doesn't allow [a-z:-]+ to be performed\.$/, person);
      return false;
    }
    if (expected === 'missing') {
      await demandMissing(route, recipe, ids, person);
      return false;
    }
    const answer = await ask(route, recipe, ids, person);
    assert.equal(answer.status, recipe.answers ?? route.success, `${person}: ${JSON.stringify(answer.body)}`);
    if (expected === 'hidden') {
      for (const id of Object.values(ids)) assert.ok(!JSON.stringify(answer.body).includes(id), `${person} sees ${id}`);
      assert.ok(!JSON.stringify(answer.body).includes(projectOf('ann')), person);
    }
    await rig.engine.settle();
    return route.method !== 'GET';
  }

  it('has a recipe for every route, and none for a route that is gone', () => {
    const served = routes.map((route) => route.operationId).sort();
    assert.deepEqual(
      served.filter((id) => !(id in recipes)),
      [],
      'routes without a row in recipes.ts',
    );
    assert.deepEqual(
      Object.keys(recipes).filter((id) => !served.includes(id)),
      [],
      'rows without a route',
    );
  });

  for (const route of routes) {
    const recipe = recipes[route.operationId];
    if (recipe === undefined) continue;
    it(`${route.operationId}: ${route.policy}`, async () => {
      let ids: Ids = await targets[recipe.on](rig);
      const unnamed = () => ask(route, recipe, ids, null);
      if (route.policy === 'none') assert.equal((await unnamed()).status, route.success);
      else await demandUnchanged(unnamed, 401, 'without a token');
      for (const person of everybody) {
        const isUsed = await judge(route, recipe, ids, person);
        if (isUsed) ids = await targets[recipe.on](rig);
      }
    });
  }
});
