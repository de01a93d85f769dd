// The planner over inventories made by hand: what real shares show rarely, and what somebody hostile would put there.
import assert from 'node:assert/strict';
import {
  type CustodyRecord,
  formatCustodyRecord,
  parseCustodyRecord,
} from '../../../services/core/domain/custody/custody-record.js';
import { parseChainInfo, type ScanEntry, type ScannedFile } from '../../../services/core/domain/custody/inventory.js';
import { type KnownVolume, planShare, type SharePlan } from '../../../services/core/domain/custody/plan-share.js';
import { GIB } from '../../../services/core/domain/size.js';

const id = (digit: number) => `${String(digit).repeat(8)}-1111-4111-8111-111111111111`;
const [a, b, s, t] = [id(1), id(2), id(3), id(4)];
const pool = 'h@b#share';

function raw(name: string, more: Partial<ScannedFile> = {}): ScannedFile {
  const figures = { sizeBytes: GIB, allocatedBytes: 0, modifiedMs: 0, mode: 0o666, linkCount: 1 };
  return { kind: 'file', name, ...figures, verdict: { format: 'none', claims: null }, ...more };
}

function qcow2(
  name: string,
  backingFile: string | null,
  backingFormat: string | null = 'raw',
  more: object = {},
): ScannedFile {
  const verdict = { format: 'qcow2', version: 3, virtualSizeBytes: GIB, hostile: null, backingFile } as const;
  return raw(name, {
    sizeBytes: 197_120,
    verdict: { ...verdict, backingFormat: backingFile === null ? null : backingFormat, ...more },
  });
}

function info(volumeId: string, active: string, snapshots: Record<string, string> = {}): ScanEntry {
  return { kind: 'info', name: `volume-${volumeId}.info`, info: { active, snapshots }, reason: null };
}

function record(
  volumeId: string,
  files: readonly (readonly [string, 'raw' | 'qcow2', string | null])[],
  more: Partial<CustodyRecord> = {},
): ScanEntry {
  const chain = files.map(([file, format, snapshotId]) => ({ file, format, virtualSizeBytes: GIB, snapshotId }));
  const volume = { id: volumeId, project_id: 'p', user_id: 'u' };
  const whole = {
    version: 1,
    volumeId,
    writtenAt: '2026-01-01T00:00:00Z',
    volume,
    type: null,
    chain,
    backing: null,
    snapshots: [],
    attachments: [],
  };
  return { kind: 'record', name: volumeId, text: formatCustodyRecord({ ...whole, ...more }), reason: null };
}

function plan(entries: readonly ScanEntry[], known: readonly KnownVolume[] = [], more: object = {}): SharePlan {
  const said = { all: null, byVolume: new Map() };
  return planShare({ pool, entries, known, knownSnapshots: new Map(), said, ...more });
}

const codes = ({ findings }: SharePlan) => findings.map(({ code }) => code);
const files = ({ fresh }: SharePlan) => fresh.map(({ chain }) => chain.map(({ file }) => file));

