// What the audit has found, as administrators read it: open findings with what to do, repaired ones when asked for, and when it looked.
import assert from 'node:assert/strict';
import { type BlockRig, poolName } from '../block-storage/block-rig.js';

export function auditCases(getRig: () => BlockRig): void {
  describe('the audit', () => {
    let rig: BlockRig;
    const show = (query = '') => rig.askAdmin('GET', `/v1/audit${query}`);

    before(() => {
      rig = getRig();
    });
    afterEach(async () => {
      for (const table of ['audit_findings', 'audit_rounds', 'audit_shares']) await rig.database(table).delete();
    });

    it('has not looked yet', async () => {
      const { status, body } = await show();
      assert.equal(status, 200);
      const nothing = { complete_at: null, age_seconds: null, took_seconds: null, shares: [], findings: [] };
      assert.deepEqual(body.audit, nothing);
    });

    it('tells what it found, and what it repaired when asked', async () => {
      const found = { kind: 'volume', id: 'v', text: 'odd' };
      await rig.database('audit_findings').insert([
        { ...found, rule: 'missing-file', file: 'volume-v', pool: poolName, at_cursor: 'f:volume-v' },
        { ...found, rule: 'volume-abandoned', repaired_at: rig.database.raw('utc_now()'), repairs: 1 },
      ]);
      await rig.database.raw(`insert into audit_rounds (complete_at, took_seconds) values (utc_now(), 3)`);
      await rig.database('audit_shares').insert({ pool: poolName, whole_entries: 5, whole_seconds: 1, entries: 5 });
      const { body } = await show();
      const [open] = body.audit.findings;
      assert.equal(body.audit.findings.length, 1);
      assert.deepEqual(
        [open.rule, open.severity, open.file, open.pool],
        ['missing-file', 'error', 'volume-v', poolName],
      );
      assert.match(open.cure, /trash or a backup/);
      assert.deepEqual([body.audit.took_seconds, body.audit.shares[0].entries], [3, 5]);
      const all = (await show('?repaired=true')).body.audit.findings;
      assert.deepEqual(
        all.map(({ rule, repaired_at: at }: { rule: string; repaired_at: string | null }) => [rule, at !== null]),
        [
          ['missing-file', false],
          ['volume-abandoned', true],
        ],
      );
      assert.equal((await show('?repaired=perhaps')).status, 400);
    });
  });
}
