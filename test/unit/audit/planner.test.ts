// The audit's planner, over chance: only what both looks saw is a finding, nothing that an operation is at is judged, a rule that repairs says why that
// is safe, and what a round did not look at is not cured.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { repairs } from '../../../services/core/db/audit/repairs.js';
import {
  confirm,
  isCovered,
  keyOf,
  limitEach,
  MOST_OF_A_RULE,
  MOST_REPAIRS,
  repairable,
  type Suspicion,
} from '../../../services/core/domain/audit.js';
import { type GuestView, suspectGuests } from '../../../services/core/domain/audit-guests.js';
import { type RowView, suspectRows, type VolumeSight } from '../../../services/core/domain/audit-rows.js';
import { type AuditRule, auditRules } from '../../../services/core/domain/audit-rules.js';
import { volumeStatuses } from '../../../services/core/domain/volume.js';

const rules = [...auditRules.keys()];
const suspicion = fc.record({
  rule: fc.constantFrom<AuditRule>(...rules),
  kind: fc.constantFrom('volume' as const, 'pool' as const),
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  file: fc.constantFrom(null, 'x', 'y'),
  text: fc.string(),
});
const suspicions = fc.array(suspicion, { maxLength: 40 });

describe('the audit’s planner', () => {
  it('finds what both looks saw, once, and nothing else', () => {
    fc.assert(
      fc.property(suspicions, suspicions, (first, second) => {
        const keys = confirm(first, second).map(keyOf);
        assert.equal(new Set(keys).size, keys.length);
        const [before, after] = [new Set(first.map(keyOf)), new Set(second.map(keyOf))];
        assert.deepEqual(new Set(keys), new Set([...after].filter((key) => before.has(key))));
      }),
    );
  });

  it('tells no more than so many of a rule, and how many more there are', () => {
    const many = Array.from(
      { length: MOST_OF_A_RULE + 7 },
      (_, at): Suspicion => ({ rule: 'missing-file', kind: 'volume', id: `${at}`, file: 'x', text: '' }),
    );
    const limited = limitEach(many);
    assert.equal(limited.length, MOST_OF_A_RULE + 1);
    assert.match(limited.at(-1)?.text ?? '', /^7 more/);
  });

  it('repairs only by rules that say why, and not for ever', () => {
    fc.assert(
      fc.property(suspicions, fc.integer({ min: 0, max: MOST_REPAIRS * 2 }), (found, count) => {
        const stored = found.map((one) => ({ ...one, repairs: count }));
        const chosen = repairable(found, stored);
        if (count >= MOST_REPAIRS) assert.deepEqual(chosen, []);
        for (const { rule } of chosen) assert.ok((auditRules.get(rule)?.why ?? null) !== null, rule);
      }),
    );
  });

  it('has a repair for every rule that says why, and for no other', () => {
    const explained = rules.filter((rule) => (auditRules.get(rule)?.why ?? null) !== null);
    assert.deepEqual(Object.keys(repairs).sort(), [...explained].sort());
  });

  it('says of every rule what it compares and what a person can do', () => {
    for (const [rule, { compares, cure }] of auditRules) assert.ok(compares.length > 10 && cure.length > 5, rule);
  });

  const volume = fc.record<VolumeSight>({
    id: fc.constantFrom('a', 'b', 'c'),
    status: fc.constantFrom(...volumeStatuses),
    host: fc.constantFrom(null, 'pool'),
    layers: fc.integer({ min: 0, max: 3 }),
    lastPosition: fc.constantFrom(null, 0, 1, 2),
    attachments: fc.integer({ min: 0, max: 2 }),
    attached: fc.integer({ min: 0, max: 2 }),
  });
  const nothing: RowView = {
    busy: new Set(),
    volumes: [],
    snapshots: [],
    backups: [],
    servers: [],
    pools: [],
    operations: [],
    scans: [],
  };

  it('does not judge what an operation is at', () => {
    fc.assert(
      fc.property(fc.array(volume), fc.subarray(['a', 'b', 'c']), (volumes, busy) => {
        const found = suspectRows({ ...nothing, volumes, busy: new Set(busy) });
        for (const { id } of found) assert.ok(!busy.includes(id));
      }),
    );
  });

  it('finds nothing wrong with a volume that rests as it should', () => {
    const sound = { host: 'pool', layers: 2, lastPosition: 1 };
    const volumes = [
      { ...sound, id: 'a', status: 'available', attachments: 0, attached: 0 },
      { ...sound, id: 'b', status: 'in-use', attachments: 1, attached: 1 },
      { ...sound, id: 'c', status: 'error', layers: 0, lastPosition: null, attachments: 0, attached: 0 },
    ];
    assert.deepEqual(suspectRows({ ...nothing, volumes }), []);
  });

  it('sees two guests that have one volume, unless it is for several', () => {
    const guest = (serverId: string, computeHost: string) => ({
      ...{ serverId, computeHost, powerState: 1 },
      disks: [{ volumeId: 'v', files: ['f'] }],
    });
    const view: GuestView = {
      busy: new Set(),
      guests: [guest('s1', 'h1'), guest('s2', 'h2')],
      servers: new Map([
        ['s1', { computeHost: 'h1' }],
        ['s2', { computeHost: 'h3' }],
      ]),
      attachments: [
        { serverId: 's1', volumeId: 'v' },
        { serverId: 's2', volumeId: 'v' },
      ],
      chains: new Map([['v', ['f']]]),
      shared: new Set(),
    };
    assert.deepEqual(
      suspectGuests(view)
        .map(({ rule }) => rule)
        .sort(),
      ['guest-elsewhere', 'two-writers'],
    );
    const shared = suspectGuests({ ...view, shared: new Set(['v']) });
    assert.deepEqual(
      shared.map(({ rule }) => rule),
      ['guest-elsewhere'],
    );
  });

  it('does not call cured what was not looked at', () => {
    const coverage = { windows: new Map([['p', { after: 'f:b', end: 'f:m' }]]), computeHosts: new Set(['h']) };
    assert.ok(isCovered({}, coverage));
    assert.ok(isCovered({ pool: 'p', cursor: 'f:c' }, coverage));
    assert.ok(!isCovered({ pool: 'p', cursor: 'f:b' }, coverage));
    assert.ok(!isCovered({ pool: 'p', cursor: 'f:n' }, coverage));
    assert.ok(!isCovered({ pool: 'q', cursor: 'f:c' }, coverage));
    assert.ok(!isCovered({ computeHost: 'other' }, coverage));
  });
});
