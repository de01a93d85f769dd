// What a volume driver allocates beforehand, for new files and for what they grow by.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import path from 'node:path';
import { freshIds, guest, MIB } from './harness.js';
import type { DriverCase } from './suite.js';

export function describeAllocation(t: DriverCase): void {
  for (const format of ['raw', 'qcow2'] as const) {
    for (const preallocation of ['falloc', 'full'] as const) {
      it(`allocates a ${format} file in advance (${preallocation}), and what it grows by`, async () => {
        const { share, path: directory } = t.place();
        const { file } = freshIds();
        const layer = await t.driver().createImage({ share, file, format, sizeBytes: 64 * MIB, preallocation });
        guest(t.place(), layer, 'read -P 0 0 64M');
        const taken = () => statSync(path.join(directory, file)).blocks * 512;
        assert.ok(taken() >= 64 * MIB);
        const growth = { share, chain: [layer], newSizeBytes: 96 * MIB, preallocation };
        guest(t.place(), await t.driver().extendImage(growth), 'read -P 0 0 96M');
        assert.ok(taken() >= 96 * MIB);
      });
    }
  }

  it('lays out the tables of a qcow2 in advance (metadata)', async () => {
    const { share } = t.place();
    const metadata = { format: 'qcow2', sizeBytes: 64 * MIB, preallocation: 'metadata' } as const;
    const layer = await t.driver().createImage({ share, file: freshIds().file, ...metadata });
    guest(t.place(), layer, 'read -P 0 0 64M');
  });
}
