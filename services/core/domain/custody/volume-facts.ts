// What is to be written into the rows of a volume that a share was found to have, besides its chain: from what a person gives (a map, a dump
// of Cinder's tables), else from our record beside the data, else from defaults. Pure.
import type { CustodyRecord, Facts, JsonValue } from './custody-record.js';
import type { ReadVolume } from './plan-volume.js';
import { findUnusableFact, snapshotFactRules, volumeFactRules } from './record-facts.js';

export interface GivenSnapshot {
  readonly id: string;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly createdAt?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export interface GivenVolume {
  /** The id in the names of its files. */
  readonly fileId: string;
  /** Another one, where the service that it comes from has moved the volume under a new name. */
  readonly id?: string | undefined;
  readonly projectId?: string | undefined;
  readonly userId?: string | undefined;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  /** Name or id of a volume type. */
  readonly type?: string | null | undefined;
  readonly availabilityZone?: string | null | undefined;
  readonly bootable?: boolean | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** UTC, as PostgreSQL reads it. */
  readonly createdAt?: string | null | undefined;
  /** Somebody has it: it is recorded in maintenance. */
  readonly attached?: boolean | undefined;
  readonly encrypted?: boolean | undefined;
  readonly snapshots?: readonly GivenSnapshot[] | undefined;
}

export interface FactSettings {
  readonly projectId: string | null;
  readonly userId: string | null;
  /** Look into our records beside the data. */
  readonly useRecords: boolean;
  readonly zone: string;
}

/** Rows by column, without those that the database or the chain decides. */
export interface WantedRows {
  readonly id: string;
  readonly volume: Facts;
  /** Name or id; null: the default type of the project. */
  readonly type: string | null;
  /** Our record says that the volume has none. */
  readonly typeless: boolean;
  /** To be made when it is not there. */
  readonly recordedType: Facts | null;
  readonly snapshots: readonly Facts[];
  readonly wasAttached: boolean;
  /** The image whose data the volume holds. */
  readonly image: Facts | null;
}

/** Why the volume cannot be recorded, in words; else its rows. */
export function wantRows(read: ReadVolume, given: GivenVolume | null, settings: FactSettings): WantedRows | string {
  if (given?.encrypted === true) return 'it is encrypted by another service, whose key is not here';
  const record = settings.useRecords ? read.record : null;
  const kept: Facts = record?.volume ?? {};
  const projectId = given?.projectId ?? textOf(kept['project_id']) ?? settings.projectId;
  const userId = given?.userId ?? textOf(kept['user_id']) ?? settings.userId;
  if (projectId === null || userId === null) return 'no project or no user is known for it';
  const id = given?.id ?? read.volumeId;
  const wasAttached = given?.attached ?? (record?.attachments.length ?? 0) > 0;
  const volume: Record<string, JsonValue> = {
    availability_zone: settings.zone,
    name: `volume-${id}`,
    ...kept,
    ...definedOf({
      name: given?.name,
      description: given?.description,
      availability_zone: given?.availabilityZone ?? undefined,
      bootable: given?.bootable,
      metadata: given?.metadata,
      created_at: given?.createdAt ?? undefined,
    }),
    id,
    project_id: projectId,
    user_id: userId,
    size_gib: read.sizeGib,
    base_format: read.chain[0]?.format ?? null,
    status: wasAttached ? 'maintenance' : 'available',
  };
  const snapshots = snapshotRows(read, record, given, { id, projectId, userId });
  const unusable = findUnusableFact(volume, volumeFactRules);
  if (unusable !== null) return `its ${unusable} cannot be used`;
  for (const row of snapshots) {
    const column = findUnusableFact(row, snapshotFactRules);
    if (column !== null) return `its snapshot’s ${column} cannot be used`;
  }
  return {
    id,
    volume,
    type: given?.type ?? textOf(record?.type?.['id']),
    typeless: record !== null && record.type === null && (given?.type ?? null) === null,
    recordedType: record?.type ?? null,
    snapshots,
    wasAttached,
    image: record?.image ?? null,
  };
}

function snapshotRows(
  { chain }: ReadVolume,
  record: CustodyRecord | null,
  given: GivenVolume | null,
  owner: { readonly id: string; readonly projectId: string; readonly userId: string },
): Facts[] {
  const kept = new Map(record?.snapshots.map((row) => [row['id'], row] as const) ?? []);
  const said = new Map(given?.snapshots?.map((one) => [one.id, one] as const) ?? []);
  return chain.flatMap(({ snapshotId }, position) => {
    if (snapshotId === null) return [];
    const below = chain[position - 1]?.virtualSizeBytes ?? chain[position]?.virtualSizeBytes ?? 0;
    const one = said.get(snapshotId);
    return [
      {
        name: `snapshot-${snapshotId}`,
        size_gib: Math.ceil(below / 1024 ** 3),
        project_id: owner.projectId,
        user_id: owner.userId,
        ...(kept.get(snapshotId) ?? {}),
        ...definedOf({
          name: one?.name,
          description: one?.description,
          created_at: one?.createdAt ?? undefined,
          metadata: one?.metadata,
        }),
        id: snapshotId,
        volume_id: owner.id,
        // What was under way when the database was lost did not end; the data that the snapshot stands for is there.
        status: 'available',
        progress: '100%',
      },
    ];
  });
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function definedOf(values: Readonly<Record<string, JsonValue | undefined>>): Record<string, JsonValue> {
  const defined: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(values)) if (value !== undefined) defined[key] = value;
  return defined;
}
