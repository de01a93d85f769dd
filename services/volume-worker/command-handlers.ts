// One table: command type -> driver verb. Everything a verb needs comes in the command; what was observed goes back.
// Assumes: the loop that calls runs commands of one volume one after another, answers duplicates, and turns errors into results.
// Must never decide anything about an operation, and never answer from memory: each answer is read from the share.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CopyChainSpec, LongWork, PrepareOverlaySpec, VolumeDriver } from '../../drivers/volume-driver.js';
import { activeLayer, type Chain, findChainDifference, type ObservedLayer } from '../core/domain/chain.js';
import type { ChainInspection } from '../core/domain/chain-check.js';
import { ServiceError } from '../core/domain/errors.js';
import type { CommandOutput, CommandParams, CommandTable } from '../core/messages/envelope.js';
import { type BackendDrivers, otherDriver } from './backend-drivers.js';
import { checksumImage, convertImage, digestImage } from './image-commands.js';
import { compareLayers, copyLayers } from './layer-copies.js';

export type VolumeCommandType = Extract<
  keyof CommandTable,
  | `image.${string}`
  | `layer.${string}`
  | `chain.${string}`
  | `files.${string}`
  | `overlay.${string}`
  | 'record.write'
  | 'share.scan'
  | 'custody.write'
  | `export.${string}`
>;

export type VolumeCommandHandlers = {
  readonly [T in VolumeCommandType]: (params: CommandParams<T>, work: LongWork) => Promise<CommandOutput<T>>;
};

/** FUSE and libgfapi clients keep attributes for a second, so a difference is looked at again before it is told. */
const LOOK_AGAIN_AFTER_MS = 1_100;
const LOOKS = 3;

function copySpec(params: CommandParams<'image.copy'>, drivers: BackendDrivers): CopyChainSpec {
  const { sourceShare: share, sourceBackend, source, target } = params;
  const from = sourceBackend === undefined ? {} : { sourceDriver: otherDriver(drivers, sourceBackend) };
  return { share, ...from, source, target };
}

/** A driver works on files; whose they are is not its business. */
function withoutVolume<T extends { readonly volumeId: string }>({ volumeId: _, ...spec }: T): Omit<T, 'volumeId'> {
  return spec;
}

/** A chain is never empty; only the generated type says so. */
function wireChain(chain: Chain): CommandOutput<'layer.commit'>['chain'] {
  return [...chain] as CommandOutput<'layer.commit'>['chain'];
}

function wireInspection({ files, ...record }: ChainInspection): CommandOutput<'chain.inspect'> {
  return { files: [...files], ...record };
}

