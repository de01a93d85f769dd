// One seed of random chaos against the running service: some clients ask whatever they like while processes, broker and database are killed; every
// half minute the faults pause, everything must come to rest within a minute, and everything that is true at rest must be true: rows,
// files, headers, guests, promises (test/fault/nothing-left.ts), what was promised to clients, and what disks and snapshots hold.
//
// The seed chooses acts and faults. When exactly they meet is the machine's choice, so a seed that fails is played again by its command, not
// bit for bit; the history of the run that failed is printed with it.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertNothingLeft } from '../../fault/nothing-left.js';
import { Dice } from '../../system/chain-torture/torture-plan.js';
import { ChaosClient } from './chaos-client.js';
import { blank, findDamage, type Patterns, writePattern } from './chaos-contents.js';
import { doFault } from './chaos-faults.js';
import { ChaosStack } from './chaos-stack.js';

const CLIENTS = 3;
const ROUND_MS = 30_000;
const REST_MS = 90_000;

export interface ChaosOutcome {
  readonly seed: number;
  readonly rounds: number;
  readonly requests: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly acts: ReadonlyMap<string, number>;
  /** What was wrong; empty: nothing. */
  readonly violations: readonly string[];
  /** Where logs and shares were kept when something was wrong. */
  readonly kept: string | null;
}

class ChaosRun {
  readonly faults = new Map<string, number>();
  readonly history: string[] = [];
  private readonly contents = new Map<string, Patterns>();
  private readonly frozen = new Map<string, Patterns>();
  private token: Promise<string> | null = null;
  readonly clients: readonly ChaosClient[];

  constructor(
    private readonly stack: ChaosStack,
    seed: number,
  ) {
    const token = (): Promise<string> => {
      this.token ??= stack.api.login('admin').catch((thrown: unknown) => {
        this.token = null;
        throw thrown;
      });
      return this.token;
    };
    this.clients = Array.from(
      { length: CLIENTS },
      (_, index) => new ChaosClient(() => stack.api.base, token, new Dice(`client ${index} of ${seed}`)),
    );
  }

  /** Room in the quota, and a server for each client. */
  async prepare(): Promise<void> {
    const [first] = this.clients;
    assert.ok(first);
    const { rows } = (await this.stack.stage.db.raw("select id from identity_projects where name = 'admin'")) as {
      rows: { id: string }[];
    };
    const limits = { volumes: -1, snapshots: -1, gigabytes: -1 };
    const path = `/volume/v3/os-quota-sets/${rows[0]?.id}`;
    assert.equal((await first.ask('PUT', path, { quota_set: limits })).status, 200, 'the quota');
    for (const client of this.clients) client.serverId = await this.boot(client);
  }

  private async boot(client: ChaosClient): Promise<string> {
    const made = await client.ask('POST', '/volume/v3/volumes', { volume: { size: 1 } });
    const id = made.body['volume']?.id ?? assert.fail('no volume to boot from');
    await this.stack.stage.until('the volume to boot from', () => this.hasStatus('volumes', id, 'available'));
    const disk = { source_type: 'volume', destination_type: 'volume', uuid: id, boot_index: 0 };
    const wish = { server: { name: 'chaos', flavorRef: '1', block_device_mapping_v2: [disk] } };
    const answer = await client.ask('POST', '/compute/v2.1/servers', wish);
    const serverId = answer.body['server']?.id ?? assert.fail(`no server: ${JSON.stringify(answer)}`);
    await this.stack.stage.until('the server', async () => {
      const row: { vm_state: string } | undefined = await this.stack.stage
        .db('servers')
        .where({ id: serverId })
        .first();
      return row?.vm_state === 'active';
    });
    return serverId;
  }

  private async hasStatus(table: string, id: string, status: string): Promise<boolean> {
    const row: { status: string } | undefined = await this.stack.stage.db(table).where({ id }).first('status');
    return row?.status === status;
  }

  /** Acts and faults side by side for half a minute. */
  async round(dice: Dice): Promise<void> {
    const until = Date.now() + ROUND_MS;
    const asking = this.clients.map(async (client) => {
      while (Date.now() < until) {
        await client.act();
        await sleep(100);
      }
    });
    while (Date.now() < until) {
      await sleep(1_000 + dice.below(3_000));
      const [name, said] = await doFault(this.stack, dice);
      this.faults.set(name, (this.faults.get(name) ?? 0) + 1);
      this.history.push(said);
    }
    await Promise.all(asking);
  }

  /** Everything comes to rest, and then everything is looked at. */
  async look(dice: Dice): Promise<readonly string[]> {
    const { stage } = this.stack;
    try {
      await stage.until('everything to rest', () => this.isAtRest(), REST_MS);
      const volumes: string[] = await stage.db('volumes').whereNot({ status: 'error' }).pluck('id');
      const outgrown = new Set<string>(await stage.db('volumes').where({ status: 'error_extending' }).pluck('id'));
      await assertNothingLeft(stage, volumes, { files: stage.outsiders, outgrown });
      return [...(await this.judgePromises()), ...(await this.judgeContents(dice))];
    } catch (thrown) {
      return [thrown instanceof Error ? thrown.message : String(thrown), await this.describeUnrest()];
    }
  }

  private async isAtRest(): Promise<boolean> {
    try {
      const open: unknown = await this.stack.stage.db('operations').whereNotIn('state', ['done', 'failed']).first('id');
      return open === undefined;
    } catch {
      return false; // a session that was cut
    }
  }

