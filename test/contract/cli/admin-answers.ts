// Answers of the example cloud for the administration API. They keep no state.
import type { CloudAnswer, SeenRequest } from './recording-cloud.js';
import { projectId, userId } from './recording-cloud.js';
import * as sample from './sample-resources.js';

const time = '2026-11-21T01:32:34.230344';
const ok = (body: unknown) => (): CloudAnswer => ({ status: 200, body });

const operation = {
  id: sample.ids.operation,
  type: 'snapshot-delete',
  state: 'running',
  step: 'commit-layer',
  phase: 'do',
  progress: 42.5,
  tries: 0,
  age_seconds: 75,
  created_at: time,
  updated_at: time,
  finished_at: null,
  project_id: projectId,
  user_id: userId,
  request_id: 'req-00000000-0000-4000-8000-000000000000',
  resources: [{ type: 'volume', id: sample.ids.volume }],
  error: null,
  advice: null,
};
const operationDetail = {
  ...operation,
  params: { volumeId: sample.ids.volume },
  steps: [{ name: 'commit-layer', asked: true, done: false }],
  outputs: {},
  locks: [{ resource: `volume:${sample.ids.volume}`, mode: 'chain', held: true }],
  waits_for: [],
  queue: 'commands.volume.store1@gluster',
  wake_at: time,
};

const base = `volume-${sample.ids.volume}`;
const layer = {
  file: base,
  format: 'qcow2',
  virtual_size_bytes: 2 ** 30,
  allocated_bytes: 196_608,
  volume_id: sample.ids.volume,
  foreign: false,
  active: false,
  snapshot: null,
  dependants: [],
};
const chain = {
  volume: {
    id: sample.ids.volume,
    name: 'data',
    status: 'available',
    size_gib: 1,
    project_id: projectId,
    host: 'h@b#p',
  },
  layers: [
    layer,
    {
      ...{ ...layer, file: `${base}.${sample.ids.snapshot}`, active: true },
      snapshot: { id: sample.ids.snapshot, name: 'before-upgrade', status: 'available' },
    },
  ],
  attachments: [],
  operations: [],
  measured_at: time,
  flatten: null,
};
const flatten = {
  backing_volume_id: sample.ids.volume,
  requested_at: time,
  not_before: null,
  failures: 0,
  error: null,
};
const orphan = {
  ...{ file: `${base}.tmp`, size_bytes: 2 ** 30, allocated_bytes: 196_608, modified_at: time, format: 'qcow2' },
  ...{ volume_id: sample.ids.volume, removable: true, kept_because: null },
};
const check = {
  operation_id: sample.ids.operation,
  volume_id: sample.ids.volume,
  state: 'done',
  witnesses: ['files'],
  findings: [],
  error: null,
  created_at: time,
  finished_at: time,
};

const pool = {
  name: 'store1@gluster#10.0.0.1:/vols',
  host: 'store1@gluster',
  share: '10.0.0.1:/vols',
  availability_zone: 'nova',
  state: 'up',
  retired: false,
  alive: true,
  servers: [{ host: '10.0.0.1', port: 24007 }],
  total_bytes: 1024 ** 4,
  free_bytes: 1024 ** 4 / 2,
  promised_gib: 100,
  volumes: 3,
  maintenance: null,
  findings: [{ code: 'heal.pending', severity: 'warning', text: '3 entries of vols wait to be healed', cure: 'wait' }],
  updated_at: time,
};

const audit = {
  complete_at: time,
  age_seconds: 12.5,
  took_seconds: 14.5,
  shares: [{ pool: pool.name, whole_at: time, whole_seconds: 1.5, entries: 9 }],
  findings: [
    {
      rule: 'promise-differs',
      severity: 'warning',
      kind: 'pool',
      id: pool.name,
      file: null,
      pool: null,
      compute_host: null,
      text: '107 GiB are promised, its volumes have 100 GiB',
      compares: 'what a pool has promised, with the sizes of its volumes',
      cure: 'nothing: the figure is derived',
      first_seen: time,
      last_seen: time,
      repaired_at: time,
      repairs: 1,
    },
  ],
};

const shareScan = {
  id: sample.ids.operation,
  pool: pool.name,
  state: 'done',
  entries: 3,
  error: null,
  created_at: time,
  finished_at: time,
};
const sharePlan = {
  totals: { volumes: 1, snapshots: 1, gib: 1, known: 0, refused: 0, errors: 0, warnings: 1 },
  volumes: [
    {
      id: sample.ids.volume,
      size_gib: 1,
      virtual_size_bytes: 2 ** 30,
      base_format: 'raw',
      evidence: 'overlay',
      active_file: `${base}.${sample.ids.snapshot}`,
      layers: 2,
      snapshot_ids: [sample.ids.snapshot],
      backing_volume_id: null,
      has_record: false,
      name: null,
      project_id: null,
    },
  ],
};
const shareFinding = {
  code: 'orphan-overlay',
  severity: 'warning',
  volume_id: sample.ids.server,
  files: [`volume-${sample.ids.server}`],
  text: 'the .info names a file that is not on the share',
  cure: 'bring the file back from a backup',
};

export function adminAnswers(): Record<string, (request: SeenRequest) => CloudAnswer> {
  return {
    adminListVersions: () => ({ status: 300, body: { versions: [] } }),
    adminListOperations: ok({ operations: [operation] }),
    adminCancelOperation: () => ({ status: 202 }),
    adminFlattenVolume: () => ({ status: 202, body: { flatten } }),
    adminExportVolume: () => ({
      status: 202,
      body: {
        volume_export: {
          ...{
            operation_id: sample.ids.operation,
            directory: 'leave-today',
            file: base,
            format: 'qcow2',
            copied: false,
          },
        },
      },
    }),
    adminListOrphans: ok({ orphans: [orphan], total: 1 }),
    adminShowChain: ok({ chain }),
    adminCheckChains: (request) => ({
      status: 202,
      body: {
        chain_checks: (request.body as { volume_ids: string[] }).volume_ids.map((id) => ({
          volume_id: id,
          operation_id: sample.ids.operation,
          refusal: null,
        })),
      },
    }),
    adminShowChainCheck: ok({ chain_check: check }),
    adminCreateShareScan: () => ({
      status: 202,
      body: { share_scan: { ...shareScan, state: 'running', finished_at: null } },
    }),
    adminShowShareScan: ok({ share_scan: shareScan }),
    adminShowSharePlan: ok({ share_plan: sharePlan }),
    adminListShareFindings: ok({ findings: [shareFinding], total: 1 }),
    adminRecordVolumes: ok({ recording: { recorded: [sample.ids.volume], known: [], refused: [] } }),
    adminShowOperation: ok({ operation: operationDetail }),
    adminShowAudit: ok({ audit }),
    adminListPools: ok({ pools: [pool] }),
    adminShowPool: ok({ pool, evacuation: null }),
    adminMaintainPool: ok({ pool, evacuation: null }),
    adminResumePool: () => ({ status: 204 }),
  };
}
