// Attachments as the API shows them, and the connection that a hypervisor needs to open the volume's files.

import type { AttachmentStatus } from '../../domain/attachment.js';
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { Executor, Transaction } from '../connection.js';
import { type FrontEndQos, frontEndQos } from './front-end-qos.js';
import { type Collection, listPage, type PageQuery } from './listing.js';
import { queryPrepared } from './prepared.js';

/** A closed list: what opens the files, and nothing of the backend's secrets. */
export interface Connection {
  readonly driver_volume_type: 'glusterfs';
  /** `server:/glusterVolume` */
  readonly export: string;
  /** The active image file. */
  readonly name: string;
  readonly options: string | null;
  readonly format: 'raw' | 'qcow2';
  readonly access_mode: 'rw' | 'ro';
  readonly encrypted: boolean;
  /** What the hypervisor is to limit; null when the volume's type tells it nothing. */
  readonly qos_specs: FrontEndQos | null;
  readonly cacheable: false;
  readonly enforce_multipath: false;
}

export interface AttachmentRecord {
  readonly id: string;
  readonly volume_id: string;
  readonly project_id: string;
  readonly instance_uuid: string | null;
  /** A server of ours holds it: only the compute API may end it. */
  readonly managed_server_id: string | null;
  readonly attached_host: string | null;
  readonly attach_mode: string | null;
  readonly status: AttachmentStatus;
  readonly connection_info: Connection | Record<string, never>;
  readonly attached_at: string | null;
  readonly detached_at: string | null;
}

const fields = `v.id, v.volume_id, v.project_id, v.instance_uuid, v.managed_server_id, v.attached_host, v.attach_mode, v.status,
  v.connection_info, v.attached_at, v.detached_at`;

export const attachmentCollection: Collection = {
  from: 'from attachments v',
  always: 'true',
  noun: 'Volume attachment',
  columns: {
    id: { sql: 'v.id', type: 'uuid' },
    volume_id: { sql: 'v.volume_id', type: 'uuid' },
    instance_id: { sql: 'v.instance_uuid', type: 'uuid' },
    instance_uuid: { sql: 'v.instance_uuid', type: 'uuid' },
    status: { sql: 'v.status', type: 'text' },
    attach_status: { sql: 'v.status', type: 'text' },
    attach_mode: { sql: 'v.attach_mode', type: 'text' },
    attached_host: { sql: 'v.attached_host', type: 'text' },
    attached_at: { sql: 'v.attached_at', type: 'time' },
    project_id: { sql: 'v.project_id', type: 'text' },
    created_at: { sql: 'v.created_at', type: 'time' },
    updated_at: { sql: 'v.updated_at', type: 'time' },
  },
};

export function listAttachments(db: Executor, page: PageQuery): Promise<AttachmentRecord[]> {
  return listPage<AttachmentRecord>(db, attachmentCollection, fields, page);
}

export function attachmentNotFound(id: string): ServiceError {
  return new ServiceError(
    'not_found',
    `Volume attachment could not be found with filter: attachment_id = ${id.slice(0, 64)}.`,
  );
}

/** Throws `not_found`, also for another project's (null: any project). */
export async function loadAttachment(db: Executor, id: string, projectId: string | null): Promise<AttachmentRecord> {
  if (!isUuid(id)) throw attachmentNotFound(id);
  const rows = await queryPrepared<AttachmentRecord>(
    db,
    'attachment-show',
    `select ${fields} from attachments v where v.id = ?::uuid and (?::text is null or v.project_id = ?::text)`,
    [id, projectId, projectId],
  );
  const row = rows[0];
  if (row === undefined) throw attachmentNotFound(id);
  return row;
}

/** The volume's attachments, locked, oldest first. The volume's row must be locked already. */
export async function lockAttachments(tx: Transaction, volumeId: string): Promise<AttachmentRecord[]> {
  return tx('attachments').where({ volume_id: volumeId }).orderBy(['created_at', 'id']).forUpdate().select('*');
}

interface PlaceRow {
  readonly share: string;
  readonly options: string | null;
  readonly file: string;
  readonly format: 'raw' | 'qcow2';
  readonly encrypted: boolean;
  readonly readonly: string | null;
  readonly size_gib: number;
  readonly qos: Readonly<Record<string, string | null>> | null;
}

/** How to open the volume now; the file name follows every snapshot. Throws `volume_state` when the volume has no files. */
export async function loadConnection(db: Executor, volumeId: string, mode: 'rw' | 'ro'): Promise<Connection> {
  const rows = await queryPrepared<PlaceRow>(
    db,
    'volume-connection',
    `select p.access->>'share' as share, p.access->>'mountOptions' as options, l.file, l.format, v.encrypted,
       lower(v.admin_metadata->>'readonly') as readonly, v.size_gib, q.specs as qos
     from volumes v join pools p on p.name = v.host join chain_layers l on l.volume_id = v.id
       left join volume_types t on t.id = v.volume_type_id
       left join qos_specs q on q.id = t.qos_specs_id and q.consumer in ('front-end', 'both')
     where v.id = ?::uuid order by l.position desc limit 1`,
    [volumeId],
  );
  const row = rows[0];
  if (row === undefined)
    throw new ServiceError('volume_state', `Invalid volume: Volume ${volumeId} has no data to attach.`);
  return {
    driver_volume_type: 'glusterfs',
    export: row.share,
    name: row.file,
    options: row.options,
    format: row.format,
    access_mode: row.readonly === 'true' ? 'ro' : mode,
    encrypted: row.encrypted,
    qos_specs: row.qos === null ? null : frontEndQos(row.qos, row.size_gib),
    cacheable: false,
    enforce_multipath: false,
  };
}
