// The events that are told to the outside, as data: what each operation is called when it starts, ends and fails.
//
// Names are Cinder's (cinder/volume/manager.py, cinder/volume/api.py, cinder/transfer/api.py, cinder/api/v2, cinder/api/contrib), so that
// Ceilometer and the like understand them. Cinder tells failures of the scheduler alone; the names ending in `.error` are ours, said
// with priority ERROR, so that a listener for `notifications.error` hears of every operation that failed.
import type { OperationType } from '../operations/params.js';

export type Priority = 'INFO' | 'ERROR';

/** Where an event's payload comes from; Cinder's name of the publisher, before the host. */
export type Subject = 'volume' | 'snapshot';

/** Event names without the subject: `create.start`. null: nothing is told. */
export interface Stages {
  readonly start: string | null;
  readonly done: string | null;
  readonly failed: string | null;
}

export interface OperationEvents {
  readonly volume?: Stages;
  readonly snapshot?: Stages;
  /** The rows are gone when the operation is done, so the last event shows them as they were, with the status `deleted`. */
  readonly removes?: true;
}

const stages = (name: string): Stages => ({ start: `${name}.start`, done: `${name}.end`, failed: `${name}.error` });

/** A server's start and stop, the service's own tidying, and the assisted snapshots (their caller tells its own events), say nothing. */
export const operationEvents: Readonly<Partial<Record<OperationType, OperationEvents>>> = {
  'volume-create': { volume: stages('create') },
  'volume-clone': { volume: stages('create') },
  'volume-receive': { volume: stages('create') },
  'volume-manage': { volume: stages('manage_existing') },
  'volume-delete': { volume: stages('delete'), removes: true },
  'volume-unmanage': { volume: stages('unmanage'), removes: true },
  'volume-extend': { volume: stages('resize') },
  // Cinder tells a migration that changes the type by one event at its end, and one that does not by none.
  'volume-migrate': { volume: { start: null, done: 'retype', failed: 'retype.error' } },
  'volume-revert': { volume: stages('revert'), snapshot: stages('revert') },
  'snapshot-create': { snapshot: stages('create') },
  'group-snapshot-create': { snapshot: stages('create') },
  'snapshot-delete': { snapshot: stages('delete'), removes: true },
  // Cinder tells a snapshot that is let go as one that is deleted, and one that is taken over as one that is made.
  'snapshot-unmanage': { snapshot: stages('delete'), removes: true },
  'snapshot-manage': { snapshot: stages('manage_existing_snapshot') },
  'attachment-create': { volume: stages('attach') },
  'attachment-delete': { volume: stages('detach') },
  'server-create': { volume: stages('attach') },
  'server-delete': { volume: stages('detach') },
};

export const silentOperations: ReadonlySet<OperationType> = new Set<OperationType>([
  'server-start',
  'server-stop',
  'volume-flatten',
  'assisted-snapshot-create',
  'assisted-snapshot-delete',
  'chain-check',
  'backup-create',
  'backup-restore',
  'backup-delete',
  'backup-verify',
  // Cinder's image-volume cache is told by nothing either.
  'image-cache-fill',
  // Cinder tells of neither.
  'volume-to-image',
  'volume-reimage',
  'orphan-remove',
  'volume-export',
  'volume-send',
  'share-scan',
  'custody-write',
  'volume-settle',
  'image-upload',
  'image-download',
  'image-delete',
]);
