// How scans, plans and findings look to administrators. Pure.
import type { components } from '../../../api-spec/generated/admin.js';
import type { ScanRecord } from '../../core/db/custody/scans.js';
import type { Finding } from '../../core/domain/custody/findings.js';
import type { SharePlan } from '../../core/domain/custody/plan-share.js';
import type { ReadVolume } from '../../core/domain/custody/plan-volume.js';
import { errorCodes, isErrorCode } from '../../core/domain/errors.js';
import { naiveTime, naiveTimeOrNull } from '../block-storage/naive-time.js';

type Schemas = components['schemas'];

export function viewScan(scan: ScanRecord): Schemas['ShareScanAnswer']['share_scan'] {
  const { error } = scan;
  return {
    id: scan.id,
    pool: scan.pool,
    state: scan.state,
    entries: scan.entries,
    error:
      error === null
        ? null
        : {
            code: error.code,
            message: error.message,
            recovery: errorCodes[isErrorCode(error.code) ? error.code : 'internal'].recovery,
          },
    created_at: naiveTime(scan.created_at),
    finished_at: naiveTimeOrNull(scan.finished_at),
  };
}

export function viewFinding({ code, severity, volumeId, files, text, cure }: Finding): Schemas['ShareFinding'] {
  return { code, severity, volume_id: volumeId, files: [...files], text, cure };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function viewVolume(volume: ReadVolume): Schemas['SharePlan']['volumes'][number] {
  const { chain, record } = volume;
  return {
    id: volume.volumeId,
    size_gib: volume.sizeGib,
    virtual_size_bytes: volume.virtualSizeBytes,
    base_format: chain[0]?.format ?? 'raw',
    evidence: volume.evidence,
    active_file: chain.at(-1)?.file ?? '',
    layers: chain.length,
    snapshot_ids: chain.flatMap(({ snapshotId }) => (snapshotId === null ? [] : [snapshotId])),
    backing_volume_id: volume.backing?.volumeId ?? null,
    has_record: record !== null,
    name: textOf(record?.volume['name']),
    project_id: textOf(record?.volume['project_id']),
  };
}

export function viewPlan(
  plan: SharePlan,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Schemas['SharePlan'] {
  const count = (severity: Finding['severity']) => plan.findings.filter((one) => one.severity === severity).length;
  return {
    totals: {
      volumes: plan.fresh.length,
      snapshots: plan.fresh.reduce((sum, { chain }) => sum + chain.length - 1, 0),
      gib: plan.fresh.reduce((sum, { sizeGib }) => sum + sizeGib, 0),
      known: plan.known.length,
      refused: plan.refused.length,
      errors: count('error'),
      warnings: count('warning'),
    },
    volumes: plan.fresh.slice(offset, offset + limit).map(viewVolume),
  };
}
