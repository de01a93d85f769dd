// Open offers of volumes as the API shows them. Only the project that offers sees an offer; who accepts knows its id and key.
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { Executor } from '../connection.js';
import { type Collection, listPage, type PageQuery } from './listing.js';
import { query } from './prepared.js';

export interface TransferRecord {
  readonly id: string;
  readonly volume_id: string;
  /** Who offers. */
  readonly project_id: string;
  readonly name: string | null;
  readonly no_snapshots: boolean;
  readonly created_at: string;
}

const fields = 'v.id, v.volume_id, v.project_id, v.name, v.no_snapshots, v.created_at';

export const transferCollection: Collection = {
  from: 'from volume_transfers v',
  always: 'true',
  noun: 'Transfer',
  columns: {
    id: { sql: 'v.id', type: 'uuid' },
    volume_id: { sql: 'v.volume_id', type: 'uuid' },
    name: { sql: 'v.name', type: 'text' },
    display_name: { sql: 'v.name', type: 'text' },
    no_snapshots: { sql: 'v.no_snapshots', type: 'boolean' },
    source_project_id: { sql: 'v.project_id', type: 'text' },
    created_at: { sql: 'v.created_at', type: 'time' },
    updated_at: { sql: 'v.updated_at', type: 'time' },
  },
};

export function listTransfers(db: Executor, page: PageQuery): Promise<TransferRecord[]> {
  return listPage<TransferRecord>(db, transferCollection, fields, page);
}

export function transferNotFound(id: string): ServiceError {
  return new ServiceError('not_found', `Transfer ${id.slice(0, 64)} could not be found.`);
}

/** Throws `not_found`, also for another project's (null: any project). */
export async function loadTransfer(db: Executor, id: string, projectId: string | null): Promise<TransferRecord> {
  if (!isUuid(id)) throw transferNotFound(id);
  const rows = await query<TransferRecord>(
    db,
    `select ${fields} from volume_transfers v where v.id = ?::uuid and (?::text is null or v.project_id = ?::text)`,
    [id, projectId, projectId],
  );
  const row = rows[0];
  if (row === undefined) throw transferNotFound(id);
  return row;
}
