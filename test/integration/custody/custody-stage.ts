// A stage of directories on which shares are scanned and what they hold is recorded, without HTTP; contents are compared as guests read them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { loadPlan, nothingSaid, type SaidFormats } from '../../../services/core/db/custody/load-plan.js';
import { type Recorded, type RecordWish, recordVolumes } from '../../../services/core/db/custody/record-volumes.js';
import { beginScan, loadScan } from '../../../services/core/db/custody/scans.js';
import type { SharePlan } from '../../../services/core/domain/custody/plan-share.js';
import type { Backend, DirectoryStage } from '../engine/directory-stage.js';

export const who = { projectId: 'a'.repeat(32), userId: 'b'.repeat(32), requestId: 'req-custody' };

/** Scans to the end; the scan's id. */
export async function scan(stage: DirectoryStage, backend: Backend = 'plain'): Promise<string> {
  const id = await beginScan(stage.db, stage.pool(backend), who);
  while ((await stage.step()) !== null);
  const record = await loadScan(stage.db, id);
  assert.equal(record.state, 'done', JSON.stringify(record.error));
  return id;
}

export async function planOf(
  stage: DirectoryStage,
  scanId: string,
  said: SaidFormats = nothingSaid,
): Promise<SharePlan> {
  return loadPlan(stage.db, await loadScan(stage.db, scanId), said);
}

/** Records everything that can be recorded, in batches of a hundred. */
export async function recordAll(
  stage: DirectoryStage,
  scanId: string,
  wish: Partial<RecordWish> = {},
): Promise<{ recorded: number; refused: Recorded['refused'] }> {
  const { fresh } = await planOf(stage, scanId);
  const refused: Recorded['refused'][number][] = [];
  let recorded = 0;
  for (let start = 0; start < fresh.length; start += 100) {
    const answer = await recordVolumes(stage.db, {
      scanId,
      apply: true,
      volumes: fresh.slice(start, start + 100).map(({ volumeId }) => ({ fileId: volumeId })),
      projectId: who.projectId,
      userId: who.userId,
      type: null,
      baseFormat: null,
      useRecords: false,
      requestId: who.requestId,
      ...wish,
    });
    recorded += answer.recorded.length;
    refused.push(...answer.refused);
  }
  while ((await stage.step()) !== null);
  return { recorded, refused };
}

/** SHA-256 of the disk as a guest reads it through this file. */
export function contentOf(directory: string, file: string, format: string): string {
  const flat = path.join(directory, `.content-${process.pid}`);
  execFileSync('qemu-img', ['convert', '-U', '-f', format, '-O', 'raw', path.join(directory, file), flat]);
  try {
    return execFileSync('sha256sum', ['--zero', flat], { encoding: 'utf8' }).slice(0, 64);
  } finally {
    rmSync(flat);
  }
}
