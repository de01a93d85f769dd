// The policy of the administration API as it is lived: every route × every persona. Only administrators get in, whosever project a thing is.

import { adminRoutes } from '../../../services/api/admin/definition.js';
import type { PolicyLevel } from '../../../services/api/auth/policy.js';
import type { Database } from '../../../services/core/db/connection.js';
import { BlockRig, type Person } from '../block-storage/block-rig.js';
import { adminRecipes } from './admin-recipes.js';
import { digestOf } from './digest.js';
import { policyMatrix } from './policy-matrix.js';
import { forgetCopies, type TargetName, targets } from './targets.js';

const own = ['reader', 'ann', 'manager', 'ownAdmin', 'ownService'] as const satisfies readonly Person[];
const strangers = ['bobReader', 'bob', 'bobAdmin', 'service'] as const satisfies readonly Person[];
const admins = ['ownAdmin', 'bobAdmin'] as const;

/** Whatever level a row of the table names one day: nobody else has any business here. */
const mayDo: Record<PolicyLevel, readonly Person[]> = {
  anyone: admins,
  reader: admins,
  member: admins,
  admin: admins,
  service: admins,
  self: admins,
};

describe('T-Z01 policy of the administration API', function () {
  this.timeout(60_000);
  let rig: BlockRig;
  let digest: () => Promise<string>;

  before(async () => {
    rig = await BlockRig.open();
    digest = await digestOf(rig.database);
  });
  afterEach(async () => {
    await forgetCopies(rig);
    await rig.clear();
  });
  after(() => rig.close());

  policyMatrix<Person, TargetName>(
    {
      // Handlers are never called here: the routes are read as data.
      routes: adminRoutes({ database: undefined as unknown as Database }),
      recipes: adminRecipes,
      own,
      strangers,
      mayDo,
      overseers: ['bobAdmin'],
      refusal: (body) => (body as { forbidden: { message: string } }).forbidden.message,
      refusalPattern: /^Policy doesn't allow [a-z:-]+ to be performed\.$/,
    },
    () => ({
      ask: (method, path, asking) => rig.askAdmin(method, path, asking),
      target: (name) => targets[name](rig),
      digest,
      settle: () => rig.engine.settle(),
      secrets: [],
    }),
  );
});
