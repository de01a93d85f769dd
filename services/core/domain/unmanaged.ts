// Snapshots that were let go: their row is gone, their layer stays in the chain, where it is explained by the chain itself. They can be
// taken back, and until then nothing that would lose their data is done without being told to. Pure.
import type { Chain, Layer } from './chain.js';

/** The names by which an unmanaged snapshot may be called: its overlay's file, or its old id as Cinder's drivers write it. */
export function isNamed(layer: Layer, name: string): boolean {
  if (layer.file === name) return true;
  const id = /^_?(?:snapshot-)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(name)?.[1];
  return id !== undefined && layer.snapshotId === id.toLowerCase();
}

/** The chain in which the overlay was made for another snapshot id; null when it was not made for `oldId`. */
export function tryRenameSnapshot(chain: Chain, file: string, oldId: string, newId: string): Chain | null {
  const found = chain.some((layer) => layer.file === file && layer.snapshotId === oldId);
  if (!found || chain.some((layer) => layer.snapshotId === newId)) return null;
  return chain.map((layer) => (layer.file === file ? { ...layer, snapshotId: newId } : layer));
}
