// admin audit: what the service has found by itself, and what to do about it.
import type { components } from '../../../../api-spec/generated/admin.js';
import type { CommandResult, CommandRow } from '../../command.js';
import type { CommandInput } from '../../command-input.js';
import { findingsText } from '../../output/findings-text.js';
import type { Session } from '../../session.js';

type Audit = components['schemas']['Audit'];
type Finding = components['schemas']['AuditFinding'];

/** Four missed periods of the usual length: nobody looks any more. */
const SILENT_SECONDS = 240;

function subjectOf({ kind, id, rule }: Finding): string {
  return id === 'more' ? `more of ${rule}` : `${kind} ${id}`;
}

function whenText({ complete_at: at, age_seconds: age, took_seconds: took }: Audit): string {
  if (at === null || age === null) return 'The audit has not looked yet.';
  const when = `The audit looked ${Math.round(age)} s ago, for ${Math.round(took ?? 0)} s.`;
  return age > SILENT_SECONDS ? `${when} It should look every minute: does a conductor run?` : when;
}

/** A share that is read in more than one round says nothing about its last part for so long. */
function sharesText({ shares }: Audit): string[] {
  return shares.flatMap(({ pool, whole_at: at, whole_seconds: seconds, entries }) => {
    if (at === null) return [`${pool}: the first pass goes on.`];
    return (seconds ?? 0) > 60
      ? [`${pool}: a whole pass of ${entries} entries takes ${Math.round(seconds ?? 0)} s.`]
      : [];
  });
}

function cureOf({ repaired_at: at, cure }: Finding): string {
  return at === null ? cure : `repaired at ${at}`;
}

function readingOf(audit: Audit, errors: number): string {
  const { findings } = audit;
  const head = [whenText(audit), ...sharesText(audit)].join('\n');
  if (findings.length === 0) return audit.complete_at === null ? head : `${head}\nNothing contradicts anything.`;
  const text = findingsText(
    findings.map((one) => ({
      ...{ subject: subjectOf(one), severity: one.severity, code: one.rule, file: one.file, text: one.text },
      cure: cureOf(one),
    })),
  );
  return `${head}\n\n${text}\n\n${errors} of ${findings.length} are open.`;
}

async function showAudit(session: Session, input: CommandInput): Promise<CommandResult> {
  const { audit } = await session.admin.get('/v1/audit', { query: { repaired: input.flag('repaired') } });
  const open = audit.findings.filter(({ repaired_at: at }) => at === null);
  return {
    kind: 'many',
    columns: ['Severity', 'Rule', 'Kind', 'ID', 'File', 'What', 'Since', 'What To Do'],
    rows: audit.findings.map((one) => [
      one.severity,
      one.rule,
      one.kind,
      one.id,
      one.file,
      one.text,
      one.first_seen.slice(0, 16),
      cureOf(one),
    ]),
    reading: readingOf(audit, open.length),
    exitCode: open.length > 0 ? 1 : 0,
  };
}

export const adminAuditCommands: readonly CommandRow[] = [
  {
    path: 'admin audit',
    summary: 'List what contradicts what: rows, files, records, guests; with what to do (administrators)',
    details: [
      'The service compares by itself, within every minute, what is on record with itself, with names',
      'and headers on the shares, with the records beside the data, and with what guests have open. What',
      'two looks saw is listed here. What can be repaired without any risk is repaired; --repaired lists',
      'that too, for a day. The command only reads what was found.',
      '',
      'Exit code 0: nothing is open. 1: something is.',
    ],
    options: [{ flags: '--repaired', about: 'with what the audit has repaired since yesterday' }],
    example: 'saggar admin audit',
    moreExamples: ['saggar admin audit --repaired', 'saggar admin audit -f json'],
    output: 'many',
    run: showAudit,
  },
];
