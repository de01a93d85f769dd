// The policy as it is lived: every route of the block-storage API × every persona, on a real resource of ann's project.
import type { PolicyLevel } from '../../../services/api/auth/policy.js';
import { blockStorageRoutes } from '../../../services/api/block-storage/definition.js';
import type { Database } from '../../../services/core/db/connection.js';
import { BlockRig, type Person, projectOf } from '../block-storage/block-rig.js';
import { digestOf } from './digest.js';
import { type MatrixWorld, policyMatrix } from './policy-matrix.js';
import { recipes } from './recipes.js';
import { allowMany, type TargetName, targets, version } from './targets.js';

const own = ['reader', 'ann', 'manager', 'ownAdmin', 'ownService'] as const satisfies readonly Person[];
const strangers = ['bobReader', 'bob', 'bobAdmin', 'service'] as const satisfies readonly Person[];

const mayDo: Record<PolicyLevel, readonly Person[]> = {
  anyone: [...own, ...strangers],
  reader: ['reader', 'ann', 'manager', 'ownAdmin', 'bobReader', 'bob', 'bobAdmin'],
  member: ['ann', 'manager', 'ownAdmin', 'bob', 'bobAdmin'],
  admin: ['ownAdmin', 'bobAdmin'],
  service: ['ownAdmin', 'bobAdmin', 'ownService', 'service'],
  // No route of block storage is about a person.
  self: [],
};

describe('T-Z01 policy of the block-storage API', function () {
  this.timeout(60_000);
  let rig: BlockRig;
  let digest: () => Promise<string>;

  before(async () => {
    rig = await BlockRig.open();
    digest = await digestOf(rig.database);
  });
  // Each persona gets a backup of its own, and backups outlive their test.
  beforeEach(() => allowMany(rig));
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

  const world = (): MatrixWorld<Person, TargetName> => ({
    ask: (method, path, asking) => rig.askAt(method, path, { ...asking, version }),
    target: (name) => targets[name](rig),
    digest,
    settle: () => rig.engine.settle(),
    secrets: [projectOf('ann')],
  });

  policyMatrix<Person, TargetName>(
    {
      // Handlers are never called here: the routes are read as data.
      routes: blockStorageRoutes({ database: undefined as unknown as Database }),
      recipes,
      own,
      strangers,
      mayDo,
      overseers: ['bobAdmin'],
      refusal: (body) => (body as { forbidden: { message: string } }).forbidden.message,
      refusalPattern: /^Policy doesn't allow [a-z:-]+ to be performed\.$/,
    },
    world,
  );
});
