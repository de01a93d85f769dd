// The ways in which a guest can be given the same Gluster volume, one option apart from the driver's own: nodes and device as QEMU wants them.
// `null` is a disk that answers at once: what this guest's processor can do at all.
import { diskDevice, layerNodes, sharedOptions } from '../../../drivers/qemu/disk-options.js';
import type { JsonObject } from '../../../drivers/qemu/qmp-messages.js';
import { cacheOptions, transportOf } from '../../../drivers/qemu/share-transport.js';
import type { ShareAccess } from '../../../drivers/volume-driver.js';

export interface GuestDisk {
  readonly name: string;
  readonly serial: string;
  /** In the order in which they are added; the last one is the device's. */
  readonly nodes: readonly JsonObject[];
  readonly device: JsonObject;
}

export interface DiskPlace {
  readonly access: ShareAccess;
  /** Of a raw file on the share. */
  readonly file: string;
  /** The same file below a FUSE mount of the share. */
  readonly fusePath: string;
  readonly sizeBytes: number;
}

/** An option of ours turned the other way, each with a name for the table. */
export function guestDisks({ access, file, fusePath, sizeBytes }: DiskPlace): readonly GuestDisk[] {
  const gluster = { ...transportOf(access).fileOptions(file), ...sharedOptions(false) };
  const nodesOf = (id: string, protocol: JsonObject): JsonObject[] => [
    { ...protocol, 'node-name': `p-${id}` },
    { driver: 'raw', 'node-name': `f-${id}`, file: `p-${id}`, ...sharedOptions(false) },
  ];
  const ours = (id: string): JsonObject[] =>
    layerNodes(id, { file, format: 'raw' }, transportOf(access), null).map(({ options }) => options);
  const fuse = (aio: string): JsonObject => ({
    driver: 'file',
    filename: fusePath,
    aio,
    cache: cacheOptions,
    discard: 'unmap',
  });
  const disk = (serial: string, name: string, nodes: readonly JsonObject[], options: JsonObject = {}): GuestDisk => ({
    name,
    serial,
    nodes,
    device: deviceOf(serial, String(nodes.at(-1)?.['node-name']), options),
  });
  return [
    disk('null', 'nothing behind it (null-co): the ceiling', [
      { driver: 'null-co', 'node-name': 'f-null', size: sizeBytes, 'read-zeroes': false },
    ]),
    disk('ours', 'libgfapi, as the driver does it', ours('ours')),
    disk('bare', 'libgfapi, no pass-on node', nodesOf('bare', gluster)),
    disk('main', 'libgfapi, no iothread', ours('main'), { iothread: undefined }),
    disk('queues', 'libgfapi, one queue of 128', ours('queues'), { 'num-queues': 1, 'queue-size': 128 }),
    disk('cached', 'libgfapi, through page caches', nodesOf('cached', { ...gluster, cache: { direct: false } })),
    disk('threads', 'FUSE file, aio=threads', nodesOf('threads', fuse('threads'))),
    disk('native', 'FUSE file, aio=native', nodesOf('native', fuse('native'))),
    disk('uring', 'FUSE file, aio=io_uring', nodesOf('uring', fuse('io_uring'))),
  ];
}

function deviceOf(serial: string, node: string, options: JsonObject): JsonObject {
  const chain = [{ file: 'unused', format: 'raw' as const, virtualSizeBytes: 0, snapshotId: null }];
  const access = { share: 'dir:/', glusterVolumeName: '', directory: '', servers: [], mountOptions: null };
  const spec = { volumeId: serial, serial, access, chain, readOnly: false, bootIndex: null };
  const device = { ...diskDevice(spec, ''), drive: node, ...options };
  return Object.fromEntries(Object.entries(device).filter(([, value]) => value !== undefined));
}
