// The policy of the image API as it is lived: every route × every persona, with real tokens, on images of ann's project.
import type { PolicyLevel } from '../../../services/api/auth/policy.js';
import { imageApiRoutes } from '../../../services/api/image/definition.js';
import type { Database } from '../../../services/core/db/connection.js';
import { ImageRig } from '../image/image-rig.js';
import { digestOf } from './digest.js';
import { imageRecipes } from './image-recipes.js';
import { type ImageTarget, imageTargets } from './image-targets.js';
import { policyMatrix } from './policy-matrix.js';
import { meetPeople, type TokenPeople, type TokenPerson } from './token-people.js';

const own = ['reader', 'ann', 'annProgram', 'manager', 'ownAdmin', 'ownService'] as const;
const strangers = ['bobReader', 'bob', 'bobAdmin', 'service', 'annUnscoped', 'domainAdmin'] as const;

const mayDo: Record<PolicyLevel, readonly TokenPerson[]> = {
  anyone: [...own, ...strangers],
  reader: ['reader', 'ann', 'annProgram', 'manager', 'ownAdmin', 'bobReader', 'bob', 'bobAdmin'],
  member: ['ann', 'annProgram', 'manager', 'ownAdmin', 'bob', 'bobAdmin'],
  admin: ['ownAdmin', 'bobAdmin'],
  service: [],
  self: [],
};

describe('T-Z01 policy of the image API', function () {
  this.timeout(120_000);
  let rig: ImageRig;
  let people: TokenPeople;
  let digest: () => Promise<string>;

  before(async () => {
    rig = await ImageRig.open();
    people = await meetPeople(rig.api);
    digest = await digestOf(rig.api.database);
  });
  after(() => rig.close());

  policyMatrix<TokenPerson, ImageTarget>(
    {
      // Handlers are never called here: the routes are read as data.
      routes: imageApiRoutes({ database: undefined as unknown as Database }),
      recipes: imageRecipes,
      own,
      strangers,
      mayDo,
      overseers: ['bobAdmin'],
      refusal: (body) => (body as { message: string }).message,
      refusalPattern: /^(?:Policy doesn't allow [a-z:-]+ to be performed\.|Not allowed to (?:update|delete) members)/,
    },
    () => ({
      ask: (method, path, { as, body, headers }) =>
        rig.ask(method, path, {
          ...(as === null ? {} : { token: people.tokens[as] }),
          ...(body === undefined ? {} : { body }),
          ...(headers === undefined ? {} : { headers }),
        }),
      target: (name) => imageTargets[name]({ rig, people }),
      digest,
      settle: () => rig.engine.settle(),
      secrets: [people.annProject],
    }),
  );
});
