// The bytes of Cinder's `volume-<id>.info`: JSON with one space of indent and sorted keys; "active" and one key per snapshot, values
// are base names. Derived from the chain; never read back as truth by this service. Source: Cinder's remotefs driver.
import { activeLayer, type Chain } from '../../services/core/domain/chain.js';

export function formatVolumeRecord(chain: Chain): string {
  const entries: [string, string][] = [['active', activeLayer(chain).file]];
  for (const layer of chain) if (layer.snapshotId !== null) entries.push([layer.snapshotId, layer.file]);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(entries), null, 1);
}
