// Makes rows of volumes that a scan has found: one transaction for one batch, with the pool's promise, types, snapshots and chains. Nothing
// on the share is touched, and no row that exists is changed: the plan is made anew under the pool's lock, and what is on record already is
// only told. Quotas are not asked: the data is there, and the rows count against them from now on.
import { randomUUID } from 'node:crypto';
import type { LayerFormat } from '../../domain/chain.js';
import type { Facts } from '../../domain/custody/custody-record.js';
import type { SharePlan } from '../../domain/custody/plan-share.js';
import type { ReadVolume } from '../../domain/custody/plan-volume.js';
import { type GivenVolume, type WantedRows, wantRows } from '../../domain/custody/volume-facts.js';
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import { latchFileClaims } from '../block-storage/file-owner.js';
import { isMultiattach } from '../block-storage/type-demands.js';
import { defaultTypeId } from '../block-storage/volume-types.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { type ChosenType, insertVolumes, type NewVolume } from './insert-volumes.js';
import { loadPlan } from './load-plan.js';
import { ensureProjects } from './lost-projects.js';
import { loadScan } from './scans.js';

export interface RecordWish {
  readonly scanId: string;
  /** false: only say what would be recorded. */
  readonly apply: boolean;
  readonly volumes: readonly (GivenVolume & { readonly format?: LayerFormat | undefined })[];
  readonly projectId: string | null;
  readonly userId: string | null;
  /** Name or id, for volumes that say none. */
  readonly type: string | null;
  readonly baseFormat: LayerFormat | null;
  readonly useRecords: boolean;
  readonly requestId: string;
}

export interface Recorded {
  readonly recorded: readonly string[];
  /** On record before, with the same files. */
  readonly known: readonly string[];
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
}

/** A scan tells of the moment at which it was made. */
const OLDEST_SECONDS = 3600;

/** Errors: `not_found` for the scan, `conflict` for one that has not ended well or is too old, `bad_request` for a type. */
export async function recordVolumes(database: Database, wish: RecordWish): Promise<Recorded> {
  const scan = await loadScan(database, wish.scanId);
  if ((scan.age_seconds ?? 0) > OLDEST_SECONDS) {
    throw new ServiceError('conflict', 'The scan is older than an hour: scan the share again.');
  }
  return inTransaction(database, async (tx) => {
    if (wish.apply) await latchFileClaims(tx);
    const pool: { name: string; share: string; zone: string } | undefined = await tx('pools')
      .where({ name: scan.pool })
      .forUpdate()
      .first('name', 'share', 'zone');
    if (pool === undefined) throw new ServiceError('conflict', 'The pool of the scan does not exist any more.');
    const byVolume = new Map(wish.volumes.flatMap(({ fileId, format }) => (format ? [[fileId, format] as const] : [])));
    const plan = await loadPlan(tx, scan, { all: wish.baseFormat, byVolume });
    const types = new TypeBook(tx, wish.type, wish.apply);
    const batch = await chooseBatch(tx, wish, plan, { types, zone: pool.zone });
    if (wish.apply) {
      await insertVolumes(tx, { name: pool.name, share: pool.share }, batch.rows);
      await ensureProjects(
        tx,
        batch.rows.map(({ rows }) => String(rows.volume['project_id'])),
      );
      await settleFiles(tx, batch.rows, wish.requestId);
    }
    return {
      recorded: batch.rows.map(({ rows }) => rows.id),
      known: wish.volumes.map(({ fileId }) => fileId).filter((id) => plan.known.includes(id)),
      refused: batch.refused,
    };
  });
}

/** Not under a guest that may have the files open. */
async function settleFiles(tx: Transaction, volumes: readonly NewVolume[], requestId: string): Promise<void> {
  for (const { read, rows } of volumes) {
    if (!read.oddLength || rows.wasAttached) continue;
    const { project_id: projectId, user_id: userId } = rows.volume;
    await acceptOperation(tx, {
      type: 'volume-settle',
      params: { volumeId: rows.id },
      projectId: String(projectId),
      userId: String(userId),
      requestId,
    });
  }
}

interface BatchTools {
  readonly types: TypeBook;
  readonly zone: string;
}

async function chooseBatch(
  tx: Transaction,
  wish: RecordWish,
  plan: SharePlan,
  { types, zone }: BatchTools,
): Promise<{ rows: NewVolume[]; refused: { id: string; reason: string }[] }> {
  const given = new Map(wish.volumes.map((one) => [one.fileId, one]));
  const known = new Set(plan.known);
  const refused: { id: string; reason: string }[] = [];
  const rows: NewVolume[] = [];
  const seen = new Set<string>();
  const settings = { projectId: wish.projectId, userId: wish.userId, useRecords: wish.useRecords, zone };
  const taken = await takenIds(tx, wish.volumes, plan);
  for (const read of plan.fresh) {
    const one = given.get(read.volumeId);
    if (one === undefined) continue;
    seen.add(read.volumeId);
    const refuse = (reason: string): void => void refused.push({ id: read.volumeId, reason });
    const id = one.id ?? read.volumeId;
    const wanted = taken.has(id) ? 'its id is another volume’s' : wantRows(read, one, settings);
    if (typeof wanted === 'string') refuse(wanted);
    else if (wish.apply && read.backing !== null && !(await isFrozenOnRecord(tx, read.backing, rows))) {
      refuse(`it stands on volume ${read.backing.volumeId}: record that one first, or its file is written to`);
    } else {
      const type = await types.find(wanted);
      if (typeof type === 'string') refuse(type);
      else if (isEncrypted(read) && type?.encrypted !== true) {
        refuse(
          'it is encrypted, and its volume type is not: make the type again with its encryption, or name another one',
        );
      } else {
        rows.push({ read, rows: wanted, type });
        taken.add(id);
      }
    }
  }
  for (const { fileId } of wish.volumes) {
    if (seen.has(fileId) || known.has(fileId)) continue;
    const why = plan.findings.find(({ volumeId, severity }) => volumeId === fileId && severity === 'error');
    refused.push({ id: fileId, reason: why?.text ?? 'the share has no such volume' });
  }
  return { rows, refused };
}

