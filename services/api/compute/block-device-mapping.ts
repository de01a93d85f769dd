// From a server's wished block devices, in Nova's two spellings, and its imageRef, to the list of disks it gets. Pure: knows no database.
//
//   imageRef alone                            a root disk of the image that the server owns, as large as its flavor says
//   imageRef, and image -> local at 0         the same (what the openstack client sends beside other devices)
//   image | snapshot | blank -> volume        a volume is made first
//   blank -> local                            the same, and it goes with the server
//   volume -> volume                          one that is there
//
// Source of the rules and texts: nova/exception.py and nova/compute/api.py (_validate_bdm, _subsequent_list), nova/block_device.py.
import type { components } from '../../../api-spec/generated/compute.js';
import type { DiskSource, WantedDisk } from '../../core/db/compute/server-disks.js';
import { ServiceError } from '../../core/domain/errors.js';
import { tryCanonicalUuid } from '../../core/domain/ids.js';
import { tryBoolean } from '../shell/boolean-text.js';

export type ServerBody = components['schemas']['ServerCreate']['server'];
type DeviceV2 = NonNullable<ServerBody['block_device_mapping_v2']>[number];
type DeviceV1 = NonNullable<ServerBody['block_device_mapping']>[number];

function invalid(reason: string): ServiceError {
  return new ServiceError('bad_request', `Block Device Mapping is Invalid: ${reason}`);
}

const badSequence = 'Boot sequence for the instance and image/block device mapping combination is not valid.';

function idOf(what: 'volume' | 'image' | 'snapshot', value: string | null | undefined): string {
  const id = value === null || value === undefined ? null : tryCanonicalUuid(value);
  if (id === null) throw invalid(`failed to get ${what} ${String(value)}.`);
  return id;
}

/** null: the guest does not boot from it. Negative numbers mean the same. */
function bootIndexOf(value: number | string | null | undefined): number | null {
  if (value === null || value === undefined) return null;
  const index = Number(value);
  return index < 0 ? null : index;
}

/** GiB; null where nothing is said. */
function sizeOf(value: number | string | null | undefined): number | null {
  if (value === null || value === undefined || value === '') return null;
  const size = Number(value);
  if (!Number.isInteger(size) || size < 0 || size > 2 ** 31 - 1) throw invalid(`Invalid volume_size ${value}.`);
  return size === 0 ? null : size;
}

function needSize(size: number | null, what: string): number {
  if (size === null) throw invalid(`${what} with destination_type 'volume' need to have a non-zero size specified`);
  return size;
}

/** `isLocal`: of no life of its own; the server takes it along when it goes. */
interface ReadDisk extends WantedDisk {
  readonly isLocal: boolean;
}

function sourceOf(device: DeviceV2, isLocal: boolean): DiskSource {
  const sizeGib = sizeOf(device.volume_size);
  switch (device.source_type) {
    case 'volume':
      if (isLocal) throw invalid('a volume cannot have the destination_type local.');
      return { kind: 'volume', id: idOf('volume', device.uuid) };
    case 'snapshot':
      if (isLocal) throw invalid('a snapshot cannot have the destination_type local.');
      return { kind: 'snapshot', id: idOf('snapshot', device.uuid), sizeGib };
    case 'image':
      return {
        kind: 'image',
        id: idOf('image', device.uuid),
        sizeGib: isLocal ? sizeGib : needSize(sizeGib, 'Images'),
      };
    case 'blank':
      return { kind: 'blank', sizeGib: needSize(sizeGib, 'Blank volumes') };
    default:
      throw invalid('source_type is missing.');
  }
}

function readV2(device: DeviceV2): ReadDisk {
  // Nova takes `local` where an image or nothing is the source, and `volume` elsewhere.
  const isLocal = device.destination_type === 'local';
  return {
    source: sourceOf(device, isLocal),
    bootIndex: bootIndexOf(device.boot_index),
    deleteOnTermination: isLocal || (tryBoolean(device.delete_on_termination) ?? false),
    tag: device.tag ?? null,
    isLocal,
  };
}

function readV1(device: DeviceV1, index: number): ReadDisk {
  const sizeGib = sizeOf(device.volume_size);
  const source: DiskSource =
    device.snapshot_id === undefined || device.snapshot_id === null
      ? { kind: 'volume', id: idOf('volume', device.volume_id) }
      : { kind: 'snapshot', id: idOf('snapshot', device.snapshot_id), sizeGib };
  return {
    source,
    bootIndex: index === 0 ? 0 : null,
    deleteOnTermination: tryBoolean(device.delete_on_termination) ?? false,
    tag: null,
    isLocal: false,
  };
}

