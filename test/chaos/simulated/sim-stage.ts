// Plays seeds in the simulation: the real API, engine, relay and workers' fence over a real database; broker, shares and guests in memory; no
// time passes but what the dice say. A seed is a round of acts and faults, every fourth seed two; after each round everything must come to rest and all
// invariants hold.
import { randomUUID } from 'node:crypto';
import { scheduleFlattens } from '../../../services/core/db/engine/flatten-schedule.js';
import { wakeOperation } from '../../../services/core/db/engine/results.js';
import { BlockRig, backendHost, insertPool } from '../../contract/block-storage/block-rig.js';
import { ourServer } from '../../contract/policy/our-servers.js';
import { allowMany } from '../../contract/policy/targets.js';
import { settings } from '../../integration/engine/rig.js';
import { Dice } from '../../system/chain-torture/torture-plan.js';
import { DiskModel } from './disk-model.js';
import { chooseAct, guestWrites, type SimPeople, simActs } from './sim-acts.js';
import { type Doorbell, SimBus } from './sim-bus.js';
import { FaultDice, type FaultName } from './sim-faults.js';
import { findViolations } from './sim-invariants.js';

const otherPool = `${backendHost.split('@')[0]}@second#10.0.0.9:/other`;
/** What was left by one round is what the next begins with: worth it now and then. */
const roundsOf = (seed: number): number => (seed % 4 === 0 ? 2 : 1);
/** Turns of a round: an act, a delivery, a result, a write and so on. */
const TURNS = 80;
const REST_TURNS = 2000;
const emptied = [
  'outbox',
  'resource_locks',
  'operation_cancels',
  'operations',
  'attachments',
  'snapshots',
  'chain_layers',
  'volumes',
  'servers',
  'user_messages',
  'notifications',
];

export interface PlayedSeed {
  readonly seed: number;
  /** What was wrong; empty: nothing. */
  readonly violations: readonly string[];
  /** What happened, in order. */
  readonly history: readonly string[];
  readonly acts: ReadonlyMap<string, number>;
  readonly faults: ReadonlyMap<FaultName, number>;
}

export class SimStage {
  private readonly doorbell: Doorbell = { rings: false };

  private constructor(private readonly rig: BlockRig) {
    rig.database.on('query', ({ sql }: { sql: string }) => {
      if (sql.includes('insert into outbox')) this.doorbell.rings = true;
    });
  }

  static async open(): Promise<SimStage> {
    const rig = await BlockRig.open();
    await insertPool(rig.database, otherPool);
    await allowMany(rig);
    return new SimStage(rig);
  }

  close(servers: 'end' | 'keep' = 'end'): Promise<void> {
    return this.rig.close(servers);
  }

