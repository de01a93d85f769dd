// Statuses of groups and group snapshots (Cinder's words), and what they allow.
// Source: cinder/objects/fields.py, cinder/group/api.py; a reset accepts the statuses of both lists alike, without in-use.

export const groupStatuses = [
  'error',
  'available',
  'creating',
  'deleting',
  'deleted',
  'updating',
  'error_deleting',
] as const;
export type GroupStatus = (typeof groupStatuses)[number];

/** From which statuses of a group an intention may start. */
export const groupAllowedFrom = {
  /** Volumes are made in it, or join and leave. */
  change: ['available'],
  snapshot: ['available', 'error'],
  copy: ['available', 'error'],
  /** Without its volumes; with them, from any status. */
  delete: ['available', 'error'],
} as const satisfies Record<string, readonly GroupStatus[]>;

export const groupSnapshotAllowedFrom = {
  delete: ['available', 'error'],
  createGroup: ['available'],
} as const satisfies Record<string, readonly GroupStatus[]>;

/** From which statuses a volume may join a group, and leave it. */
export const membershipAllowedFrom = {
  join: ['available', 'in-use'],
  leave: ['available', 'in-use', 'error', 'error_deleting'],
} as const;

/** What a group type may promise and no backend here keeps. */
const unkeptPromises = ['group_replication_enabled', 'consistent_group_replication_enabled'] as const;

export type GroupSpecs = Readonly<Record<string, string | null>>;

/** True when the type promises one instant for the snapshots of all volumes. Source: cinder/volume/volume_utils.py. */
export function isConsistent(specs: GroupSpecs): boolean {
  return specs['consistent_group_snapshot_enabled'] === '<is> True';
}

export function isReplicated(specs: GroupSpecs): boolean {
  return (
    specs['group_replication_enabled'] === '<is> True' || specs['consistent_group_replication_enabled'] === '<is> True'
  );
}

/** Name of the type of all consistency groups. Source: cinder/volume/group_types.py. */
export const consistencyGroupType = 'default_cgsnapshot_type';

/** True when the type asks for what no backend can give. */
export function promisesTooMuch(specs: GroupSpecs): boolean {
  return unkeptPromises.some((name) => specs[name] === '<is> True');
}
