// The policy of the identity API as it is lived: every route × every persona with real tokens: of a project, unscoped, for a domain, and of
// a program that somebody lent roles to.
import type { PolicyLevel } from '../../../services/api/auth/policy.js';
import type { IdentityApi } from '../../../services/api/identity/identity-api.js';
import { identityRoutes } from '../../../services/api/identity/routes.js';
import { ApiRig } from '../identity/api-rig.js';
import { digestOf } from './digest.js';
import { identityRecipes } from './identity-recipes.js';
import { type IdentityTarget, identityTargets } from './identity-targets.js';
import { type MatrixWorld, policyMatrix } from './policy-matrix.js';
import { meetPeople, type TokenPeople, type TokenPerson } from './token-people.js';

/** People of ann's project, who see it; and all others. */
const own = ['ann', 'annUnscoped', 'annProgram', 'reader', 'manager', 'ownAdmin', 'ownService'] as const;
const strangers = ['bobReader', 'bob', 'bobUnscoped', 'bobAdmin', 'service', 'domainAdmin'] as const;

const mayDo: Record<PolicyLevel, readonly TokenPerson[]> = {
  anyone: [...own, ...strangers],
  // No route of the identity API is a project's.
  ...{ reader: [], member: [], service: [] },
  // Administrator of a project, which is administrator of everything; not of a domain, and not by a token without a scope.
  admin: ['ownAdmin', 'bobAdmin'],
  // What is ann's: whatever the token that ann has it by.
  self: ['ann', 'annUnscoped', 'annProgram', 'ownAdmin', 'bobAdmin'],
};

describe('T-Z01 policy of the identity API', function () {
  this.timeout(60_000);
  let rig: ApiRig;
  let people: TokenPeople;
  let digest: () => Promise<string>;

  before(async () => {
    rig = await ApiRig.open();
    people = await meetPeople(rig);
    digest = await digestOf(rig.database);
  });
  after(() => rig.close());

  const world = (): MatrixWorld<TokenPerson, IdentityTarget> => ({
    ask: (method, path, { as, body, headers }) =>
      rig.ask(method, `/identity${path}`, {
        ...(as === null ? {} : { token: people.tokens[as] }),
        ...(body === undefined ? {} : { body }),
        ...(headers === undefined ? {} : { headers }),
      }),
    target: (name) => identityTargets[name]({ rig, people }),
    digest,
    settle: () => Promise.resolve(),
    secrets: [people.annProject, people.annId],
  });

  // Handlers are never called here: the routes are read as data.
  const nothing = { catalog: { publicUrl: '', region: '' }, identityUrl: '' } as unknown as IdentityApi;
  policyMatrix<TokenPerson, IdentityTarget>(
    {
      routes: identityRoutes(nothing),
      recipes: identityRecipes,
      own,
      strangers,
      mayDo,
      overseers: ['bobAdmin'],
      refusal: (body) => (body as { error: { message: string } }).error.message,
      refusalPattern:
        /^(?:Policy doesn't allow [a-z:-]+ to be performed\.|You are not authorized to perform the requested action: .+)$/,
    },
    world,
  );
});
