// Outcomes of looking at shares and of writing records beside the data. Neither is about one volume, and neither touches one.
import { outputOf } from '../../operations/definition.js';
import { noteAgain } from '../custody/custody-notes.js';
import { failScan, keepPage } from '../custody/scan-pages.js';
import type { Outcomes } from './outcomes.js';
import { tellUser } from './rows.js';

export const shareScanOutcomes: Outcomes<'share-scan'> = {
  async done(tx, row, context) {
    const output = outputOf(context, 'scan-share', 'share.scan');
    await keepPage(tx, row.id, row.params, output ?? { entries: [], next: null });
    // The page has a row of its own now.
    await tx('operations').where({ id: row.id }).update({ outputs: '{}' });
  },
  async failed(tx, row, error) {
    await failScan(tx, row.params.scanId, error);
  },
};

export const custodyWriteOutcomes: Outcomes<'custody-write'> = {
  async done() {
    // The notes were taken when it was accepted.
  },
  async failed(tx, row) {
    await noteAgain(tx, row.params.pool, row.params.recordsOf);
  },
};

export const volumeSettleOutcomes: Outcomes<'volume-settle'> = {
  async done() {
    // No row says how long a file is.
  },
  async failed(tx, row, error) {
    await tellUser(tx, row, 'VOLUME', row.params.volumeId, error);
  },
};