  private async describeUnrest(): Promise<string> {
    const rows: object[] = await this.stack.stage
      .db('operations')
      .whereNotIn('state', ['done', 'failed'])
      .select('id', 'type', 'state', 'step', 'phase', 'tries', 'error', 'awaits_volume_id', 'depends_on')
      .catch(() => []);
    return `operations under way: ${JSON.stringify(rows)}`;
  }

  /** What was answered with 202 is there and rests, or was deleted since. */
  private async judgePromises(): Promise<string[]> {
    const found: string[] = [];
    for (const { kind, id } of this.clients.flatMap(({ promised }) => promised)) {
      const known: unknown = await this.stack.stage
        .db('operations')
        .whereRaw('params->>? = ?', [kind === 'volumes' ? 'volumeId' : 'snapshotId', id])
        .first('id');
      if (known === undefined) found.push(`lost: ${kind} ${id} was accepted and nobody knows of it`);
    }
    return found;
  }

  private async judgeContents(dice: Dice): Promise<string[]> {
    const { stage } = this.stack;
    const found: string[] = [];
    for (const client of this.clients) {
      for (const volume of [...client.volumes]) {
        const row: { status: string } | undefined = await stage.db('volumes').where({ id: volume.id }).first('status');
        if (row === undefined || row.status === 'error') {
          client.volumes.splice(client.volumes.indexOf(volume), 1);
          continue;
        }
        found.push(...(await this.judgeVolume(volume)));
        this.contents.set(volume.id, await writePattern(stage, volume.id, this.contents.get(volume.id) ?? blank, dice));
      }
      for (const { id, of } of client.copies.splice(0)) {
        if (!(await this.hasStatus('volumes', id, 'available'))) continue;
        const wanted = this.held.get(of) ?? this.contents.get(of) ?? blank;
        const damage = await findDamage(stage, { volumeId: id }, wanted);
        if (damage !== null) found.push(`copy ${id} of ${of} ${damage}`);
        this.contents.set(id, wanted);
        client.volumes.push({ id, sizeGib: 4, snapshots: [], isInDoubt: false });
      }
    }
    this.held.clear();
    return found;
  }

  /** What volumes held during the last round, before something was written at this look. */
  private readonly held = new Map<string, Patterns>();

  private async judgeVolume(volume: ChaosClient['volumes'][number]): Promise<string[]> {
    const { stage } = this.stack;
    const found: string[] = [];
    const wanted = this.contents.get(volume.id) ?? blank;
    this.held.set(volume.id, wanted);
    const damage = await findDamage(stage, { volumeId: volume.id }, wanted);
    if (volume.isInDoubt && damage !== null) {
      const shown = await this.findSame(volume, wanted);
      if (shown === null) found.push(`volume ${volume.id} ${damage}, and what none of its snapshots shows`);
      else this.contents.set(volume.id, shown);
    } else if (damage !== null) found.push(`volume ${volume.id} ${damage}`);
    for (const id of volume.snapshots) {
      if (!(await this.hasStatus('snapshots', id, 'available'))) continue;
      const first = this.frozen.get(id);
      const possible = first === undefined ? [wanted, this.contents.get(volume.id) ?? wanted] : [first];
      const damages: (string | null)[] = [];
      for (const one of possible) damages.push(await findDamage(stage, { volumeId: volume.id, snapshotId: id }, one));
      const index = damages.indexOf(null);
      if (index === -1) found.push(`snapshot ${id} of ${volume.id} ${damages[0]}`);
      else this.frozen.set(id, possible[index] ?? wanted);
    }
    volume.isInDoubt = false;
    return found;
  }

  /** Whichever earlier moment a revert may have brought back. */
  private async findSame({ id }: { readonly id: string }, before: Patterns): Promise<Patterns | null> {
    for (const one of [before, ...this.frozen.values()])
      if ((await findDamage(this.stack.stage, { volumeId: id }, one)) === null) return one;
    return null;
  }

  /** Requests that were sent. */
  get acts(): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const { counts } of this.clients)
      for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count);
    return sums;
  }
}

/** Plays the seed for so many minutes; tells of each look. */
export async function playChaos(seed: number, minutes: number, say: (text: string) => void): Promise<ChaosOutcome> {
  const stack = await ChaosStack.open();
  const chaos = new ChaosRun(stack, seed);
  const dice = new Dice(`faults of ${seed}`);
  const violations: string[] = [];
  let rounds = 0;
  try {
    await chaos.prepare();
    const until = Date.now() + minutes * 60_000;
    while (violations.length === 0 && (rounds === 0 || Date.now() < until)) {
      await chaos.round(dice);
      const since = performance.now();
      violations.push(...(await chaos.look(dice)));
      rounds += 1;
      const seconds = ((performance.now() - since) / 1000).toFixed(1);
      say(`seed ${seed}, round ${rounds}: at rest and looked at in ${seconds} s, ${violations.length} violations\n`);
    }
  } catch (thrown) {
    violations.push(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  } finally {
    await stack.close(violations.length > 0);
  }
  const requests = [...chaos.acts.values()].reduce((sum, count) => sum + count, 0);
  if (violations.length > 0) say(`what was done: ${chaos.history.join('; ')}\n`);
  const kept = violations.length > 0 ? stack.stage.directory : null;
  return { seed, rounds, requests, faults: chaos.faults, acts: chaos.acts, violations, kept };
}
