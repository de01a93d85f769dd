// Volume statuses (Cinder's words) and the rules from which status each intention may start.
// The same table guards the compare-and-swap in the database and answers the client.
// Source: the status table of the Cinder API reference, "Volumes", and cinder/objects/fields.py.

export const volumeStatuses = [
  'creating',
  'available',
  'reserved',
  'attaching',
  'detaching',
  'in-use',
  'maintenance',
  'deleting',
  'awaiting-transfer',
  'error',
  'error_deleting',
  'error_managing_deleting',
  'backing-up',
  'restoring-backup',
  'error_backing-up',
  'error_restoring',
  'error_extending',
  'downloading',
  'uploading',
  'retyping',
  'extending',
  'managing',
  'error_managing',
  'unmanaging',
  'error_unmanaging',
  'reverting',
] as const;
export type VolumeStatus = (typeof volumeStatuses)[number];

/** Statuses in which nothing is under way; every other status is owned by a running operation or a reservation. */
export const restingVolumeStatuses = [
  'available',
  'in-use',
  'reserved',
  'attaching',
  'detaching',
  'maintenance',
  'awaiting-transfer',
  'error',
  'error_deleting',
  'error_managing_deleting',
  'error_backing-up',
  'error_restoring',
  'error_extending',
  'error_managing',
  'error_unmanaging',
] as const satisfies readonly VolumeStatus[];

/** From which statuses an intention on a volume may start. */
export const volumeAllowedFrom = {
  delete: ['available', 'error', 'error_deleting', 'error_restoring', 'error_extending', 'error_managing'],
  snapshot: ['available', 'in-use'],
  clone: ['available', 'in-use'],
  extend: ['available', 'in-use'],
  reserve: ['available'],
  /** A second reservation for the server that has the volume: it moves to another host. */
  reserveAgain: ['in-use', 'reserved'],
  /** Of a volume for several servers: one more beside those that have it. */
  share: ['in-use'],
  unreserve: ['attaching', 'reserved'],
  attach: ['available', 'reserved', 'attaching'],
  connect: ['available', 'reserved', 'attaching', 'in-use'],
  beginDetach: ['in-use'],
  detach: ['in-use', 'detaching'],
  rollDetach: ['detaching'],
  transfer: ['available'],
  readonlyFlag: ['available'],
  backup: ['available', 'in-use'],
  restore: ['available'],
  /** Source: cinder/volume/api.py refuses changes of metadata in maintenance and uploading. */
  updateMetadata: volumeStatuses.filter((status) => status !== 'maintenance' && status !== 'uploading'),
  retype: ['available', 'in-use'],
  migrate: ['available', 'in-use'],
  revert: ['available'],
  unmanage: ['available'],
} as const satisfies Record<string, readonly VolumeStatus[]>;
export type VolumeIntention = keyof typeof volumeAllowedFrom;
