// The policy of the compute API as it is lived: every route × every persona, with real tokens, on real servers of ann's project.
import type { PolicyLevel } from '../../../services/api/auth/policy.js';
import { computeRoutes } from '../../../services/api/compute/routes.js';
import type { Database } from '../../../services/core/db/connection.js';
import { ComputeRig } from '../compute/compute-rig.js';
import { computeRecipes } from './compute-recipes.js';
import { type ComputeTarget, computeTargets, computeVersion } from './compute-targets.js';
import { digestOf } from './digest.js';
import { type MatrixAsking, type MatrixSpec, policyMatrix } from './policy-matrix.js';
import { meetPeople, type TokenPeople, type TokenPerson } from './token-people.js';

const own = ['reader', 'ann', 'annProgram', 'manager', 'ownAdmin', 'ownService'] as const;
const strangers = ['bobReader', 'bob', 'bobAdmin', 'service', 'annUnscoped', 'domainAdmin'] as const;

const mayDo: Record<PolicyLevel, readonly TokenPerson[]> = {
  anyone: [...own, ...strangers],
  reader: ['reader', 'ann', 'annProgram', 'manager', 'ownAdmin', 'bobReader', 'bob', 'bobAdmin'],
  member: ['ann', 'annProgram', 'manager', 'ownAdmin', 'bob', 'bobAdmin'],
  admin: ['ownAdmin', 'bobAdmin'],
  service: ['ownAdmin', 'bobAdmin', 'ownService', 'service'],
  // No route of these APIs is about a person.
  self: [],
};

const spec: Omit<MatrixSpec<TokenPerson, ComputeTarget>, 'routes' | 'recipes'> = {
  own,
  strangers,
  mayDo,
  overseers: ['bobAdmin'],
  refusal: (body) => (body as { forbidden: { message: string } }).forbidden.message,
  refusalPattern: /^Policy doesn't allow [a-z:-]+ to be performed\.$/,
};

describe('T-Z01 policy of the compute API', function () {
  this.timeout(60_000);
  let rig: ComputeRig;
  let people: TokenPeople;
  let digest: () => Promise<string>;

  before(async () => {
    rig = await ComputeRig.open();
    people = await meetPeople(rig.api);
    digest = await digestOf(rig.api.database);
  });
  afterEach(clear);
  after(() => rig.close());

  async function clear(): Promise<void> {
    const { database } = rig.api;
    await database('snapshots').delete();
    // Overlays that a volume service has made and no guest was ever told of.
    const layers: string[] = await database('chain_layers').pluck('file');
    for (const file of rig.engine.world.files.keys())
      if (file.includes('.') && !layers.includes(file)) rig.engine.world.files.delete(file);
    const servers: { id: string }[] = await database('servers').select('id');
    for (const { id } of servers) await rig.api.ask('DELETE', `/compute/v2.1/servers/${id}`, { token: people.admin });
    await rig.engine.settle();
    await rig.engine.assertNothingLeft();
  }

  const worldAt = (prefix: string) => () => ({
    ask: (method: string, path: string, { as, body, headers }: MatrixAsking<TokenPerson>) =>
      rig.api.ask(method, `${prefix}${path}`, {
        ...(as === null ? {} : { token: people.tokens[as] }),
        ...(body === undefined ? {} : { body }),
        headers: { ...computeVersion, ...headers },
      }),
    target: (name: ComputeTarget) => computeTargets[name]({ rig, people }),
    digest,
    settle: () => rig.engine.settle(),
    secrets: [people.annProject, people.annId],
  });

  describe('compute', () => {
    // Handlers are never called here: the routes are read as data.
    const routes = computeRoutes({ database: undefined as unknown as Database, ticketSecret: new Uint8Array() });
    policyMatrix<TokenPerson, ComputeTarget>({ ...spec, routes, recipes: computeRecipes }, worldAt('/compute'));
  });
});
