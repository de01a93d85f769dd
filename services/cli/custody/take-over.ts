// Takes over what lies on a share, in the steps that an adoption and a rebuild share: scan, plan, and, when asked to, record in batches. What
// was found and done comes back as data; how it is printed is decided elsewhere.
import type { components } from '../../../api-spec/generated/admin.js';
import { CliError } from '../cli-error.js';
import type { Session } from '../session.js';
import { waitForStatus } from '../wait/wait-for-status.js';
import type { GivenVolume } from './adoption-map.js';

type Schemas = components['schemas'];
export type PlannedVolume = Schemas['SharePlan']['volumes'][number];
export type ShareFinding = Schemas['ShareFinding'];

export interface TakeOverWish {
  readonly pool: string;
  readonly map: ReadonlyMap<string, GivenVolume>;
  readonly apply: boolean;
  readonly useRecords: boolean;
  readonly projectId: string | undefined;
  readonly userId: string | undefined;
  readonly type: string | undefined;
  readonly baseFormat: 'raw' | 'qcow2' | undefined;
  readonly timeoutMs: number;
}

export interface TakeOver {
  readonly pool: string;
  readonly entries: number;
  readonly totals: Schemas['SharePlan']['totals'];
  readonly volumes: readonly PlannedVolume[];
  readonly findings: readonly ShareFinding[];
  /** What was recorded or, without `apply`, would be. */
  readonly recorded: readonly string[];
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
  readonly applied: boolean;
}

const PAGE = 1000;
/** The API takes 1,000 keys and 112 KiB in one body. */
const BATCH_VOLUMES = 100;
const BATCH_KEYS = 800;
const BATCH_BYTES = 80_000;

export async function takeOver(session: Session, wish: TakeOverWish): Promise<TakeOver> {
  const scan = await scanShare(session, wish);
  const path = { scan_id: scan.id };
  const volumes: PlannedVolume[] = [];
  let totals: Schemas['SharePlan']['totals'] | null = null;
  do {
    const query = { limit: PAGE, offset: volumes.length, base_format: wish.baseFormat };
    const { share_plan: plan } = await session.admin.get('/v1/share-scans/{scan_id}/plan', { path, query });
    totals = plan.totals;
    volumes.push(...plan.volumes);
    if (plan.volumes.length === 0) break;
  } while (volumes.length < totals.volumes);
  const findings = await listFindings(session, scan.id, wish);
  // A format that only the map knows makes more volumes possible than the plan says.
  const planned = new Set(volumes.map(({ id }) => id));
  const refusedIds = new Set(
    findings.flatMap(({ volume_id: id, severity }) => (severity === 'error' && id !== null ? [id] : [])),
  );
  const said = [...wish.map.values()].filter(
    ({ file_id: id, format }) => format !== undefined && !planned.has(id) && refusedIds.has(id),
  );
  const given = [...volumes.map(({ id }) => wish.map.get(id) ?? { file_id: id }), ...said];
  const recorded: string[] = [];
  const refused: { id: string; reason: string }[] = [];
  for (const batch of inBatches(given)) {
    const body = { recording: recordingOf(wish, batch) };
    const { recording } = await session.admin.post('/v1/share-scans/{scan_id}/recordings', { path, body });
    recorded.push(...recording.recorded);
    refused.push(...recording.refused);
    session.progress.show(`${wish.pool}: ${recorded.length} of ${given.length} volumes`);
  }
  session.progress.clear();
  return { pool: wish.pool, entries: scan.entries, totals, volumes, findings, recorded, refused, applied: wish.apply };
}

async function scanShare(
  session: Session,
  { pool, timeoutMs }: TakeOverWish,
): Promise<Schemas['ShareScanAnswer']['share_scan']> {
  const { share_scan: begun } = await session.admin.post('/v1/share-scans', { body: { share_scan: { pool } } });
  const seen = await waitForStatus(
    {
      what: `scan of ${pool}`,
      look: async () => {
        const path = { scan_id: begun.id };
        const { share_scan: scan } = await session.admin.get('/v1/share-scans/{scan_id}', { path });
        return { status: scan.state, scan };
      },
      done: ({ status }) => status !== 'running',
      pending: () => true,
      timeoutMs,
    },
    session.progress,
  );
  if (seen === null) throw new CliError(`The scan of ${pool} is gone: somebody has begun another one.`);
  const { error } = seen.scan;
  if (error !== null) throw new CliError(`The scan of ${pool} has failed: ${error.message}`, error.recovery);
  return seen.scan;
}

async function listFindings(session: Session, scanId: string, { baseFormat }: TakeOverWish): Promise<ShareFinding[]> {
  const found: ShareFinding[] = [];
  for (;;) {
    const query = { limit: PAGE, offset: found.length, base_format: baseFormat };
    const path = { scan_id: scanId };
    const { findings, total } = await session.admin.get('/v1/share-scans/{scan_id}/findings', { path, query });
    found.push(...findings);
    if (findings.length === 0 || found.length >= total) return found;
  }
}

function recordingOf(wish: TakeOverWish, volumes: readonly GivenVolume[]): Schemas['Recording'] {
  return {
    apply: wish.apply,
    use_records: wish.useRecords,
    ...(wish.projectId === undefined ? {} : { project_id: wish.projectId }),
    ...(wish.userId === undefined ? {} : { user_id: wish.userId }),
    ...(wish.type === undefined ? {} : { volume_type: wish.type }),
    ...(wish.baseFormat === undefined ? {} : { base_format: wish.baseFormat }),
    volumes: [...volumes] as Schemas['Recording']['volumes'],
  };
}

export function* inBatches(volumes: readonly GivenVolume[]): Generator<GivenVolume[]> {
  let batch: GivenVolume[] = [];
  let [keys, bytes] = [0, 0];
  for (const volume of volumes) {
    const json = JSON.stringify(volume);
    const [more, size] = [json.split('":').length, Buffer.byteLength(json)];
    if (batch.length > 0 && (batch.length >= BATCH_VOLUMES || keys + more > BATCH_KEYS || bytes + size > BATCH_BYTES)) {
      yield batch;
      batch = [];
      [keys, bytes] = [0, 0];
    }
    batch.push(volume);
    keys += more;
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
