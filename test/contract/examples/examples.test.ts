// The examples of the API reference are what the APIs answer: every operation is asked once and the exchange is held against
// api-spec/examples. `npm run examples` records them anew.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { adminRoutes } from '../../../services/api/admin/definition.js';
import { blockStorageRoutes } from '../../../services/api/block-storage/definition.js';
import { computeRoutes } from '../../../services/api/compute/routes.js';
import type { Examples } from '../../../services/api/docs/reference-document.js';
import type { IdentityApi } from '../../../services/api/identity/identity-api.js';
import { identityRoutes } from '../../../services/api/identity/routes.js';
import { imageApiRoutes } from '../../../services/api/image/definition.js';
import type { Database } from '../../../services/core/db/connection.js';
import { projectRoot } from '../../../services/core/runtime/spec-files.js';
import { BlockRig } from '../block-storage/block-rig.js';
import { ComputeRig } from '../compute/compute-rig.js';
import type { ApiRig } from '../identity/api-rig.js';
import { ImageRig } from '../image/image-rig.js';
import { adminRecipes } from '../policy/admin-recipes.js';
import { computeRecipes } from '../policy/compute-recipes.js';
import { computeTargets, computeVersion } from '../policy/compute-targets.js';
import { identityRecipes } from '../policy/identity-recipes.js';
import { identityTargets } from '../policy/identity-targets.js';
import { imageRecipes } from '../policy/image-recipes.js';
import { imageTargets } from '../policy/image-targets.js';
import { recipes } from '../policy/recipes.js';
import { forgetCopies, targets, version } from '../policy/targets.js';
import { meetPeople, type TokenPeople } from '../policy/token-people.js';
import { operationsOf, readOpenApi } from '../properties/operations.js';
import { type ExampleAsking, recordExamples } from './record.js';

const isRecording = process.env['SAGGAR_RECORD_EXAMPLES'] === '1';
const advice = 'api-spec/examples is stale: look at the difference, then run "npm run examples" and commit';

function hold(name: string, recorded: Examples): void {
  const documented = operationsOf(readOpenApi(name)).map(({ operationId }) => operationId);
  assert.deepEqual(
    documented.filter((id) => !(id in recorded)),
    [],
    'operations that no route serves',
  );
  const file = path.join(projectRoot(), 'api-spec', 'examples', `${name}.json`);
  const text = `${JSON.stringify(recorded, null, 1)}\n`;
  if (isRecording) {
    writeFileSync(file, text);
    return;
  }
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Examples;
  for (const [id, example] of Object.entries(recorded)) assert.deepEqual(example, kept[id], `${id}: ${advice}`);
  assert.deepEqual(Object.keys(kept), Object.keys(recorded), advice);
}

// Handlers are never called by way of these: the routes are read as data.
const nothing = undefined as unknown as Database;

describe('examples of the API reference', function () {
  this.timeout(400_000);

  describe('block storage', () => {
    let rig: BlockRig;
    before(async () => {
      rig = await BlockRig.open();
    });
    after(() => rig.close());

    async function clear(): Promise<void> {
      const { database, engine } = rig;
      await database('user_messages').delete();
      await database('volume_transfers').delete();
      for (const file of engine.world.files.keys()) if (file.startsWith('existing-')) engine.world.files.delete(file);
      await database('services').update({ disabled: false, disabled_reason: null, frozen: false });
      await forgetCopies(rig);
      await rig.clear();
      // More than a quota has room for are made in all.
      await database('backups').delete();
      await database('default_volume_types').delete();
      await database('volume_types').whereNot({ name: '__DEFAULT__' }).delete();
      await database('qos_specs').delete();
    }

    it('are what it answers', async () => {
      const recorded = await recordExamples({
        prefix: '/volume',
        routes: blockStorageRoutes({ database: nothing }),
        recipes,
        headers: { 'OpenStack-API-Version': `volume ${version}` },
        target: (name) => targets[name](rig),
        ask: (method, where, asking) => rig.askAt(method, where, { ...asking, version }),
        clear,
      });
      hold('block-storage', recorded);
    });

    it('administration: are what it answers', async () => {
      const recorded = await recordExamples({
        prefix: '/admin',
        routes: adminRoutes({ database: nothing }),
        recipes: adminRecipes,
        headers: {},
        target: (name) => targets[name](rig),
        ask: (method, where, asking) => rig.askAdmin(method, where, asking),
        clear,
      });
      hold('admin', recorded);
    });
  });

  describe('the other APIs', () => {
    let rig: ComputeRig;
    let people: TokenPeople;
    before(async () => {
      rig = await ComputeRig.open();
      people = await meetPeople(rig.api);
    });
    after(() => rig.close());

    const asker = (api: ApiRig, prefix: string, common: Readonly<Record<string, string>>) =>
      function ask(method: string, where: string, { as, body, headers }: ExampleAsking) {
        return api.ask(method, `${prefix}${where}`, {
          ...(as === null ? {} : { token: people.tokens[as] }),
          ...(body === undefined ? {} : { body }),
          headers: { ...common, ...headers },
        });
      };

    async function clear(): Promise<void> {
      const { database } = rig.api;
      await database('snapshots').delete();
      const servers: { id: string }[] = await database('servers').select('id');
      for (const { id } of servers) await rig.api.ask('DELETE', `/compute/v2.1/servers/${id}`, { token: people.admin });
      await rig.engine.settle();
    }

    it('compute: are what it answers', async () => {
      const recorded = await recordExamples({
        prefix: '/compute',
        routes: computeRoutes({ database: nothing, ticketSecret: new Uint8Array() }),
        recipes: computeRecipes,
        headers: computeVersion,
        target: (name) => computeTargets[name]({ rig, people }),
        ask: asker(rig.api, '/compute', computeVersion),
        clear,
      });
      hold('compute', recorded);
    });

    it('identity: are what it answers', async () => {
      const api = { catalog: { publicUrl: '', region: '' }, identityUrl: '' } as unknown as IdentityApi;
      const recorded = await recordExamples({
        prefix: '/identity',
        routes: identityRoutes(api),
        recipes: identityRecipes,
        headers: {},
        target: (name) => identityTargets[name]({ rig: rig.api, people }),
        ask: asker(rig.api, '/identity', {}),
        clear: () => Promise.resolve(),
      });
      hold('identity', recorded);
    });
  });

  describe('the image API', () => {
    let rig: ImageRig;
    let people: TokenPeople;
    before(async () => {
      rig = await ImageRig.open();
      people = await meetPeople(rig.api);
    });
    after(() => rig.close());

    it('are what it answers', async () => {
      const recorded = await recordExamples({
        prefix: '/image',
        routes: imageApiRoutes({ database: nothing }),
        recipes: imageRecipes,
        headers: {},
        target: (name) => imageTargets[name]({ rig, people }),
        ask: (method, where, { as, body, headers }) =>
          rig.ask(method, where, {
            ...(as === null ? {} : { token: people.tokens[as] }),
            ...(body === undefined ? {} : { body }),
            ...(headers === undefined ? {} : { headers }),
          }),
        clear: async () => {
          await rig.engine.settle();
          await rig.api.database('images').delete();
        },
      });
      hold('image', recorded);
    });
  });
});
