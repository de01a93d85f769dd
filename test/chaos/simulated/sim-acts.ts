// What clients do in the simulation, by the real API: a table of acts, each asked for whenever the dice say so. A refusal is an answer; an answer
// that no client may get (500 and above) throws. What was accepted is told to the model.
import { attachVolume, detachVolume } from '../../../services/core/db/compute/volume-attachments.js';
import { asServiceError, errorCodes } from '../../../services/core/domain/errors.js';
import type { BlockRig } from '../../contract/block-storage/block-rig.js';
import type { Dice } from '../../system/chain-torture/torture-plan.js';
import type { DiskModel } from './disk-model.js';

const version = '3.71';
/** A disk in the simulation has so many blocks. */
export const BLOCKS = 6;
const MAX_DISKS = 5;
const MAX_GIB = 4;

export interface SimPeople {
  readonly rig: BlockRig;
  readonly model: DiskModel;
  readonly dice: Dice;
  readonly servers: readonly string[];
  readonly otherPool: string;
  /** Words that were written, each once. */
  writes: number;
}

/** The status, or null when there was nothing to ask for. */
type Deed = (people: SimPeople) => Promise<number | null>;

function pick<T>({ dice }: SimPeople, from: readonly T[]): T | undefined {
  return from[dice.below(Math.max(1, from.length))];
}

interface Wish {
  readonly method?: string;
  readonly path: string;
  readonly body?: object;
  readonly as?: 'ann' | 'admin';
  readonly onId?: (id: string) => void;
}

async function ask({ rig }: SimPeople, { method = 'POST', path, body, as = 'ann', onId }: Wish): Promise<number> {
  const answer = await rig.ask(method, path, { as, version, ...(body === undefined ? {} : { body }) });
  if (answer.status >= 500)
    throw new Error(`${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}`);
  if (answer.status < 300 && onId !== undefined) {
    const made = Object.values(answer.body as Record<string, { id: string }>)[0];
    if (made !== undefined) onId(made.id);
  }
  return answer.status;
}

async function compute(work: () => Promise<unknown>): Promise<number> {
  try {
    await work();
    return 202;
  } catch (thrown) {
    const status = errorCodes[asServiceError(thrown).code].http;
    if (status >= 500) throw thrown;
    return status;
  }
}

const asUser = { visibleProjectId: null, userId: 'u', requestId: 'req-chaos' };

const create: Deed = (people) => {
  if (people.model.all.length >= MAX_DISKS) return Promise.resolve(null);
  return ask(people, { path: '/volumes', body: { volume: { size: 1 } }, onId: (id) => people.model.blank(id) });
};

const clone: Deed = (people) => {
  const source = pick(people, people.model.known);
  if (source === undefined || people.model.all.length >= MAX_DISKS) return Promise.resolve(null);
  const body = { volume: { size: MAX_GIB, source_volid: source } };
  return ask(people, { path: '/volumes', body, onId: (id) => people.model.copyOf(id, source) });
};

const fromSnapshot: Deed = (people) => {
  const { model } = people;
  const seen = model.all.flatMap((id) => model.snapshotsOf(id)).filter((id) => model.isSeen(id));
  const snapshot = pick(people, seen);
  if (snapshot === undefined || model.all.length >= MAX_DISKS) return Promise.resolve(null);
  const body = { volume: { size: MAX_GIB, snapshot_id: snapshot } };
  return ask(people, { path: '/volumes', body, onId: (id) => model.fromSnapshot(id, snapshot) });
};

const snapshot: Deed = (people) => {
  const id = pick(people, people.model.known);
  if (id === undefined) return Promise.resolve(null);
  const body = { snapshot: { volume_id: id, force: true } };
  return ask(people, { path: '/snapshots', body, onId: (made) => people.model.snapshot(made, id) });
};

const deleteSnapshot: Deed = (people) => {
  const of = pick(people, people.model.all);
  const id = of === undefined ? undefined : pick(people, people.model.snapshotsOf(of));
  return id === undefined ? Promise.resolve(null) : ask(people, { method: 'DELETE', path: `/snapshots/${id}` });
};

const revert: Deed = (people) => {
  const id = pick(people, people.model.known);
  const last = id === undefined ? undefined : people.model.snapshotsOf(id).at(-1);
  if (id === undefined || last === undefined || !people.model.isSeen(last)) return Promise.resolve(null);
  return ask(people, { path: `/volumes/${id}/action`, body: { revert: { snapshot_id: last } } });
};

const extend: Deed = (people) => {
  const id = pick(people, people.model.all);
  if (id === undefined) return Promise.resolve(null);
  const body = { 'os-extend': { new_size: 2 + people.dice.below(MAX_GIB - 1) } };
  return ask(people, { path: `/volumes/${id}/action`, body });
};

const migrate: Deed = (people) => {
  const id = pick(people, people.model.all);
  if (id === undefined) return Promise.resolve(null);
  const body = { 'os-migrate_volume': { host: people.otherPool } };
  return ask(people, { path: `/volumes/${id}/action`, body, as: 'admin' });
};

const remove: Deed = (people) => {
  const id = pick(people, people.model.all);
  const cascade = people.dice.below(3) === 0 ? '?cascade=true' : '';
  return id === undefined ? Promise.resolve(null) : ask(people, { method: 'DELETE', path: `/volumes/${id}${cascade}` });
};

const attach: Deed = (people) => {
  const volumeId = pick(people, people.model.known);
  const serverId = pick(people, people.servers);
  if (volumeId === undefined || serverId === undefined) return Promise.resolve(null);
  const wish = { serverId, volumeId, device: null, tag: null };
  return compute(() => attachVolume(people.rig.database, wish, asUser));
};

const detach: Deed = async (people) => {
  const rows: { volume_id: string; managed_server_id: string }[] = await people.rig
    .database('attachments')
    .where({ status: 'attached' })
    .orderBy('created_at')
    .select('volume_id', 'managed_server_id');
  const row = pick(people, rows);
  if (row === undefined) return null;
  return compute(() => detachVolume(people.rig.database, row.managed_server_id, row.volume_id, asUser));
};

/** Each in proportion to its number. */
export const simActs: Readonly<Record<string, readonly [number, Deed]>> = {
  create: [3, create],
  clone: [2, clone],
  'create from a snapshot': [3, fromSnapshot],
  snapshot: [6, snapshot],
  'delete a snapshot': [4, deleteSnapshot],
  revert: [2, revert],
  extend: [2, extend],
  migrate: [1, migrate],
  delete: [2, remove],
  attach: [4, attach],
  detach: [2, detach],
};

export function chooseAct(dice: Dice): readonly [string, Deed] {
  const rows = Object.entries(simActs);
  let left = dice.below(rows.reduce((sum, [, [weight]]) => sum + weight, 0));
  for (const [name, [weight, deed]] of rows) {
    left -= weight;
    if (left < 0) return [name, deed];
  }
  throw new RangeError('no act');
}

/** A guest writes to one of its disks, if it has one. */
export function guestWrites(people: SimPeople): void {
  const { world } = people.rig.engine;
  const open = people.servers.flatMap((server) =>
    [...(world.guests.get(server)?.disks.keys() ?? [])].map((volume) => [server, volume] as const),
  );
  const chosen = pick(people, open);
  if (chosen === undefined) return;
  const [server, volume] = chosen;
  people.writes += 1;
  const block = String(people.dice.below(BLOCKS));
  if (world.write(server, volume, block, `w${people.writes}`)) people.model.wrote(volume, block, `w${people.writes}`);
}
