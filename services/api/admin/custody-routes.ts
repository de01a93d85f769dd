// Custody: scans of shares, what they have found, and recording it. The same routes serve an adoption and a rebuild.
import type { components } from '../../../api-spec/generated/admin.js';
import { loadPlan } from '../../core/db/custody/load-plan.js';
import { type RecordWish, recordVolumes } from '../../core/db/custody/record-volumes.js';
import { beginScan, loadScan } from '../../core/db/custody/scans.js';
import type { LayerFormat } from '../../core/domain/chain.js';
import type { SharePlan } from '../../core/domain/custody/plan-share.js';
import { ServiceError } from '../../core/domain/errors.js';
import { requesterOf } from '../block-storage/block-storage-api.js';
import { parsePaging } from '../shell/paging.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { AdminApi } from './admin-api.js';
import { viewFinding, viewPlan, viewScan } from './custody-view.js';

type Schemas = components['schemas'];

function parseBaseFormat(query: URLSearchParams): LayerFormat | null {
  const text = query.get('base_format');
  if (text === null || text === 'raw' || text === 'qcow2') return text;
  throw new ServiceError('bad_request', 'base_format must be raw or qcow2.');
}

async function planOf({ database }: AdminApi, scanId: string, query: URLSearchParams): Promise<SharePlan> {
  const said = { all: parseBaseFormat(query), byVolume: new Map<string, LayerFormat>() };
  return loadPlan(database, await loadScan(database, scanId), said);
}

function wishOf(scanId: string, recording: Schemas['Recording'], requestId: string): RecordWish {
  return {
    scanId,
    requestId,
    apply: recording.apply,
    useRecords: recording.use_records ?? false,
    projectId: recording.project_id ?? null,
    userId: recording.user_id ?? null,
    type: recording.volume_type ?? null,
    baseFormat: recording.base_format ?? null,
    volumes: recording.volumes.map((one) => ({
      fileId: one.file_id,
      id: one.id,
      projectId: one.project_id,
      userId: one.user_id,
      name: one.name,
      description: one.description,
      type: one.volume_type,
      availabilityZone: one.availability_zone,
      bootable: one.bootable,
      metadata: one.metadata,
      createdAt: one.created_at,
      format: one.format,
      attached: one.attached,
      encrypted: one.encrypted,
      snapshots: one.snapshots?.map(({ created_at: createdAt, ...rest }) => ({ ...rest, createdAt })),
    })),
  };
}

export function custodyRoutes(api: AdminApi): Route[] {
  const { database } = api;
  return [
    defineRoute<{ readonly share_scan: { readonly pool: string } }>({
      method: 'POST',
      path: '/v1/share-scans',
      operationId: 'adminCreateShareScan',
      policy: 'custody:scan',
      success: 202,
      async handler(context, { body }) {
        const id = await beginScan(database, body.share_scan.pool, requesterOf(context));
        return { body: { share_scan: viewScan(await loadScan(database, id)) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/share-scans/{scan_id}',
      operationId: 'adminShowShareScan',
      policy: 'custody:show',
      success: 200,
      async handler(_context, { param }) {
        return { body: { share_scan: viewScan(await loadScan(database, param('scan_id'))) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/share-scans/{scan_id}/plan',
      operationId: 'adminShowSharePlan',
      policy: 'custody:show',
      success: 200,
      async handler(_context, { param, query }) {
        const page = parsePaging(query);
        return { body: { share_plan: viewPlan(await planOf(api, param('scan_id'), query), page) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/share-scans/{scan_id}/findings',
      operationId: 'adminListShareFindings',
      policy: 'custody:show',
      success: 200,
      async handler(_context, { param, query }) {
        const { offset, limit } = parsePaging(query);
        const { findings } = await planOf(api, param('scan_id'), query);
        const page = findings.slice(offset, offset + limit).map(viewFinding);
        return { body: { findings: page, total: findings.length } };
      },
    }),
    defineRoute<{ readonly recording: Schemas['Recording'] }>({
      method: 'POST',
      path: '/v1/share-scans/{scan_id}/recordings',
      operationId: 'adminRecordVolumes',
      policy: 'custody:record',
      success: 200,
      async handler(context, { param, body }) {
        const wish = wishOf(param('scan_id'), body.recording, requesterOf(context).requestId);
        const { recorded, known, refused } = await recordVolumes(database, wish);
        return { body: { recording: { recorded, known, refused } } };
      },
    }),
  ];
}
