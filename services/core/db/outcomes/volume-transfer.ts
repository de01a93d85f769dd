// Outcomes of volumes that clients send from, or read into, files of their own.
import { receivedBase } from '../../operations/volume-receive.js';
import type { Outcomes } from './outcomes.js';
import { storeChain, tellUser, updateVolume } from './rows.js';

export const volumeReceiveOutcomes: Outcomes<'volume-receive'> = {
  async done(tx, row, context) {
    const { volumeId } = row.params;
    const layer = receivedBase(context);
    await storeChain(tx, volumeId, [layer]);
    await updateVolume(tx, volumeId, {
      status: 'available',
      base_format: layer.format,
      launched_at: tx.raw('utc_now()'),
    });
  },
  async failed(tx, row, error) {
    const { volumeId } = row.params;
    await updateVolume(tx, volumeId, { status: 'error' });
    await tellUser(tx, row, 'VOLUME', volumeId, error);
  },
};

/** No row changes with what somebody reads. */
export const volumeSendOutcomes: Outcomes<'volume-send'> = {
  done: () => Promise.resolve(),
  async failed(tx, row, error) {
    await tellUser(tx, row, 'VOLUME', row.params.volumeId, error);
  },
};
