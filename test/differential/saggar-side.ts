// Saggar as one side of the comparison: the block-storage API with the real engine and a world in memory, as in its contract lane.
import { BlockRig } from '../contract/block-storage/block-rig.js';
import type { Side } from './side.js';

export interface OpenSide extends Side {
  close(): Promise<void>;
}

export async function openSaggarSide(): Promise<OpenSide> {
  const rig = await BlockRig.open();
  return {
    name: 'saggar',
    url: `${rig.baseUrl}/volume`,
    origin: 'http://saggar.test:8776/volume',
    // A peer copies at once; here what waits for copies to be independent waits for the scheduler of flattens.
    settle: async () => {
      await rig.engine.settle();
      await rig.engine.flattenAll();
    },
    close: () => rig.close(),
  };
}
