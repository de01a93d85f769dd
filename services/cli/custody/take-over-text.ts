// A take-over as people read it: totals, what will be (or was) recorded, and what is odd; no line wider than 100 columns. Pure.
import { findingsText } from '../output/findings-text.js';
import { formatTable } from '../output/table.js';
import { printable } from '../output/value-text.js';
import type { PlannedVolume, TakeOver } from './take-over.js';

/** A table of a thousand volumes tells nobody anything; JSON has them all. */
const SHOWN = 40;
const WIDTH = 100;

/** Names that Cinder gave by the id say nothing new. */
function rowOf({ id, name, size_gib: gib, base_format: format, evidence, snapshot_ids: snapshots }: PlannedVolume) {
  const said = name === null || name.includes(id) ? '' : printable(name, true);
  return [id, said, String(gib), `${format} (${evidence})`, String(snapshots.length)];
}

function more(count: number): string[] {
  return count > 0 ? [`… and ${count} more (--json has all)`] : [];
}

/** What no record holds, so that nobody has to find out. Lines of at most 100 columns. */
export const rebuildLosses = [
  'Not kept beside the data, so not brought back: groups and group snapshots (their volumes and',
  'snapshots are), quotas and quota classes, QoS specs, users and roles, servers and attachments,',
  'records of backups (import them: `saggar volume backup record import`), messages, and whatever was',
  'under way. Volumes that somebody had are in maintenance; encrypted ones need the old key store.',
].join('\n');

export function takeOverText(result: TakeOver): string {
  const { pool, entries, totals, volumes, findings, recorded, refused, applied } = result;
  const lines = [
    `${pool}: ${entries} files and records seen`,
    `${applied ? 'Recorded' : 'To record'}: ${recorded.length} volumes${applied ? '' : ` with ${totals.snapshots} snapshots, ${totals.gib} GiB`}`,
    `On record already: ${totals.known} volumes. Left alone: ${totals.refused + refused.length} volumes.`,
  ];
  const chosen = new Set(recorded);
  const planned = volumes.filter(({ id }) => chosen.has(id));
  if (planned.length > 0 && !applied) {
    const rows = planned.slice(0, SHOWN).map(rowOf);
    const titles = ['Volume', 'Name', 'GiB', 'Base', 'Snapshots'];
    lines.push('', formatTable(titles, rows, { maxWidth: WIDTH }).trimEnd(), ...more(planned.length - SHOWN));
  }
  const odd = findings.filter(({ severity }) => severity !== 'info');
  const trouble = [
    ...odd.map((one) => ({ ...one, subject: one.volume_id === null ? '' : `volume ${one.volume_id}` })),
    ...refused.map(({ id, reason }) => ({
      ...{ severity: 'error', code: 'refused', subject: `volume ${id}`, text: reason, cure: '' },
    })),
  ].map(({ severity, code, subject, text, cure }) => ({ severity, code, subject, text, cure }));
  if (trouble.length > 0)
    lines.push('', findingsText(trouble.slice(0, 2 * SHOWN)), ...more(trouble.length - 2 * SHOWN));
  const notes = findings.length - odd.length;
  if (notes > 0) lines.push('', `${notes} further notes (--json has all).`);
  if (!applied) {
    lines.push('', 'Nothing was changed. Add --apply to record what is listed.');
    if (recorded.length > 0) lines.push('Quotas do not stop it; afterwards see `saggar quota show --usage PROJECT`.');
  }
  return lines.join('\n');
}
