// What users may filter lists by, and since which gate (null: always). One table: the lists are held to it, and /resource_filters tells it.
// Administrators may filter by any column. Source: cinder's etc/cinder/resource_filters.json; the gates are from its version history.
import type { Gate } from './microversions.js';

export type UserFilters = Readonly<Record<string, Gate | null>>;

export const resourceFilters = {
  volume: {
    name: null,
    status: null,
    metadata: null,
    bootable: null,
    migration_status: null,
    availability_zone: null,
    group_id: 'volume-filter-group',
    size: null,
    created_at: 'time-filters',
    updated_at: 'time-filters',
    consumes_quota: 'consumes-quota',
  },
  backup: { name: null, status: null, volume_id: null },
  snapshot: {
    name: null,
    status: null,
    volume_id: null,
    metadata: 'snapshot-filter-metadata',
    availability_zone: null,
    consumes_quota: 'consumes-quota',
  },
  group: { name: null },
  group_snapshot: { name: null, status: null, group_id: null },
  attachment: { volume_id: null, status: null, instance_id: null, attach_status: null },
  message: { resource_uuid: null, resource_type: null, event_id: null, request_id: null, message_level: null },
  pool: { name: 'pool-filters', volume_type: 'pool-filter-type' },
  volume_type: { is_public: null, extra_specs: 'type-filter-extra-specs' },
} as const satisfies Record<string, UserFilters>;
