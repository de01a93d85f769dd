// What Saggar does for the day on which its database is lost: scans, what they leave to be settled, and the records beside the data.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { scanShare, settleVolume, writeCustody } from '../integration/engine/requests.js';
import { type End, onVolume, repeatable, type Scenario, statusIs, volumeOf } from './scenario-parts.js';

/** No volume is touched by them. */
export const custodyScenarios: readonly Scenario[] = [
  {
    type: 'share-scan',
    name: 'of the share',
    guest: 'none',
    prepare: async (stage) => {
      let scanId = '';
      const scan = async () => {
        const asked = await scanShare(stage.db, stage.place.pool);
        scanId = asked.id;
        return asked;
      };
      const check = async (end: End): Promise<void> => {
        // What other cases have left on the share may need further pages, each an operation of its own.
        await stage.until(`the scan to be ${end}`, async () => {
          const row: { state: string } | undefined = await stage.db('share_scans').where({ id: scanId }).first('state');
          return row?.state === end;
        });
      };
      return repeatable({ request: scan, check });
    },
  },
  {
    type: 'volume-settle',
    name: 'idle',
    guest: 'none',
    prepare: async (stage) => {
      const id = await volumeOf(stage);
      const request = () => settleVolume(stage.db, id);
      return repeatable(onVolume(stage, id, request, { done: 'available', failed: 'available' }));
    },
  },
  {
    type: 'custody-write',
    name: 'of a volume',
    guest: 'none',
    prepare: async (stage) => {
      const id = await volumeOf(stage);
      const file = path.join(stage.share, '.saggar', `${id}.json`);
      const check = async (end: End): Promise<void> => {
        await statusIs(stage, 'volumes', id, 'available');
        if (end !== 'done') return;
        const record = JSON.parse(await readFile(file, 'utf8')) as {
          readonly chain: readonly { readonly file: string }[];
        };
        assert.equal(record.chain[0]?.file, `volume-${id}`);
      };
      return repeatable({ request: () => writeCustody(stage.db, stage.place.pool, id), check });
    },
  },
];
