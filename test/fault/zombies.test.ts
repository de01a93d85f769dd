// A worker that stands still until another has taken over, and goes on when not only its own step is done but the next operation on the
// same volume as well. What it was about to do would undo or repeat what came later, so it must not do it: no file of a volume that is
// gone, no overlay of a deleted snapshot, no disk in a guest that has let it go. And a few of the generated cases, others every time.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { OperationId } from '../../services/core/domain/ids.js';
import type { FaultRule } from '../../services/core/runtime/fault-plan-file.js';
import { closeOwnParts, freshBroker, freshDatabase, type TestDatabase } from '../harness/environment.js';
import { chooseRotation } from '../harness/rotation.js';
import {
  type Asked,
  actOnServer,
  attachVolume,
  createServer,
  createSnapshot,
  createVolume,
  deleteSnapshot,
  deleteVolume,
  detachVolume,
  extendVolume,
  withOperationId,
} from '../integration/engine/requests.js';
import { allZombies } from './choose-cases.js';
import { ZOMBIE_MS } from './faults.js';
import { CasePlayer } from './play-case.js';
import { guestOf, volumeOf } from './scenario-parts.js';
import { Stage } from './stage.js';

/** Of the generated cases, each of which takes about five seconds. */
const GENERATED = 4;

interface Story {
  readonly name: string;
  /** The step before whose effect the worker stands still. */
  readonly step: string;
  readonly prepare: (stage: Stage) => Promise<{
    readonly first: () => Promise<Asked>;
    readonly next: (made: string) => Promise<Asked>;
  }>;
}

const stories: readonly Story[] = [
  {
    name: 'makes no file of a volume that is deleted',
    step: 'create-image',
    prepare: (stage) =>
      Promise.resolve({
        first: () => createVolume(stage.db, stage.place),
        next: (made) => deleteVolume(stage.db, made),
      }),
  },
  {
    name: 'makes no overlay of a snapshot that is deleted',
    step: 'append-overlay',
    prepare: async (stage) => {
      const volumeId = await volumeOf(stage);
      return {
        first: () => createSnapshot(stage.db, volumeId),
        next: (made) => deleteSnapshot(stage.db, volumeId, made),
      };
    },
  },
  {
    name: 'does not change the size of a volume that has grown further',
    step: 'extend-image',
    prepare: async (stage) => {
      const volumeId = await volumeOf(stage);
      return {
        first: () => extendVolume(stage.db, stage.place, volumeId, 2),
        next: () => extendVolume(stage.db, stage.place, volumeId, 3),
      };
    },
  },
  {
    name: 'merges no layer into a volume that has a new snapshot',
    step: 'merge-offline',
    prepare: async (stage) => {
      const volumeId = await volumeOf(stage);
      const snapshotId = await stage.ended(await createSnapshot(stage.db, volumeId));
      return {
        first: () => deleteSnapshot(stage.db, volumeId, snapshotId),
        next: () => createSnapshot(stage.db, volumeId),
      };
    },
  },
  {
    name: 'gives no guest a disk that it has let go',
    step: 'attach-disk',
    prepare: async (stage) => {
      const { serverId } = await guestOf(stage);
      const volumeId = await volumeOf(stage);
      return {
        first: () => attachVolume(stage.db, volumeId, serverId),
        next: () => detachVolume(stage.db, volumeId, serverId),
      };
    },
  },
  {
    name: 'starts no guest that is deleted',
    step: 'start-server',
    prepare: async (stage) => {
      const volumeId = await volumeOf(stage);
      return {
        first: () => createServer(stage.db, stage.place, [volumeId]),
        next: (made) => actOnServer(stage.db, 'server-delete', made),
      };
    },
  },
];

const { turn } = chooseRotation();
const every = Math.max(1, Math.ceil(allZombies().length / GENERATED));
const generated = allZombies().filter((_, index) => (index + turn) % every === 0);
const planned = stories.map((story) => {
  const operationId = randomUUID() as OperationId;
  const rule: FaultRule = {
    point: 'worker:before-effect',
    match: { operationId, step: story.step, phase: 'do' },
    times: 1,
    react: { stop: ZOMBIE_MS },
  };
  return { ...story, operationId, rule };
});

describe('a worker that stands still and goes on when another has taken over', function () {
  this.timeout(90_000);
  let database: TestDatabase;
  let stage: Stage;
  let player: CasePlayer;

  before(async function () {
    this.timeout(240_000);
    database = await freshDatabase();
    const broker = await freshBroker();
    const rules = [...planned.map(({ rule }) => rule), ...generated.flatMap((one) => one.rules)];
    stage = await Stage.open({ databaseUrl: database.url, amqpUrl: broker.url, heartbeatSeconds: 1 }, rules);
    player = new CasePlayer(stage);
  });
  after(async () => {
    await stage?.close(false);
    await database?.drop();
    await closeOwnParts();
  });

  for (const { name, step, prepare, operationId, rule } of planned) {
    it(`${name} (${step})`, async () => {
      const { first, next } = await prepare(stage);
      const mark = await player.now();
      const made = await withOperationId(operationId, first);
      await stage.ended(made);
      await stage.ended(await next(made.id));
      const fired = stage.firstFired(rule) ?? assert.fail('nobody stood still');
      const sleptMs = Number(process.hrtime.bigint() - fired.atNs) / 1e6;
      assert.ok(
        sleptMs < ZOMBIE_MS,
        `the next operation ended ${sleptMs} ms after the worker stopped: too late to try it`,
      );
      await player.untilZombieIsThrough(operationId, step);
      await player.assertSettled(mark);
    });
  }

  for (const one of generated) {
    it(one.title, async () => {
      await player.play(one);
    });
  }
});