function meansNoDevice(device: DeviceV1 | DeviceV2): boolean {
  return (
    device.no_device !== undefined && device.no_device !== null && device.no_device !== '' && device.no_device !== false
  );
}

/** The older form has no boot index: names decide the order, and the first one boots (`vda` before `vdb`). */
function inNameOrder(devices: readonly DeviceV1[]): DeviceV1[] {
  const name = (device: DeviceV1): string => (device.device_name ?? '~').replace(/^\/dev\//, '');
  return [...devices].sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0));
}

function demandSoundOrder(disks: readonly WantedDisk[]): void {
  const indexes = disks.flatMap((disk) => disk.bootIndex ?? []).sort((a, b) => a - b);
  if (indexes.length === 0 || indexes.some((index, position) => index !== position)) throw invalid(badSequence);
  const ids = disks.flatMap(({ source }) => (source.kind === 'volume' ? [source.id] : []));
  if (new Set(ids).size !== ids.length) throw invalid('a volume is named twice.');
}

/** A root disk that nobody but the server has. Its size is the flavor's; 0 there means the image's. */
function localRoot(imageId: string): ReadDisk {
  const source = { kind: 'image', id: imageId, sizeGib: null } as const;
  return { source, bootIndex: 0, deleteOnTermination: true, tag: null, isLocal: true };
}

/** What an image has to do with the server. Throws `bad_request` for two root disks. */
function withImage(disks: readonly ReadDisk[], imageId: string | null): readonly ReadDisk[] {
  const isLocalImage = ({ source, isLocal }: ReadDisk): boolean => isLocal && source.kind === 'image';
  const local = disks.filter(isLocalImage);
  if (imageId === null) {
    if (local.length > 0) throw invalid('Mapping image to local is not supported.');
    return disks;
  }
  if (local.some(({ source, bootIndex }) => source.kind !== 'image' || source.id !== imageId || bootIndex !== 0)) {
    throw invalid('Mapping image to local is not supported.');
  }
  // terraform and gophercloud name the image beside an image -> volume device at 0, which then is the root disk.
  const isRootVolume = ({ source, bootIndex }: ReadDisk): boolean =>
    bootIndex === 0 && source.kind === 'image' && source.id === imageId;
  if (disks.some(isRootVolume)) return disks;
  return [localRoot(imageId), ...disks];
}

export interface ServerDisks {
  /** The boot disk first. */
  readonly disks: readonly WantedDisk[];
  /** The image of a root disk that the server owns; null when a volume is its root. */
  readonly rootImageId: string | null;
}

/** The disks in the order in which the guest gets them. Throws `bad_request`. */
export function readBlockDevices(server: ServerBody, imageId: string | null): ServerDisks {
  const v1 = server.block_device_mapping ?? [];
  const v2 = server.block_device_mapping_v2 ?? [];
  if (v1.length > 0 && v2.length > 0) {
    throw new ServiceError(
      'bad_request',
      'Using different block_device_mapping syntaxes is not allowed in the same request.',
    );
  }
  const named = [
    ...v2.filter((device) => !meansNoDevice(device)).map(readV2),
    ...inNameOrder(v1.filter((device) => !meansNoDevice(device))).map(readV1),
  ];
  const disks = withImage(named, imageId);
  demandSoundOrder(disks);
  const root = disks.find(({ bootIndex }) => bootIndex === 0);
  const ownsRoot = root?.isLocal === true && root.source.kind === 'image';
  return {
    disks: disks
      .map(({ isLocal: _, ...disk }) => disk)
      .sort((a, b) => (a.bootIndex ?? Infinity) - (b.bootIndex ?? Infinity) || 0),
    rootImageId: ownsRoot ? imageId : null,
  };
}

/** A root disk of the server's own is as large as its flavor says, where that says anything. */
export function sizeRootDisk(
  disks: readonly WantedDisk[],
  rootImageId: string | null,
  flavorDiskGib: number,
): WantedDisk[] {
  return disks.map((disk) => {
    const isOwnRoot = rootImageId !== null && disk.bootIndex === 0 && disk.source.kind === 'image';
    if (!isOwnRoot || flavorDiskGib === 0 || disk.source.kind !== 'image') return disk;
    return { ...disk, source: { ...disk.source, sizeGib: flavorDiskGib } };
  });
}
