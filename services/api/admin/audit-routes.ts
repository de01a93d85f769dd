// What the audit has found, and when it has looked last. The conductors look; here are only their rows.
import type { components } from '../../../api-spec/generated/admin.js';
import { type FindingRow, listFindings } from '../../core/db/audit/findings.js';
import { loadAuditTimes } from '../../core/db/audit/rounds.js';
import { listCoverage, type ShareCoverage } from '../../core/db/audit/share-looks.js';
import { auditRules } from '../../core/domain/audit-rules.js';
import { naiveTime, naiveTimeOrNull } from '../block-storage/naive-time.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { AdminApi } from './admin-api.js';

type Schemas = components['schemas'];

function viewFinding(row: FindingRow): Schemas['AuditFinding'] {
  // Of a rule that a later release knows, as long as both run.
  const rule = auditRules.get(row.rule);
  return {
    ...{ rule: row.rule, kind: row.kind, id: row.id, text: row.text, repairs: row.repairs },
    severity: rule?.severity ?? 'warning',
    file: row.file === '' ? null : row.file,
    pool: row.pool,
    compute_host: row.compute_host,
    compares: rule?.compares ?? '',
    cure: rule?.cure ?? '',
    first_seen: naiveTime(row.first_seen),
    last_seen: naiveTime(row.last_seen),
    repaired_at: naiveTimeOrNull(row.repaired_at),
  };
}

function viewShare({
  pool,
  whole_at,
  whole_seconds,
  whole_entries,
}: ShareCoverage): Schemas['Audit']['shares'][number] {
  return { pool, whole_at: naiveTimeOrNull(whole_at), whole_seconds, entries: whole_entries };
}

export function auditRoutes({ database }: AdminApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/audit',
      operationId: 'adminShowAudit',
      policy: 'audit:show',
      success: 200,
      async handler(_context, { query }) {
        const times = await loadAuditTimes(database);
        const audit: Schemas['Audit'] = {
          complete_at: naiveTimeOrNull(times.complete_at),
          age_seconds: times.age_seconds,
          took_seconds: times.took_seconds,
          shares: (await listCoverage(database)).map(viewShare),
          findings: (await listFindings(database, parseBoolean('repaired', query.get('repaired') ?? false))).map(
            viewFinding,
          ),
        };
        return { body: { audit } };
      },
    }),
  ];
}
