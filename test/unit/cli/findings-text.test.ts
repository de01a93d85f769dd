// Findings and take-overs as people read them: nothing wider than 100 columns, what is cured alike together.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { drawChain } from '../../../services/cli/commands/admin/chain-tree.js';
import type { TakeOver } from '../../../services/cli/custody/take-over.js';
import { takeOverText } from '../../../services/cli/custody/take-over-text.js';
import { findingsText } from '../../../services/cli/output/findings-text.js';
import { textWidth } from '../../../services/cli/output/text-width.js';

const fits = (text: string): void => {
  for (const line of text.split('\n')) assert.ok(textWidth(line) <= 100, line);
};
const id = randomUUID();
const snapshotId = randomUUID();
const file = `volume-${id}.${snapshotId}`;

describe('findings for people', () => {
  const mode = { severity: 'warning', code: 'open-to-others', subject: `volume ${id}`, text: 'its mode is 666' };

  it('of one thing with one cure are one paragraph', () => {
    const cure = 'chmod o-rwx FILE on the share';
    const other = { severity: 'error', code: 'missing-file', subject: '', text: 'gone', cure: '' };
    assert.equal(
      findingsText([{ ...mode, file: 'a', cure }, { ...mode, file: 'b', cure }, other]),
      [
        `warning open-to-others, volume ${id}`,
        '  a: its mode is 666',
        '  b: its mode is 666',
        `  → ${cure}`,
        '',
        'error missing-file',
        '  gone',
      ].join('\n'),
    );
    assert.equal(findingsText([]), '');
  });

  it('fit 100 columns, and carry no control characters', () => {
    const text = `${file} names ${file}, which is not on the share; ${'long '.repeat(40)}\u001b[31m`;
    const shown = findingsText([{ ...mode, subject: `pool ${'p'.repeat(200)}`, file, text, cure: text }]);
    fits(shown);
    assert.ok(!shown.includes('\u001b'));
  });
});

describe('a take-over for people', () => {
  const volume = {
    ...{ id, name: `volume-${id}`, size_gib: 1, base_format: 'raw', evidence: 'no-header', snapshot_ids: [] },
    active_file: `volume-${id}`,
  };
  const result = {
    ...{ pool: 'store1@gluster#10.0.0.1:/vols', entries: 3, applied: false, recorded: [id] },
    totals: { volumes: 1, known: 0, refused: 1, snapshots: 0, gib: 1 },
    volumes: [volume],
    findings: [
      {
        ...{ severity: 'error', code: 'missing-file', volume_id: randomUUID(), file: null },
        ...{ text: `${file} names volume-${id}, which is not on the share`, cure: 'bring the file back from a backup' },
      },
    ],
    refused: [],
  } as unknown as TakeOver;

  it('says what will be recorded, what is odd, and what to do next', () => {
    const text = takeOverText(result);
    fits(text);
    assert.match(text, /To record: 1 volumes with 0 snapshots, 1 GiB/);
    assert.match(text, /→ bring the file back/);
    assert.match(text, /Add --apply/);
    assert.doesNotMatch(takeOverText({ ...result, applied: true }), /Add --apply/);
  });

  it('shows a name only where it is one', () => {
    assert.ok(!takeOverText(result).includes(`volume-${id} |`));
    const named = { ...result, volumes: [{ ...volume, name: 'mail' }] } as unknown as TakeOver;
    assert.match(takeOverText(named), /\| mail /);
  });
});

describe('a tree of layers', () => {
  const layer = (change: object): object => ({
    ...{ file: `volume-${id}`, format: 'raw', virtual_size_bytes: 2 ** 30, allocated_bytes: null, foreign: false },
    ...{ volume_id: id, active: false, dependants: [], snapshot: null, ...change },
  });
  const draw = (name: string): string =>
    drawChain({
      volume: { id, name: `volume-${id}`, status: 'available', size_gib: 1, host: 'store1@gluster#10.0.0.1:/vols' },
      layers: [
        layer({}),
        layer({ file, format: 'qcow2', active: true, snapshot: { id: snapshotId, name, status: 'deleting' } }),
      ],
      ...{ attachments: [], operations: [], flatten: null, measured_at: null },
    } as unknown as Parameters<typeof drawChain>[0]);

  it('never cuts the id of a snapshot, however long its name', () => {
    for (const name of ['', 'before-upgrade', 'n'.repeat(255), `snapshot-${snapshotId}`]) {
      const text = draw(name);
      fits(text);
      assert.match(text, new RegExp(`├── snapshot.* ${snapshotId} ends here, deleting\n`));
    }
    assert.match(draw('before-upgrade'), /snapshot before-upgrade /);
    assert.match(draw(`snapshot-${snapshotId}`), /├── snapshot [0-9a-f]{8}-/);
    assert.match(draw(''), new RegExp(`^volume ${id}\n`));
  });
});
