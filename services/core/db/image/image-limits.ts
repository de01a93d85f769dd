// How much data images have, and whether there is room for more.
import { ServiceError } from '../../domain/errors.js';
import { GIB } from '../../domain/size.js';
import type { Executor, Transaction } from '../connection.js';
import { imageLimitSettings } from '../image-limit-settings.js';

export interface ImageUsage {
  /** Bytes that are there; what is being uploaded counts by what was promised to it. */
  readonly bytes: number;
  readonly images: number;
  readonly uploading: number;
}

export async function loadImageUsage(db: Executor, projectId: string): Promise<ImageUsage> {
  const { rows } = (await db.raw(
    `select count(*)::int as images, count(*) filter (where i.status = 'saving')::int as uploading,
       coalesce(sum(case when i.status = 'saving' then v.size_gib::bigint * ${GIB} else i.size end), 0)::bigint as bytes
     from images i left join volumes v on v.id = i.volume_id
     where i.project_id = ? and i.status <> 'pending_delete'`,
    [projectId],
  )) as { rows: [ImageUsage] };
  return rows[0];
}

/**
 * How many bytes the project may send now. Throws `over_quota` when it may send none, or not as many as announced (null: not announced).
 * Two uploads of one project are counted one after the other.
 */
export async function demandImageRoom(tx: Transaction, projectId: string, announced: number | null): Promise<number> {
  const { maxBytes, projectBytes } = imageLimitSettings(tx);
  if (announced !== null && announced > maxBytes) throw tooLarge(maxBytes);
  if (projectBytes < 0) return maxBytes;
  await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 4))', [`image-quota:${projectId}`]);
  const left = projectBytes - (await loadImageUsage(tx, projectId)).bytes;
  if (left <= 0 || (announced !== null && announced > left)) {
    throw new ServiceError(
      'over_quota',
      `Image exceeds the storage quota: ${Math.max(0, left)} of ${projectBytes} bytes are left to the project.`,
    );
  }
  return Math.min(maxBytes, left);
}

export function tooLarge(maxBytes: number): ServiceError {
  return new ServiceError('body_too_large', `The incoming image is too large: more than ${maxBytes} bytes.`);
}