function isEncrypted({ chain }: ReadVolume): boolean {
  return chain.some(({ keyId }) => keyId !== undefined);
}

/** Rows whose id differs from that of their files are not seen by the plan. */
async function takenIds(tx: Transaction, volumes: readonly GivenVolume[], plan: SharePlan): Promise<Set<string>> {
  const ids = volumes.flatMap(({ id, fileId }) => (id !== undefined && id !== fileId ? [id] : []));
  // The id of another volume's files would make that one look as if it were on record.
  const onShare = new Set([...plan.fresh.map(({ volumeId }) => volumeId), ...plan.refused]);
  const rows: { id: string }[] = ids.length === 0 ? [] : await tx('volumes').whereIn('id', ids).select('id');
  return new Set([...rows.map((row) => row.id), ...ids.filter((id) => onShare.has(id))]);
}

/** A layer that somebody writes to carries nobody; the plan has looked at those of this batch. */
async function isFrozenOnRecord(
  tx: Transaction,
  backing: NonNullable<ReadVolume['backing']>,
  rows: readonly NewVolume[],
): Promise<boolean> {
  if (rows.some(({ read }) => read.volumeId === backing.volumeId)) return true;
  const image: unknown = await tx('chain_layers as l')
    .join('volumes as v', 'v.id', 'l.volume_id')
    .where({ 'l.volume_id': backing.volumeId, 'l.file': backing.file })
    .whereNot({ 'v.purpose': 'volume' })
    .first('l.file');
  if (image !== undefined) return true;
  const above: unknown = await tx('chain_layers as l')
    .join('chain_layers as above', { 'above.volume_id': 'l.volume_id', 'above.position': tx.raw('l.position + 1') })
    .where({ 'l.volume_id': backing.volumeId, 'l.file': backing.file })
    .first('l.file');
  return above !== undefined;
}

/** Types by name or id, each looked up once; a type that only a record knows is made anew from it. */
class TypeBook {
  private readonly found = new Map<string, ChosenType | null>();

  constructor(
    private readonly tx: Transaction,
    private readonly fallback: string | null,
    private readonly mayMake: boolean,
  ) {}

  /** null: the volume has none; a text says why none can be found. */
  async find({ type, typeless, recordedType, volume }: WantedRows): Promise<ChosenType | string | null> {
    if (typeless && this.fallback === null) return null;
    const reference = type ?? this.fallback;
    if (reference === null) return this.need(await defaultTypeId(this.tx, String(volume['project_id'])));
    const named = await this.look(reference);
    if (named !== null) return named;
    const recordedName = recordedType?.['name'];
    if (recordedType !== null && typeof recordedName === 'string') {
      return (await this.look(recordedName)) ?? (await this.make(recordedType));
    }
    if (this.fallback !== null && reference !== this.fallback) return this.need(this.fallback);
    return `volume type ${reference.slice(0, 255)} does not exist`;
  }

  private async need(reference: string): Promise<ChosenType | string> {
    return (await this.look(reference)) ?? `volume type ${reference.slice(0, 255)} does not exist`;
  }

  private async look(reference: string): Promise<ChosenType | null> {
    const known = this.found.get(reference);
    if (known !== undefined) return known;
    const row: { id: string; extra_specs: Record<string, string | null> } | undefined = await this.tx('volume_types')
      .where(isUuid(reference) ? { id: reference } : { name: reference })
      .forShare()
      .first('id', 'extra_specs');
    const chosen = row === undefined ? null : await this.chosen(row);
    this.found.set(reference, chosen);
    return chosen;
  }

  private async chosen(row: { id: string; extra_specs: Record<string, string | null> }): Promise<ChosenType> {
    const encryption: unknown = await this.tx('volume_type_encryption')
      .where({ volume_type_id: row.id })
      .first('encryption_id');
    return { id: row.id, multiattach: isMultiattach(row.extra_specs), encrypted: encryption !== undefined };
  }

  private async make(recorded: Facts): Promise<ChosenType> {
    const { id, name, description = null, is_public: isPublic, extra_specs: specs } = recorded;
    const row = { id, name, description, is_public: isPublic !== false, extra_specs: JSON.stringify(specs ?? {}) };
    const { encryption = null } = recorded;
    if (this.mayMake) {
      await this.tx('volume_types').insert(row);
      if (encryption !== null)
        await this.tx('volume_type_encryption').insert({
          ...(encryption as Facts),
          encryption_id: randomUUID(),
          volume_type_id: id,
        });
    }
    this.found.clear();
    const multiattach = isMultiattach((specs ?? {}) as Record<string, string>);
    return { id: String(id), multiattach, encrypted: encryption !== null };
  }
}
