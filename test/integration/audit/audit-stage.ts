// A stage of real image files and rows on which the audit makes its rounds, step by step: whatever a round waits for is done while it pauses.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type RoundOutcome, runAuditRound } from '../../../services/conductor/audit-round.js';
import { listFindings } from '../../../services/core/db/audit/findings.js';
import { tryTakeRound } from '../../../services/core/db/audit/rounds.js';
import { storeReport } from '../../../services/core/db/conductor/reports.js';
import { acceptCustodyWrites } from '../../../services/core/db/custody/custody-changes.js';
import type { Report } from '../../../services/core/messages/envelope.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { DirectoryStage } from '../engine/directory-stage.js';

const settings = { pauseMs: 1, settleSeconds: 0, shareWaitMs: 20_000, keepsRecords: true };
const bootId = randomUUID();

/** What a finding says in one word: rule, kind and whether it was repaired. */
export interface Shown {
  readonly rule: string;
  readonly kind: string;
  readonly id: string;
  readonly repaired: boolean;
}

export class AuditStage {
  /** Guests as the compute worker would report them. */
  guests: Report['servers'] = [];
  /** False: no compute worker says anything. */
  computeReports = true;

  private constructor(readonly files: DirectoryStage) {}

  static async open(): Promise<AuditStage> {
    return new AuditStage(await DirectoryStage.open());
  }

  get db() {
    return this.files.db;
  }

  /** Workers and custodian do what there is to do, until nothing is left. */
  async settle(): Promise<void> {
    do {
      while ((await this.files.step()) !== null);
    } while ((await acceptCustodyWrites(this.db)).operations > 0);
  }

  async report(): Promise<void> {
    const service = {
      binary: 'saggar-compute' as const,
      host: 'host',
      zone: 'nova',
      bootId,
      url: 'http://127.0.0.1:9',
    };
    if (this.computeReports)
      await this.db.transaction((tx) =>
        storeReport(tx, { version: 1, kind: 'report', service, pools: [], servers: this.guests }),
      );
    await this.db('pools').update({ updated_at: this.db.raw('utc_now()') });
  }

  /** One round, with the reports that come meanwhile. */
  async round(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<RoundOutcome> {
    await this.report();
    const round = await tryTakeRound(this.db, 'test', 0);
    assert.ok(round !== null, 'another round goes on');
    const pause = async (ms: number): Promise<void> => {
      if (ms === settings.pauseMs) await meanwhile();
      await this.report();
      while ((await this.files.step()) !== null);
    };
    const outcome = await runAuditRound({ db: this.db, logger: silentLogger(), round, settings, pause });
    assert.ok(outcome);
    return outcome;
  }

  async findings(): Promise<Shown[]> {
    const rows = await listFindings(this.db, true);
    return rows.map(({ rule, kind, id, repaired_at: at }) => ({ rule, kind, id, repaired: at !== null }));
  }

  /** What is open, as `rule kind id` without the id of a share. */
  async open(): Promise<string[]> {
    return (await this.findings()).filter(({ repaired }) => !repaired).map(({ rule, id }) => `${rule} ${id}`);
  }
}
