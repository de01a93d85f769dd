// The commands that open a transfer at the data server: each runs for as long as its transfer is open, and answers what was observed.
import type { VolumeDriver } from '../../../drivers/volume-driver.js';
import type { CommandHandler } from '../../core/bus/command-handler.js';
import { receiveTransfer } from './receiving.js';
import { sendTransfer } from './sending.js';
import type { TransferDesk } from './transfer.js';

export interface TransferHandlers {
  readonly 'transfer.receive': CommandHandler<'transfer.receive'>;
  readonly 'transfer.send': CommandHandler<'transfer.send'>;
}

/** The handlers of one backend; the desk is one for all backends of the worker. */
export function transferHandlers(driver: VolumeDriver, desk: TransferDesk): TransferHandlers {
  return {
    'transfer.receive': async (params, work) => {
      const { detected, ...image } = await receiveTransfer(driver, desk, params, work);
      return { ...image, detected: [...detected] };
    },
    'transfer.send': (params, work) => sendTransfer(driver, desk, params, work),
  };
}
