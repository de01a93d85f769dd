// A take-over as people read it: totals, what will be (or was) recorded, and what is odd. Pure.
import { formatTable } from '../output/table.js';
import type { TakeOver } from './take-over.js';

/** A table of a thousand volumes tells nobody anything; JSON has them all. */
const SHOWN = 40;

export function takeOverText(result: TakeOver): string {
  const { pool, entries, totals, volumes, findings, recorded, refused, applied } = result;
  const lines = [
    `${pool}: ${entries} things seen`,
    `${applied ? 'Recorded' : 'To record'}: ${recorded.length} volumes${applied ? '' : ` with ${totals.snapshots} snapshots, ${totals.gib} GiB`}`,
    `On record already: ${totals.known} volumes. Left alone: ${totals.refused + refused.length} volumes.`,
  ];
  const chosen = new Set(recorded);
  const shown = volumes.filter(({ id }) => applied || chosen.has(id)).slice(0, SHOWN);
  if (shown.length > 0 && !applied) {
    const rows = shown.map((one) => [
      one.id,
      one.name ?? '',
      String(one.size_gib),
      `${one.base_format} (${one.evidence})`,
      String(one.snapshot_ids.length),
      one.active_file,
    ]);
    lines.push(
      '',
      formatTable(['Volume', 'Name', 'GiB', 'Base', 'Snapshots', 'Active File'], rows, { maxWidth: null }).trimEnd(),
    );
    if (volumes.length > shown.length) lines.push(`… and ${volumes.length - shown.length} more (--json has all)`);
  }
  const odd = findings.filter(({ severity }) => severity !== 'info');
  const trouble = [
    ...odd.map(({ severity, code, volume_id: id, text, cure }) => [severity, code, id ?? '', text, cure]),
    ...refused.map(({ id, reason }) => ['error', 'refused', id, reason, '']),
  ];
  if (trouble.length > 0) {
    lines.push(
      '',
      formatTable(['Severity', 'Finding', 'Volume', 'What', 'What To Do'], trouble.slice(0, 2 * SHOWN), {
        maxWidth: 200,
      }).trimEnd(),
    );
    if (trouble.length > 2 * SHOWN) lines.push(`… and ${trouble.length - 2 * SHOWN} more (--json has all)`);
  }
  const notes = findings.length - odd.length;
  if (notes > 0) lines.push(`${notes} further notes (--json has all).`);
  if (!applied) lines.push('', 'Nothing was changed. Add --apply to record what is listed.');
  return lines.join('\n');
}
