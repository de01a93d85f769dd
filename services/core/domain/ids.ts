// Branded identifiers, so that a snapshot id can never be passed where a volume id is wanted.
// All are lower-case UUIDs with dashes, except ProjectId and UserId (32 hex digits, as Keystone issues them).
import { randomUUID } from 'node:crypto';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type VolumeId = Branded<'VolumeId'>;
export type SnapshotId = Branded<'SnapshotId'>;
export type AttachmentId = Branded<'AttachmentId'>;
export type ServerId = Branded<'ServerId'>;
export type OperationId = Branded<'OperationId'>;
export type VolumeTypeId = Branded<'VolumeTypeId'>;
export type ProjectId = Branded<'ProjectId'>;
export type UserId = Branded<'UserId'>;

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A fresh random (version 4) identifier of the wanted brand. */
export function newId<T extends string>(): T {
  return randomUUID() as T;
}

/** True for a canonical lower-case UUID with dashes. */
export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && uuidPattern.test(value);
}

/**
 * Accepts what OpenStack calls "uuid-like" (any case, with or without dashes) and returns the canonical form,
 * or null when the text is no UUID.
 */
export function tryCanonicalUuid(value: string): string | null {
  const hex = value.toLowerCase().replace(/-/g, '');
  if (!/^[0-9a-f]{32}$/.test(hex)) return null;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