  async play(seed: number): Promise<PlayedSeed> {
    const dice = new Dice(`simulated ${seed}`);
    const faults = new FaultDice(dice);
    const { rig } = this;
    const bus = new SimBus(rig.engine, dice, faults, this.doorbell);
    const model = new DiskModel();
    const servers = [await ourServer(rig, 'ann'), await ourServer(rig, 'ann')];
    const people: SimPeople = { rig, model, dice, servers, otherPool, writes: 0 };
    const acts = new Map<string, number>();
    bus.onEnded = ({ id, type, state }) => this.hearEnd(model, id, type, state);
    const violations: string[] = [];
    try {
      faults.active = false;
      await this.begin(people, bus);
      for (let round = 0; round < roundsOf(seed) && violations.length === 0; round += 1) {
        faults.active = true;
        for (let turn = 0; turn < TURNS; turn += 1) await this.turn(people, bus, acts);
        faults.active = false;
        await this.rest(people, bus);
        bus.note(`-- round ${round + 1} has come to rest`);
        violations.push(
          ...bus.violations,
          ...(await findViolations({ db: rig.database, world: rig.engine.world, model })),
        );
        await this.forgetGone(model);
      }
    } catch (thrown) {
      violations.push(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
    }
    await this.clear();
    return { seed, violations, history: bus.history, acts, faults: faults.met };
  }

  /** Two disks, one of them in a guest: else half a round passes before there is anything to act on. */
  private async begin(people: SimPeople, bus: SimBus): Promise<void> {
    for (const name of ['create', 'create', 'attach'] as const) {
      await simActs[name]?.[1](people);
      await this.rest(people, bus);
    }
    bus.note('-- begun');
  }

  private async turn(people: SimPeople, bus: SimBus, acts: Map<string, number>): Promise<void> {
    const { dice, rig } = people;
    const chance = dice.below(100);
    if (chance < 14) {
      const [name, deed] = chooseAct(dice);
      const status = await deed(people);
      if (status === null) return;
      bus.note(`client: ${name} ${status}`);
      const key = `${name} ${status < 300 ? 'accepted' : 'refused'}`;
      acts.set(key, (acts.get(key) ?? 0) + 1);
      await bus.relay();
    } else if (chance < 28) guestWrites(people);
    else if (chance < 60) {
      if (bus.hasCommands) await bus.deliver();
    } else if (chance < 92) {
      if (!bus.hasResults) return;
      await bus.takeResult();
      await bus.relay();
    } else if (chance < 94) await scheduleFlattens(rig.database, { perPool: 1, bytesPerSecond: null, delaySeconds: 0 });
    else if (chance < 98) await this.wakeOne(people, bus);
    else await rig.engine.sweepStartable();
  }

  /** A step is silent past its deadline, or its pause is over. */
  private async wakeOne({ dice, rig }: SimPeople, bus: SimBus): Promise<void> {
    const due: { id: string }[] = await rig
      .database('operations')
      .whereNotNull('wake_at')
      .whereIn('state', ['running', 'undoing', 'stuck'])
      .orderBy('seq')
      .select('id');
    const chosen = due[dice.below(Math.max(1, due.length))];
    if (chosen === undefined) return;
    await rig
      .database('operations')
      .where({ id: chosen.id })
      .update({ wake_at: rig.database.raw("utc_now() - interval '1 second'") });
    bus.note(`woken: ${chosen.id.slice(0, 4)}`);
    await bus.hear(await rig.database.transaction((tx) => wakeOperation(tx, chosen.id, settings)));
    await bus.relay();
  }

  /** Without faults everything goes on until nothing is left to do. */
  private async rest(people: SimPeople, bus: SimBus): Promise<void> {
    const { rig } = people;
    for (let turn = 0; turn < REST_TURNS; turn += 1) {
      await bus.relay();
      if (bus.hasCommands) await bus.deliver();
      else if (bus.hasResults) await bus.takeResult();
      else {
        const open: { id: string }[] = await rig
          .database('operations')
          .whereIn('state', ['running', 'undoing', 'stuck'])
          .select('id');
        if (open.length > 0) await this.wakeOne(people, bus);
        else {
          await rig.engine.sweepStartable();
          if (bus.hasCommands || (await bus.relay()) > 0) continue;
          // Nobody waits for the pause after a failure here.
          await rig.database('volumes').whereNotNull('flatten_not_before').update({ flatten_not_before: null });
          const settings = { perPool: 100, bytesPerSecond: null, delaySeconds: 0 };
          if ((await scheduleFlattens(rig.database, settings)) > 0 || (await this.deleteAgain(people, bus))) continue;
          return;
        }
      }
    }
    throw new Error('I7: the operations do not come to rest');
  }

  /**
   * A copy whose deletion has failed for good is not made independent, so whatever waits for that waits for a person, who deletes it again. True
   * when somebody waited and a deletion was accepted.
   */
  private async deleteAgain({ rig }: SimPeople, bus: SimBus): Promise<boolean> {
    const waiting: unknown = await rig
      .database('operations')
      .where({ state: 'pending' })
      .whereNotNull('awaits_volume_id')
      .first('id');
    if (waiting === undefined) return false;
    const left: string[] = await rig
      .database('volumes')
      .where({ status: 'error_deleting' })
      .whereNotNull('backing_file')
      .orderBy('created_at')
      .pluck('id');
    let accepted = 0;
    for (const id of left) {
      const { status } = await rig.ask('DELETE', `/volumes/${id}?cascade=true`);
      bus.note(`client: delete again ${status}`);
      if (status < 300) accepted += 1;
    }
    return accepted > 0;
  }

  private async hearEnd(model: DiskModel, id: string, type: string, state: string): Promise<void> {
    const row: { params: { volumeId?: string; snapshotId?: string } } | undefined = await this.rig
      .database('operations')
      .where({ id })
      .first('params');
    const { volumeId = '', snapshotId = '' } = row?.params ?? {};
    if (type === 'snapshot-create') model.momentPassed(snapshotId);
    if (type === 'volume-clone' || type === 'volume-create') model.momentPassed(volumeId);
    if (type === 'volume-revert' && state === 'done') model.reverted(volumeId, snapshotId);
  }

  private async forgetGone(model: DiskModel): Promise<void> {
    const there = new Set<string>([
      ...((await this.rig.database('volumes').pluck('id')) as string[]),
      ...((await this.rig.database('snapshots').pluck('id')) as string[]),
    ]);
    for (const id of model.all) {
      for (const snapshot of model.snapshotsOf(id)) if (!there.has(snapshot)) model.forget(snapshot);
      if (!there.has(id)) model.forget(id);
    }
  }

  private async clear(): Promise<void> {
    const { database, engine } = this.rig;
    await database('volumes').update({ backing_volume_id: null, backing_snapshot_id: null, backing_file: null });
    await database.raw(emptied.map((table) => `delete from ${table}`).join('; '));
    await database.raw('update pools set provisioned_gib = 0');
    const { files, records, guests } = engine.world;
    for (const map of [files, records, guests]) map.clear();
  }
}

/** How a person plays the seed again. */
export const replayCommand = (seed: number): string => `npm run chaos -- --simulated --seed ${seed} --seeds 1`;

/** Not a seed of anybody else's. */
export const freshSeed = (): number => Number.parseInt(randomUUID().slice(0, 7), 16);
