// A chain copied layer by layer, from the bottom up: the base through whatever it stands on, each overlay by what it holds itself. A layer that
// is complete stays, so a copy that is asked for again goes on behind it.
import type { LongWork, VolumeDriver } from '../../drivers/volume-driver.js';
import { activeLayer, type Chain, encryptionOf, type Layer, type ObservedLayer } from '../core/domain/chain.js';
import { ServiceError } from '../core/domain/errors.js';
import type { CommandParams } from '../core/messages/envelope.js';
import { type BackendDrivers, otherDriver } from './backend-drivers.js';

type Params = CommandParams<'chain.copy'>;

/** One layer of the copy with all that is below it, and what it is copied from. */
interface Stretch {
  readonly source: Chain;
  readonly target: Chain;
}

function stretchesOf({ source, foreignLayers, target }: Params): readonly Stretch[] {
  const own = source.slice(foreignLayers);
  if (own.length !== target.chain.length) {
    throw new ServiceError('bad_request', 'The copy of a chain has a layer for each of the volume’s own.');
  }
  return own.map((_, index) => ({
    source: source.slice(0, foreignLayers + index + 1),
    target: target.chain.slice(0, index + 1),
  }));
}

function sourceOf({ sourceShare, sourceBackend }: Params, drivers: BackendDrivers) {
  if (sourceBackend === undefined) return { share: sourceShare };
  return { share: sourceShare, sourceDriver: otherDriver(drivers, sourceBackend) };
}

/** Percent of all layers by those of one. */
function partOf({ onProgress, signal }: LongWork, index: number, count: number): LongWork {
  return { signal, onProgress: (percent) => onProgress((index * 100 + percent) / count) };
}

function baseSpec(params: Params, { source, target }: Stretch, drivers: BackendDrivers) {
  const layer = activeLayer(target);
  const { file, format, virtualSizeBytes: sizeBytes } = layer;
  const { share, preallocation } = params.target;
  const made = { share, file, format, sizeBytes, preallocation, ...encryptionOf(layer) };
  return { ...sourceOf(params, drivers), source, target: made };
}

function overlaySpec(params: Params, { source, target: chain }: Stretch, drivers: BackendDrivers) {
  return { ...sourceOf(params, drivers), source, target: { share: params.target.share, chain } };
}

export async function copyLayers(
  driver: VolumeDriver,
  params: Params,
  drivers: BackendDrivers,
  work: LongWork,
): Promise<readonly ObservedLayer[]> {
  const stretches = stretchesOf(params);
  for (const [index, stretch] of stretches.entries()) {
    const part = partOf(work, index, stretches.length);
    if (stretch.target.length === 1) await driver.copyChain(baseSpec(params, stretch, drivers), part);
    else await driver.copyLayer(overlaySpec(params, stretch, drivers), part);
  }
  const made: readonly Layer[] = params.target.chain;
  return driver.readChain({ share: params.target.share, chain: made });
}

export async function compareLayers(
  driver: VolumeDriver,
  params: Params,
  drivers: BackendDrivers,
  work: LongWork,
): Promise<void> {
  const stretches = stretchesOf(params);
  for (const [index, stretch] of stretches.entries()) {
    const part = partOf(work, index, stretches.length);
    if (stretch.target.length === 1) await driver.compareCopy(baseSpec(params, stretch, drivers), part);
    else await driver.compareLayer(overlaySpec(params, stretch, drivers), part);
  }
}
