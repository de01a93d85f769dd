// Which columns go into a volume's record beside the data, and come back from it. A new column that only the database knows is added here
// (and to the trigger that notes its change, in a new migration); what is missing here is lost with the database, as the test of the round
// trip shows.

/** Not here: what is under way (status, locks, migration), and what the share itself tells (place, chain). */
export const volumeColumns = [
  'id',
  'project_id',
  'user_id',
  'name',
  'description',
  'size_gib',
  'availability_zone',
  'snapshot_id',
  'source_volid',
  'name_id',
  'base_format',
  'preallocation',
  'bootable',
  'multiattach',
  'consumes_quota',
  'metadata',
  'admin_metadata',
  'image_metadata',
  'created_at',
  'launched_at',
  'purpose',
] as const;

/** Of the image whose data a volume holds. */
export const imageColumns = [
  'id',
  'project_id',
  'name',
  'status',
  'visibility',
  'protected',
  'hidden',
  'container_format',
  'disk_format',
  'min_disk',
  'min_ram',
  'size',
  'virtual_size',
  'checksum',
  'os_hash_algo',
  'os_hash_value',
  'properties',
  'tags',
  'created_at',
  'updated_at',
] as const;

export const snapshotColumns = [
  'id',
  'project_id',
  'user_id',
  'name',
  'description',
  'size_gib',
  'status',
  'volume_type_id',
  'consumes_quota',
  'internal',
  'metadata',
  'created_at',
] as const;

export const typeColumns = ['id', 'name', 'description', 'is_public', 'extra_specs'] as const;

/** Of a type whose volumes are encrypted. */
export const typeEncryptionColumns = ['provider', 'control_location', 'cipher', 'key_size'] as const;

/** For people, and for the rule that a volume which somebody had is not given to others by a rebuild. */
export const attachmentColumns = [
  'id',
  'instance_uuid',
  'managed_server_id',
  'attached_host',
  'mountpoint',
  'attach_mode',
  'status',
] as const;

export const jsonColumns: ReadonlySet<string> = new Set([
  'metadata',
  'admin_metadata',
  'image_metadata',
  'extra_specs',
  'properties',
]);
