// Snapshot statuses (Cinder's words) and the rules from which status each intention may start.

export const snapshotStatuses = [
  'creating',
  'available',
  'deleting',
  'deleted',
  'error',
  'error_deleting',
  'updating',
  'backing-up',
  'restoring',
  'unmanaging',
] as const;
export type SnapshotStatus = (typeof snapshotStatuses)[number];

export const snapshotAllowedFrom = {
  delete: ['available', 'error', 'error_deleting'],
  createVolume: ['available'],
  unmanage: ['available'],
} as const satisfies Record<string, readonly SnapshotStatus[]>;
export type SnapshotIntention = keyof typeof snapshotAllowedFrom;
