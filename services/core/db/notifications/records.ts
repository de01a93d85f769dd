// Volume types and QoS specs as Cinder's notifications show them: its rows as dicts (cinder/db/sqlalchemy/api.py, cinder/objects).
import { isUuid } from '../../domain/ids.js';
import type { Transaction } from '../connection.js';

export interface ToldType {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly is_public: boolean;
  readonly extra_specs: Readonly<Record<string, string>>;
  readonly qos_specs_id: string | null;
  /** Projects with access to a private type. */
  readonly projects: readonly string[];
  readonly created_at: string;
  readonly updated_at: string | null;
  readonly deleted: boolean;
  readonly deleted_at: string | null;
}

export async function loadToldType(tx: Transaction, id: string): Promise<ToldType | null> {
  if (!isUuid(id)) return null;
  const { rows } = (await tx.raw(
    `select t.id, t.name, t.description, t.is_public, t.extra_specs, t.qos_specs_id, t.created_at, t.updated_at,
       array(select a.project_id from volume_type_access a where a.volume_type_id = t.id order by 1) as projects,
       false as deleted, null as deleted_at
     from volume_types t where t.id = ?`,
    [id],
  )) as { rows: ToldType[] };
  return rows[0] ?? null;
}

export interface ToldQos {
  readonly id: string;
  readonly name: string;
  readonly specs: Readonly<Record<string, string>>;
  readonly created_at: string;
  readonly updated_at: string | null;
}

export async function loadToldQos(tx: Transaction, id: string): Promise<ToldQos | null> {
  if (!isUuid(id)) return null;
  const row: ToldQos | undefined = await tx('qos_specs')
    .where({ id })
    .first('id', 'name', 'specs', 'created_at', 'updated_at');
  return row ?? null;
}