/** The handlers of one backend. Errors are those of the driver's contract. */
export function volumeCommandHandlers(
  driver: VolumeDriver,
  drivers: BackendDrivers = new Map(),
): VolumeCommandHandlers {
  return {
    'image.create': async ({ target }) => ({ layer: await driver.createImage(target) }),
    'image.copy': async (params, work) => ({ layer: await driver.copyChain(copySpec(params, drivers), work) }),
    'image.compare': async (params, work) => {
      await driver.compareCopy(copySpec(params, drivers), work);
      return {};
    },
    'chain.copy': async (params, work) => ({ layers: [...(await copyLayers(driver, params, drivers, work))] }),
    'chain.compare': async (params, work) => {
      await compareLayers(driver, params, drivers, work);
      return {};
    },
    'image.convert': (params, work) => convertImage(driver, drivers, params, work),
    'image.digest': (params, work) => digestImage(driver, params, work),
    'image.checksum': (params, work) => checksumImage(driver, params, work),
    'image.extend': async ({ share, chain, newSizeBytes, preallocation = 'off' }) => ({
      layer: await driver.extendImage({ share, chain, newSizeBytes, preallocation }),
    }),
    'image.manage': async ({ share, sourceFile, targetFile, format }) => ({
      layer: await driver.manageImage({ share, sourceFile, targetFile, format }),
    }),
    'files.remove': async (params) => {
      await driver.removeFiles(withoutVolume(params));
      return {};
    },
    'overlay.prepare': async ({ volumeId: _, copy, ...spec }) => {
      if (copy === undefined) return { layer: await driver.prepareOverlay(spec) };
      const [layer] = await both(driver.prepareOverlay(spec), driver.prepareOverlay(overlayOf(spec.share, copy.chain)));
      return { layer };
    },
    'overlay.append': async (params) => ({ layers: [...(await driver.appendOverlay(params))] }),
    'overlay.withdraw': async ({ volumeId, share, chain, foreignLayers, overlayFile }) => {
      const own = chain.slice(foreignLayers);
      // No record may name the file when it goes.
      await driver.writeRecord({ volumeId, share, chain: own.length === 0 ? null : own });
      await driver.removeFiles({ share, files: [overlayFile] });
      return {};
    },
    'overlay.fork': async ({ volumeId, share, chain, foreignLayers, copy, belowEmpty }) => {
      // Nobody writes to it, so that a repetition finds the same.
      if (belowEmpty !== undefined && (await driver.holdsNothing({ share, chain: chain.slice(0, -1) }))) {
        const seen = await driver.appendOverlay({ share, volumeId: copy.volumeId, ...belowEmpty });
        return { layers: [], copyLayers: [...seen], reused: true };
      }
      const [layers, copyLayers] = await both(
        driver.appendOverlay({ share, volumeId, chain, foreignLayers }),
        driver.appendOverlay({ share, ...copy }),
      );
      return { layers: [...layers], copyLayers: [...copyLayers] };
    },
    'overlay.unfork': async ({ volumeId, share, chain, foreignLayers, overlayFile, copy }) => {
      await both(
        driver.writeRecord({ volumeId, share, chain: chain.slice(foreignLayers) }),
        driver.writeRecord({ volumeId: copy.volumeId, share, chain: null }),
      );
      await driver.removeFiles({ share, files: [copy.file, overlayFile] });
      return {};
    },
    'overlay.settle-fork': async ({ volumeId, share, chain, foreignLayers, copy }, { signal }) => {
      const [layers, copyLayers] = await both(
        verifyChain(driver, share, chain, signal),
        verifyChain(driver, share, copy.chain, signal),
      );
      await both(
        driver.writeRecord({ volumeId, share, chain: chain.slice(foreignLayers) }),
        driver.writeRecord({ volumeId: copy.volumeId, share, chain: copy.chain.slice(copy.foreignLayers) }),
      );
      return { layers: [...layers], copyLayers: [...copyLayers] };
    },
    'layer.commit': async (params, work) => ({
      chain: wireChain(await driver.commitLayer(withoutVolume(params), work)),
    }),
    'layer.flatten': async (params, work) => ({
      chain: wireChain(await driver.flattenLayer(withoutVolume(params), work)),
    }),
    'chain.measure': async (params) => ({ layers: [...(await driver.measureChain(withoutVolume(params)))] }),
    'chain.inspect': async (params) => wireInspection(await driver.inspectChain(params)),
    'chain.verify': async ({ share, chain }, { signal }) => ({
      layers: [...(await verifyChain(driver, share, chain, signal))],
    }),
    'files.settle': async ({ share, files }) => {
      await driver.settleFiles({ share, files });
      return {};
    },
    'share.scan': async (params) => {
      const { entries, next } = await driver.scanShare(params);
      return { entries: [...entries], next };
    },
    'export.look': async (params) => ({ present: await driver.hasExport(withoutVolume(params)) }),
    'export.place': async (params) => {
      await driver.placeExport(withoutVolume(params));
      return {};
    },
    'custody.write': async (params) => {
      await driver.writeCustody(params);
      return {};
    },
    'record.write': async ({ volumeId, share, chain }) => {
      await driver.writeRecord({ volumeId, share, chain });
      return {};
    },
  };
}

/** The chain's last layer, to be made above the rest. */
function overlayOf(share: string, chain: Chain): PrepareOverlaySpec {
  const { file: overlayFile, virtualSizeBytes: sizeBytes } = activeLayer(chain);
  return { share, chain: chain.slice(0, -1), overlayFile, sizeBytes };
}

/** Commands that have a key in common must not run at the same time: the volume, and the copy that is made of it. */
export function volumeKeyOf(command: { readonly type?: string; readonly params: object }): string | readonly string[] {
  // A backup only reads what is frozen: whatever else is asked of the volume goes on beside it.
  const { backup } = command.params as { backup?: { backupId: string } };
  if (backup !== undefined && command.type !== 'backup.read') return `backup:${backup.backupId}`;
  // Reading frozen layers may take hours, beside everything that the operation's lock lets others do.
  if (command.type === 'transfer.send') return (command.params as CommandParams<'transfer.send'>).transferId;
  const { volumeId, copy } = command.params as { volumeId?: unknown; copy?: { volumeId?: unknown } };
  const copyId = copy?.volumeId;
  const own = typeof volumeId === 'string' ? volumeId : '';
  return typeof copyId === 'string' ? [own, copyId] : own;
}

/** Side by side. What fails is told when both have ended: its undo must not meet the other half still at work. */
async function both<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}

async function verifyChain(
  driver: VolumeDriver,
  share: string,
  chain: Chain,
  signal: AbortSignal,
): Promise<readonly ObservedLayer[]> {
  for (let look = 1; ; look++) {
    const layers = await driver.readChain({ share, chain });
    const difference = findChainDifference(chain, layers);
    if (difference === null) return layers;
    if (look === LOOKS) {
      throw new ServiceError('chain_mismatch', 'The image files are not what the record says.', {
        context: { difference },
      });
    }
    await sleep(LOOK_AGAIN_AFTER_MS, undefined, { signal }).catch(() => {
      throw new ServiceError('cancelled', 'The work was cancelled.');
    });
  }
}
