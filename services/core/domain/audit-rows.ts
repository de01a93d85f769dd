// What rows say about each other. Queries bring what may be wrong (services/core/db/audit/row-view.ts); what it is, is decided here. Pure.
import type { Suspicion } from './audit.js';
import type { AuditRule } from './audit-rules.js';
import type { SnapshotStatus } from './snapshot.js';
import type { VolumeStatus } from './volume.js';

/** `attachments`: the status that is left of them decides. */
type VolumeRepair = VolumeStatus | 'attachments';

/** What a volume becomes that nobody works on any more, by the status that says that somebody does. */
export const abandonedVolumes = {
  creating: 'error',
  deleting: 'error_deleting',
  extending: 'error_extending',
  'restoring-backup': 'error_restoring',
  downloading: 'error',
  reverting: 'error',
  managing: 'error_managing',
  unmanaging: 'error_unmanaging',
  'backing-up': 'attachments',
  uploading: 'attachments',
  retyping: 'attachments',
} as const satisfies Partial<Record<VolumeStatus, VolumeRepair>>;

export const abandonedSnapshots = {
  creating: 'error',
  deleting: 'error_deleting',
  restoring: 'available',
  'backing-up': 'available',
  unmanaging: 'available',
} as const satisfies Partial<Record<SnapshotStatus, SnapshotStatus>>;

export const abandonedBackups = { creating: 'error', deleting: 'error_deleting', restoring: 'available' } as const;

export interface VolumeSight {
  readonly id: string;
  readonly status: string;
  readonly host: string | null;
  readonly layers: number;
  /** Of the newest layer; one less than `layers` where none is missing. */
  readonly lastPosition: number | null;
  /** Attachments of any kind. */
  readonly attachments: number;
  /** Of servers of ours, complete. */
  readonly attached: number;
}

export interface RowView {
  /** Ids that operations are about, or were a moment ago. */
  readonly busy: ReadonlySet<string>;
  readonly volumes: readonly VolumeSight[];
  readonly snapshots: readonly {
    readonly id: string;
    readonly volume_id: string;
    readonly status: string;
    readonly on_chain: boolean;
  }[];
  readonly backups: readonly { readonly id: string; readonly status: string }[];
  readonly servers: readonly { readonly id: string; readonly vm_state: string; readonly task_state: string }[];
  readonly pools: readonly {
    readonly name: string;
    readonly state: string;
    /** Its worker was heard of within a minute. */
    readonly alive: boolean;
    readonly promised_gib: number;
    readonly sizes_gib: number;
    readonly volumes: number;
    /** An operation may be about to change a size. */
    readonly unsettled: boolean;
  }[];
  readonly operations: readonly {
    readonly id: string;
    readonly type: string;
    readonly state: string;
    readonly asleep: boolean;
    readonly locks: number;
    readonly cancels: number;
    /** It cannot be without locks now. */
    readonly needs_locks: boolean;
    /** The worker that it waits for, when that one was not heard of. */
    readonly silent_worker: string | null;
  }[];
  readonly scans: readonly { readonly id: string; readonly pool: string }[];
}

function* ofVolume(one: VolumeSight): Generator<[rule: AuditRule, text: string]> {
  const { status } = one;
  if (status in abandonedVolumes) yield ['volume-abandoned', `it is ${status}, and no operation works on it`];
  else if (status === 'in-use' && one.attachments === 0)
    yield ['in-use-by-nobody', 'it is in-use, and has no attachment'];
  else if (status === 'available' && one.attached > 0)
    yield ['attached-but-available', `it is available, and attached to ${one.attached} servers`];
  if (one.host === null || !['available', 'in-use'].includes(status)) return;
  if (one.layers === 0) yield ['record-lost', `it is ${status} on ${one.host}, and no file of it is on record`];
  else if (one.lastPosition !== one.layers - 1)
    yield ['chain-broken', `${one.layers} layers are on record, the newest at place ${(one.lastPosition ?? 0) + 1}`];
}

function* volumes({ volumes: sights, busy }: RowView): Generator<Suspicion> {
  for (const one of sights) {
    if (busy.has(one.id)) continue;
    for (const [rule, text] of ofVolume(one)) yield { rule, kind: 'volume', id: one.id, file: null, text };
  }
}

function* snapshots({ snapshots: sights, busy }: RowView): Generator<Suspicion> {
  for (const { id, volume_id: volumeId, status, on_chain: onChain } of sights) {
    if (busy.has(id) || busy.has(volumeId)) continue;
    const found = { kind: 'snapshot', id, file: null } as const;
    if (status in abandonedSnapshots)
      yield { rule: 'snapshot-abandoned', ...found, text: `it is ${status}, and no operation works on it` };
    else if (status === 'available' && !onChain)
      yield { rule: 'snapshot-without-layer', ...found, text: `no layer of volume ${volumeId} was made for it` };
  }
}

function* others({ backups, servers, busy }: RowView): Generator<Suspicion> {
  for (const { id, status } of backups) {
    if (busy.has(id) || !(status in abandonedBackups)) continue;
    const text = `it is ${status}, and no operation works on it`;
    yield { rule: 'backup-abandoned', kind: 'backup', id, file: null, text };
  }
  for (const { id, vm_state: state, task_state: task } of servers) {
    if (busy.has(id)) continue;
    const text = `it is ${state} and ${task}, and no operation works on it`;
    yield { rule: 'server-abandoned', kind: 'server', id, file: null, text };
  }
}

function* pools({ pools: sights }: RowView): Generator<Suspicion> {
  for (const one of sights) {
    const found = { kind: 'pool', id: one.name, file: null } as const;
    if (!one.unsettled && one.promised_gib !== one.sizes_gib) {
      const text = `${one.promised_gib} GiB are promised, its volumes have ${one.sizes_gib} GiB`;
      yield { rule: 'promise-differs', ...found, text };
    }
    if (one.volumes > 0 && one.alive && one.state !== 'up')
      yield {
        rule: 'share-down',
        ...found,
        text: `its worker cannot use the share, on which ${one.volumes} volumes lie`,
      };
  }
}

const ended: readonly string[] = ['done', 'failed'];

function* operations({ operations: sights, scans }: RowView): Generator<Suspicion> {
  for (const one of sights) {
    const found = { kind: 'operation', id: one.id, file: null } as const;
    const what = `${one.type} is ${one.state}`;
    if (ended.includes(one.state)) {
      if (one.locks > 0) yield { rule: 'lock-left', ...found, text: `${what} and has ${one.locks} locks` };
      if (one.cancels > 0)
        yield { rule: 'cancel-left', ...found, text: `${what}, and a wish that it be cancelled is left` };
      continue;
    }
    if (one.asleep) yield { rule: 'operation-asleep', ...found, text: `${what}, and nobody would look at it again` };
    if (one.needs_locks && one.locks === 0) yield { rule: 'lock-lost', ...found, text: `${what} and has no lock` };
    if (one.silent_worker !== null)
      yield { rule: 'worker-silent', ...found, text: `${what}, and ${one.silent_worker} was not heard of` };
  }
  for (const { id, pool } of scans)
    yield {
      rule: 'scan-left',
      kind: 'scan',
      id,
      file: null,
      text: `the scan of ${pool} is running, and no operation reads`,
    };
}

/** Everything that is odd, in no order that means anything. */
export function suspectRows(view: RowView): Suspicion[] {
  return [...volumes(view), ...snapshots(view), ...others(view), ...pools(view), ...operations(view)];
}
