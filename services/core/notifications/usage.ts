// Payloads of events about volumes and snapshots, key for key those of Cinder's `_usage_from_volume` and `_usage_from_snapshot`
// (cinder/volume/volume_utils.py). Pure. Of an attachment, Cinder's rows also hold the connector and the connection; they tell how to
// reach a disk and stay with us.

export interface AttachmentUsage {
  readonly id: string;
  readonly instanceUuid: string | null;
  readonly attachedHost: string | null;
  readonly mountpoint: string | null;
  readonly attachMode: string | null;
  readonly status: string;
  /** Naive UTC, as all times here. */
  readonly attachedAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string | null;
}

export interface VolumeUsage {
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  /** The pool's name; null until placed. */
  readonly host: string | null;
  readonly zone: string | null;
  readonly typeId: string | null;
  readonly name: string | null;
  readonly launchedAt: string | null;
  readonly createdAt: string;
  readonly status: string;
  readonly snapshotId: string | null;
  readonly sizeGib: number;
  readonly replicationStatus: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly imageMetadata: Readonly<Record<string, string>>;
  readonly attachments: readonly AttachmentUsage[];
  readonly now: string;
}

/** Aware ISO format of Python's datetime, without fractions: `2026-11-21T10:00:00+00:00`. */
function isoformat(naive: string): string {
  return `${naive.replace(' ', 'T').slice(0, 19)}+00:00`;
}

const orNull = (naive: string | null): string | null => (naive === null ? null : isoformat(naive));

function pairs(map: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(map).map(([key, value]) => ({ key, value }));
}

function attachmentUsage(volumeId: string, attachment: AttachmentUsage): object {
  return {
    id: attachment.id,
    volume_id: volumeId,
    instance_uuid: attachment.instanceUuid,
    attached_host: attachment.attachedHost,
    mountpoint: attachment.mountpoint,
    attach_mode: attachment.attachMode,
    attach_status: attachment.status,
    attach_time: orNull(attachment.attachedAt),
    detach_time: null,
    created_at: isoformat(attachment.createdAt),
    updated_at: orNull(attachment.updatedAt),
    deleted: false,
    deleted_at: null,
  };
}

/** `extra` replaces keys, as Cinder's `extra_usage_info` does. */
export function volumePayload(volume: VolumeUsage, extra: Readonly<Record<string, unknown>> = {}): object {
  const glance = pairs(volume.imageMetadata);
  return {
    tenant_id: volume.projectId,
    host: volume.host,
    user_id: volume.userId,
    availability_zone: volume.zone,
    volume_id: volume.id,
    volume_type: volume.typeId,
    display_name: volume.name,
    launched_at: isoformat(volume.launchedAt ?? volume.now),
    created_at: isoformat(volume.createdAt),
    status: volume.status,
    snapshot_id: volume.snapshotId,
    size: volume.sizeGib,
    replication_status: volume.replicationStatus,
    replication_extended_status: null,
    replication_driver_data: null,
    metadata: pairs(volume.metadata),
    ...extra,
    volume_attachment: volume.attachments.map((one) => attachmentUsage(volume.id, one)),
    ...(glance.length === 0 ? {} : { glance_metadata: glance }),
  };
}

export interface SnapshotUsage {
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly zone: string | null;
  /** Pool name of the volume; null until placed. */
  readonly host: string | null;
  readonly volumeId: string;
  readonly sizeGib: number;
  readonly name: string | null;
  readonly createdAt: string;
  readonly status: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What Python's str() makes of a dict of strings. */
function pythonDict(map: Readonly<Record<string, string>>): string {
  const quote = (text: string): string => {
    const escaped = text
      .replaceAll('\\', '\\\\')
      .replaceAll('\n', '\\n')
      .replaceAll('\r', '\\r')
      .replaceAll('\t', '\\t');
    if (!escaped.includes("'")) return `'${escaped}'`;
    return escaped.includes('"') ? `'${escaped.replaceAll("'", "\\'")}'` : `"${escaped}"`;
  };
  return `{${Object.entries(map)
    .map(([key, value]) => `${quote(key)}: ${quote(value)}`)
    .join(', ')}}`;
}

/** `deleted` and `metadata` are Python's texts, empty for False and for no metadata, as in Cinder. */
export function snapshotPayload(snapshot: SnapshotUsage, extra: Readonly<Record<string, unknown>> = {}): object {
  return {
    tenant_id: snapshot.projectId,
    user_id: snapshot.userId,
    availability_zone: snapshot.zone,
    volume_id: snapshot.volumeId,
    volume_size: snapshot.sizeGib,
    snapshot_id: snapshot.id,
    display_name: snapshot.name,
    created_at: isoformat(snapshot.createdAt),
    status: snapshot.status,
    deleted: '',
    metadata: Object.keys(snapshot.metadata).length === 0 ? '' : pythonDict(snapshot.metadata),
    ...extra,
  };
}
