// The compute worker's one table: command type -> driver verb. A handler only translates; what is idempotent, safe and read back is
// the driver's promise. The undo of a pivot asks the world first: a guest that writes to the overlay already means "forward".
import type { HypervisorDriver, ObservedDisk, ObservedServer } from '../../drivers/hypervisor-driver.js';
import type { CommandContext, CommandHandlers } from '../core/bus/command-handler.js';
import { asServiceError } from '../core/domain/errors.js';
import { powerStates } from '../core/domain/server.js';
import type { Command, CommandOutput, ObservedDiskMessage, ObservedServerMessage } from '../core/messages/envelope.js';

export function computeHandlers(driver: HypervisorDriver): CommandHandlers {
  return {
    'server.start': async (params) => ({ server: serverMessage(await driver.startServer(params)) }),
    'server.stop': async ({ serverId, graceMs }, { signal }) => {
      await driver.stopServer(serverId, graceMs, signal);
      return {};
    },
    'server.delete': async ({ serverId }) => {
      await driver.deleteServer(serverId);
      return {};
    },
    'server.inspect': async ({ serverId }) => ({ server: serverMessage(await inspectOrAbsent(driver, serverId)) }),
    'disk.attach': async ({ serverId, disk }) => ({ disk: diskMessage(await driver.attachDisk(serverId, disk)) }),
    'disk.detach': async ({ serverId, volumeId }, { signal }) => {
      await driver.detachDisk(serverId, volumeId, signal);
      return {};
    },
    'guest.switch': async (params) => {
      try {
        const { disks, freeze } = await driver.switchToOverlays(params);
        return { disks: disks.map(diskMessage), freeze: { ...freeze } };
      } catch (thrown) {
        // It ended since it was looked at. With no process nobody writes below the overlay, so forward is safe; and where another guest
        // of the same operation has been switched already, there is no other way.
        if (asServiceError(thrown).code !== 'guest_not_running') throw thrown;
        return { disks: [] };
      }
    },
    'guest.close-overlays': async (params) => {
      if ((await driver.closeOverlays(params)) === 'not-switched') return { disks: [] };
      const volumes = new Set(params.disks.map(({ volumeId }) => volumeId));
      const server = await inspectOrAbsent(driver, params.serverId);
      return { forward: { disks: server.disks.filter(({ volumeId }) => volumes.has(volumeId)).map(diskMessage) } };
    },
    'guest.merge': async (params, context) => ({
      disk: diskMessage(await driver.mergeLayer(params, longWork(context))),
    }),
    'guest.flatten': async (params, context) => ({
      disk: diskMessage(await driver.flattenDisk(params, longWork(context))),
    }),
    'guest.mirror': async (params, context) => ({
      disk: diskMessage(await driver.mirrorDisk(params, longWork(context))),
    }),
    'guest.unmirror': async (params): Promise<CommandOutput<'guest.unmirror'> | { forward: object }> => {
      const { switched } = await driver.endMirror(params);
      if (switched === null) return {};
      return { forward: { disk: diskMessage(switched) } };
    },
    'guest.resize': async ({ serverId, volumeId, chain, newSizeBytes }) => ({
      disk: diskMessage(await driver.resizeDisk(serverId, volumeId, chain, newSizeBytes)),
    }),
  };
}

/** Everything about one server happens in turn. */
export function serverOf({ params }: Command): string {
  return 'serverId' in params ? params.serverId : '';
}

/** No such server here is an answer for whoever asks whether a guest has files open: it has not. */
async function inspectOrAbsent(driver: HypervisorDriver, serverId: string): Promise<ObservedServer> {
  try {
    return await driver.inspectServer(serverId);
  } catch (thrown) {
    if (asServiceError(thrown).code !== 'not_found') throw thrown;
    return { serverId, powerState: powerStates.nostate, disks: [] };
  }
}

function longWork({ signal, onProgress }: Pick<CommandContext, 'signal' | 'onProgress'>) {
  return { signal, onProgress };
}

function diskMessage({ volumeId, layers }: ObservedDisk): ObservedDiskMessage {
  return { volumeId, layers: layers.map((layer) => ({ ...layer })) };
}

function serverMessage({ serverId, powerState, disks }: ObservedServer): ObservedServerMessage {
  return { serverId, powerState, disks: disks.map(diskMessage) };
}