describe('the plan of a share', () => {
  it('reads a chain from headers alone where there is no .info', () => {
    const found = plan([
      raw(`volume-${a}`),
      qcow2(`volume-${a}.${s}`, `volume-${a}`),
      qcow2(`volume-${a}.${t}`, `volume-${a}.${s}`, 'qcow2'),
    ]);
    assert.deepEqual(codes(found), ['info-missing']);
    assert.deepEqual(
      found.fresh[0]?.chain.map(({ snapshotId }) => snapshotId),
      [null, s, t],
    );
  });

  it('does not let a guest’s header change what another volume is', () => {
    // The disk of `b` begins with a header that names the active file of `a`, and one that names a file of the host.
    const poisoned = qcow2(`volume-${b}`, `volume-${a}`);
    const found = plan([raw(`volume-${a}`), { ...poisoned, sizeBytes: GIB }]);
    assert.deepEqual(files(found), [[`volume-${a}`]]);
    assert.deepEqual(codes(found), ['unexplained-header']);
    assert.deepEqual(found.refused, [b]);
  });

  it('takes a qcow2 header in a base for true only by evidence: length, overlay, record, or a person', () => {
    const header = qcow2(`volume-${a}`, null);
    assert.equal(plan([header]).fresh[0]?.evidence, 'length');
    const whole = { ...header, sizeBytes: 2 * GIB };
    assert.deepEqual(codes(plan([whole])), ['unexplained-header']);
    const said = { all: null, byVolume: new Map([[a, 'raw' as const]]) };
    const asRaw = plan([whole], [], { said }).fresh[0];
    assert.deepEqual([asRaw?.evidence, asRaw?.chain[0]?.format, asRaw?.sizeGib], ['said', 'raw', 2]);
    assert.equal(plan([whole, record(a, [[`volume-${a}`, 'qcow2', null]])]).fresh[0]?.evidence, 'record');
    // The overlay states raw: whatever the base begins with, it is raw.
    const above = plan([
      whole,
      qcow2(`volume-${a}.${s}`, `volume-${a}`),
      info(a, `volume-${a}.${s}`, { [s]: `volume-${a}.${s}` }),
    ]);
    assert.deepEqual([above.fresh[0]?.evidence, above.fresh[0]?.chain[0]?.format], ['overlay', 'raw']);
    // Saying otherwise does not help.
    const wrong = { all: 'qcow2' as const, byVolume: new Map() };
    assert.deepEqual(codes(plan([raw(`volume-${a}`)], [], { said: wrong })), ['not-qcow2']);
  });

  it('makes no second volume of a file that has a row, whoever names it and wherever the row is', () => {
    // The row `b` was made of files that are named after `a`; an overlay appears above them.
    const above = [raw(`volume-${a}`), qcow2(`volume-${a}.${s}`, `volume-${a}`)];
    const row = (where: string) => [{ volumeId: b, pool: where, files: [`volume-${a}`] }];
    const here = plan(above, row(pool));
    assert.deepEqual([files(here), codes(here), here.refused], [[], ['claimed-twice'], [a]]);
    const there = plan(above, row('h@b#same-share'));
    assert.deepEqual([files(there), codes(there), there.refused], [[], ['known-elsewhere'], [a]]);
  });

  it('makes no volume of what an operation works on, or has since the scan', () => {
    for (const name of [a, `volume-${a}`]) {
      const found = plan([raw(`volume-${a}`), raw(`volume-${b}`)], [], { changed: new Set([name]) });
      assert.deepEqual([files(found), codes(found)], [[[`volume-${b}`]], ['changed-since']]);
    }
  });

  it('believes neither when two records claim a file', () => {
    const mine = record(b, [[`volume-${b}`, 'raw', null]]);
    const found = plan([raw(`volume-${b}`), mine, record(a, [[`volume-${b}`, 'raw', null]])]);
    assert.deepEqual([files(found), found.refused], [[], [a, b]]);
  });

  it('believes no record with columns that no table would take', () => {
    const volume = { id: a, project_id: 'p', user_id: 'u', created_at: 'yesterday' };
    const found = plan([raw(`volume-${a}`), record(a, [[`volume-${a}`, 'raw', null]], { volume })]);
    assert.deepEqual([codes(found), found.fresh[0]?.record], [['record-garbled'], null]);
  });

  it('believes no header that no tool may open', () => {
    const hostile = qcow2(`volume-${a}.${s}`, `volume-${a}`, 'raw', { hostile: 'an external data file' });
    const found = plan([raw(`volume-${a}`), hostile, info(a, hostile.name, { [s]: hostile.name })]);
    assert.deepEqual(codes(found), ['hostile-header']);
  });

  it('lets a volume stand on another one only where our record says so, and on a frozen layer', () => {
    const source = [
      raw(`volume-${a}`),
      qcow2(`volume-${a}.${s}`, `volume-${a}`),
      info(a, `volume-${a}.${s}`, { [s]: `volume-${a}.${s}` }),
    ];
    const copy = qcow2(`volume-${b}`, `volume-${a}`);
    assert.deepEqual(codes(plan([...source, copy])), ['unexplained-header']);
    const backing = { volumeId: a, file: `volume-${a}` };
    const own = [[`volume-${b}`, 'qcow2', null]] as const;
    const good = plan([...source, copy, record(b, own, { backing })]);
    assert.deepEqual(codes(good), []);
    assert.deepEqual(
      good.fresh.map(({ volumeId, backing: on }) => [volumeId, on?.file ?? null]),
      [
        [a, null],
        [b, `volume-${a}`],
      ],
    );
    const onActive = {
      ...copy,
      verdict: { ...copy.verdict, backingFile: `volume-${a}.${s}`, backingFormat: 'qcow2' },
    } as ScannedFile;
    const active = plan([...source, onActive, record(b, own, { backing: { volumeId: a, file: `volume-${a}.${s}` } })]);
    assert.deepEqual(codes(active), ['backing-unavailable']);
    const alone = plan([copy, raw(`volume-${a}`, { linkCount: 2 }), record(b, own, { backing })]);
    assert.deepEqual(codes(alone).sort(), ['backing-unavailable', 'linked']);
  });

  it('tells what the database knows from what is new, by id, by file and by pool', () => {
    const entries = [raw(`volume-${a}`), raw(`volume-${b}`)];
    const here = (volumeId: string, file: string): KnownVolume => ({ volumeId, pool, files: [file] });
    assert.deepEqual(plan(entries, [here(a, `volume-${a}`)]).known, [a]);
    assert.deepEqual(plan(entries, [here(s, `volume-${a}`)]).known, [a], 'under another id');
    assert.deepEqual(codes(plan(entries, [here(a, `volume-${b}`)])), ['differs-from-record']);
    assert.deepEqual(codes(plan(entries, [{ volumeId: a, pool: 'h@b#other', files: [] }])), ['known-elsewhere']);
  });

  it('keeps one snapshot to one volume', () => {
    const overlay = (volumeId: string) => [
      raw(`volume-${volumeId}`),
      qcow2(`volume-${volumeId}.${s}`, `volume-${volumeId}`),
    ];
    const found = plan([...overlay(a), ...overlay(b)]);
    assert.deepEqual(found.refused, [b]);
    assert.ok(codes(found).includes('snapshot-twice'));
    assert.deepEqual(plan(overlay(a), [], { knownSnapshots: new Map([[s, b]]) }).refused, [a]);
  });

  it('refuses sizes that cannot be', () => {
    assert.deepEqual(codes(plan([raw(`volume-${a}`, { sizeBytes: 513 })])), ['odd-raw-size']);
    assert.deepEqual(codes(plan([raw(`volume-${a}`, { sizeBytes: 0 })])), ['odd-raw-size']);
    assert.deepEqual(codes(plan([raw(`volume-${a}`, { sizeBytes: GIB + 512 })])), ['odd-size']);
    const huge = qcow2(`volume-${a}`, null, null, { virtualSizeBytes: 2 ** 53 - 512 * 2 });
    assert.equal(plan([huge]).fresh[0]?.sizeGib ?? 0, 8_388_608);
  });

  it('does not believe a record of another volume, nor one that is none', () => {
    const good = record(a, [[`volume-${a}`, 'raw', null]]);
    const text = good.kind === 'record' ? (good.text ?? '') : '';
    assert.equal(typeof parseCustodyRecord(text, a), 'object');
    for (const bad of [
      '',
      '{',
      '[]',
      '{"version":2}',
      text.replace('"version": 1', '"version": 9'),
      text.replace(`volume-${a}`, '../x'),
      text.replace('"raw"', '"vmdk"'),
    ]) {
      assert.equal(typeof parseCustodyRecord(bad, a), 'string', bad.slice(0, 40));
    }
    assert.equal(typeof parseCustodyRecord(text, b), 'string');
  });

  it('reads no .info that is not one', () => {
    for (const bad of [
      '',
      ' ',
      'null',
      '[]',
      '{}',
      '{"active": 1}',
      '{"active": "../x"}',
      '{"active": "a", "b": "c"}',
      `{"active": "a", "${s}": "x/y"}`,
    ]) {
      assert.equal(typeof parseChainInfo(bad), 'string', bad);
    }
    assert.deepEqual(parseChainInfo(`{"active": "v", "${s}": "w"}`), { active: 'v', snapshots: { [s]: 'w' } });
  });
});
