// From a server's wished block devices, in Nova's two spellings, to the list of volumes it gets. Pure: knows no database.
//
// Guests boot from existing volumes here. What would need an image, a snapshot or an empty disk to be turned into a volume first is
// refused with words that say so, before anything is taken. Source of the rules and texts: nova/exception.py and
// nova/compute/api.py (_validate_bdm, _subsequent_list).
import type { components } from '../../../api-spec/generated/compute.js';
import type { WantedDisk } from '../../core/db/compute/server-create.js';
import { ServiceError } from '../../core/domain/errors.js';
import { tryCanonicalUuid } from '../../core/domain/ids.js';
import { tryBoolean } from '../shell/boolean-text.js';

export type ServerBody = components['schemas']['ServerCreate']['server'];
type DeviceV2 = NonNullable<ServerBody['block_device_mapping_v2']>[number];
type DeviceV1 = NonNullable<ServerBody['block_device_mapping']>[number];

function invalid(reason: string): ServiceError {
  return new ServiceError('bad_request', `Block Device Mapping is Invalid: ${reason}`);
}

function volumeIdOf(value: string | null | undefined): string {
  const id = value === null || value === undefined ? null : tryCanonicalUuid(value);
  if (id === null) throw invalid(`failed to get volume ${String(value)}.`);
  return id;
}

/** null: the guest does not boot from it. Negative numbers mean the same. */
function bootIndexOf(value: number | string | null | undefined): number | null {
  if (value === null || value === undefined) return null;
  const index = Number(value);
  return index < 0 ? null : index;
}

function readV2(device: DeviceV2): WantedDisk {
  if (device.source_type !== 'volume') {
    throw invalid(
      `source_type ${device.source_type ?? 'none'} is not offered here: create a volume first and name it.`,
    );
  }
  if (device.destination_type !== undefined && device.destination_type !== 'volume') {
    throw invalid('a volume cannot have the destination_type local.');
  }
  return {
    volumeId: volumeIdOf(device.uuid),
    bootIndex: bootIndexOf(device.boot_index),
    deleteOnTermination: tryBoolean(device.delete_on_termination) ?? false,
    tag: device.tag ?? null,
  };
}

function readV1(device: DeviceV1, index: number): WantedDisk {
  if (device.snapshot_id !== undefined && device.snapshot_id !== null) {
    throw invalid('a snapshot is not offered here: create a volume from it first and name that.');
  }
  return {
    volumeId: volumeIdOf(device.volume_id),
    bootIndex: index === 0 ? 0 : null,
    deleteOnTermination: tryBoolean(device.delete_on_termination) ?? false,
    tag: null,
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
  if (indexes.length === 0 || indexes.some((index, position) => index !== position)) {
    throw invalid('Boot sequence for the instance and image/block device mapping combination is not valid.');
  }
  const ids = new Set(disks.map((disk) => disk.volumeId));
  if (ids.size !== disks.length) throw invalid('a volume is named twice.');
}

/** The disks in the order in which the guest gets them, the boot disk first. Throws `bad_request`. */
export function readBlockDevices(server: ServerBody): WantedDisk[] {
  const v1 = server.block_device_mapping ?? [];
  const v2 = server.block_device_mapping_v2 ?? [];
  if (v1.length > 0 && v2.length > 0) {
    throw new ServiceError(
      'bad_request',
      'Using different block_device_mapping syntaxes is not allowed in the same request.',
    );
  }
  const disks = [
    ...v2.filter((device) => !meansNoDevice(device)).map(readV2),
    ...inNameOrder(v1.filter((device) => !meansNoDevice(device))).map(readV1),
  ];
  demandSoundOrder(disks);
  return disks.sort((a, b) => (a.bootIndex ?? Infinity) - (b.bootIndex ?? Infinity) || 0);
}
