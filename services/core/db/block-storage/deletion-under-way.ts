// Whether a resource that shows `deleting` is really being deleted: an administrator may have set the word by hand (os-reset_status), and
// then nothing but a forced deletion ends it.
import type { Executor } from '../connection.js';

const kinds = {
  'volume-delete': 'volumeId',
  'snapshot-delete': 'snapshotId',
  'image-delete': 'volumeId',
} as const;

/** True while an operation of this type is responsible for the resource. */
export async function deletionUnderWay(db: Executor, type: keyof typeof kinds, id: string): Promise<boolean> {
  const found: { id: string } | undefined = await db('operations')
    .where({ type })
    .whereIn('state', ['pending', 'running', 'undoing', 'stuck'])
    .whereRaw('params->>? = ?', [kinds[type], id])
    .first('id');
  return found !== undefined;
}
