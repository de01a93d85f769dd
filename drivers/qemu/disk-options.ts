// The JSON of a disk, the same for QEMU's command line and for hot-plug: the nodes of its chain from the bottom up, and the device.
// The chain is explicit: QEMU never follows a name in a header (under a JSON gluster node it could not: "Cannot generate a base
// directory for gluster nodes").
import type { Chain, Layer } from '../../services/core/domain/chain.js';
import { activeLayer, encryptionOf } from '../../services/core/domain/chain.js';
import type { DiskSpec } from '../hypervisor-driver.js';
import { encryptOptions } from './guest-secrets.js';
import { deviceId, layerNodeNames } from './node-names.js';
import type { JsonObject } from './qmp-messages.js';
import { cacheOptions, type ShareTransport } from './share-transport.js';

export interface NodeOptions {
  readonly nodeName: string;
  readonly options: JsonObject;
  /** Of an encrypted layer's format node: the key whose secret must be there when it is opened. */
  readonly keyId?: string;
}

/** Limits of nothing, which a throttle node must have. */
export const passOnGroup = { 'qom-type': 'throttle-group', id: 'unlimited' } as const;
/** Of QEMU's filters the one whose file can be replaced while that is dead: a raw node asks it for its length first (measured with 7.2). */
export const passOn: JsonObject = { driver: 'throttle', 'throttle-group': passOnGroup.id };

/** What every node of a layer is opened with. */
export function sharedOptions(readOnly: boolean): JsonObject {
  return { cache: cacheOptions, discard: 'unmap', 'read-only': readOnly };
}

/**
 * The two nodes of one layer. `backing` is the format node below; null for the base and for an overlay not yet in use. The file's node
 * passes all on to one that talks to the share: QEMU gives that up for good when a flush has failed, and another can take its place, under
 * a format node that keeps what it has not written yet (recover-disks.ts).
 */
export function layerNodes(
  volumeId: string,
  layer: Pick<Layer, 'file' | 'format' | 'keyId'>,
  transport: ShareTransport,
  backing: string | null,
  readOnly = false,
): readonly NodeOptions[] {
  const { protocol, format } = layerNodeNames(volumeId, layer.file);
  const shared = sharedOptions(readOnly);
  const onShare = { ...transport.fileOptions(layer.file), ...shared };
  const qcow2Only = layer.format === 'qcow2' ? { backing } : {};
  return [
    { nodeName: protocol, options: { ...passOn, 'node-name': protocol, file: onShare, ...shared } },
    {
      nodeName: format,
      options: {
        driver: layer.format,
        'node-name': format,
        file: protocol,
        ...qcow2Only,
        ...encryptOptions(layer.keyId),
        ...shared,
      },
      ...encryptionOf(layer),
    },
  ];
}

/**
 * All nodes of a chain, in the order in which they must be added. Layers of other volumes are opened for reading only: QEMU would else
 * clear header bits that it does not know as soon as it opens a file.
 */
export function chainNodes(
  volumeId: string,
  chain: Chain,
  transport: ShareTransport,
  readOnly: boolean,
  foreignLayers = 0,
): readonly NodeOptions[] {
  let backing: string | null = null;
  return chain.flatMap((layer, index) => {
    const nodes = layerNodes(volumeId, layer, transport, backing, readOnly || index < foreignLayers);
    backing = layerNodeNames(volumeId, layer.file).format;
    return nodes;
  });
}

/**
 * The device on the given root port. Without `addr` QEMU accepts a second device on an occupied port and the guest never sees it.
 * werror/rerror=stop: an outage of the share stops the guest instead of making its file systems read-only.
 */
export function diskDevice(disk: DiskSpec, port: string): JsonObject {
  return {
    driver: 'virtio-blk-pci',
    id: deviceId(disk.volumeId),
    drive: layerNodeNames(disk.volumeId, activeLayer(disk.chain).file).format,
    bus: port,
    addr: '0',
    serial: disk.serial.slice(0, 20),
    iothread: 'io0',
    'write-cache': 'on',
    werror: 'stop',
    rerror: 'stop',
    ...(disk.bootIndex === null ? {} : { bootindex: disk.bootIndex }),
  };
}
