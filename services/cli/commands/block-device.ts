// The disks of a new server, from the options of `server create` to Nova's block_device_mapping_v2. Pure but for finding volumes and
// snapshots by name, which is given in.
import type { components } from '../../../api-spec/generated/compute.js';
import { UsageError } from '../cli-error.js';

export type BlockDevice = NonNullable<
  components['schemas']['ServerCreate']['server']['block_device_mapping_v2']
>[number];

export interface DiskWishes {
  /** `--volume`: boots from it. */
  readonly volume: string | undefined;
  /** `--snapshot`: boots from a volume made of it. */
  readonly snapshot: string | undefined;
  /** `--image`: id; with `bootSizeGib` a volume is made of it, else it is the server's own root disk. */
  readonly imageId?: string | undefined;
  /** `--boot-from-volume`: size of the volume made for booting, GiB. */
  readonly bootSizeGib: number | undefined;
  /** `--block-device` texts: key=value pairs with commas between them. */
  readonly blockDevices: readonly string[];
}

export interface FindDisk {
  volumeId(name: string): Promise<string>;
  snapshotId(name: string): Promise<string>;
}

const sources = ['volume', 'snapshot', 'blank', 'image'] as const;
const keys = new Set([
  'uuid',
  'source_type',
  'destination_type',
  'boot_index',
  'delete_on_termination',
  'volume_size',
  'device_name',
  'disk_bus',
  'device_type',
  'guest_format',
]);

/** Errors: UsageError when the wishes contradict each other or name unknown keys. */
export async function blockDevicesOf(wishes: DiskWishes, find: FindDisk): Promise<BlockDevice[]> {
  const devices: BlockDevice[] = [];
  if (wishes.volume !== undefined) {
    if (wishes.bootSizeGib !== undefined) {
      throw new UsageError('--boot-from-volume makes a new volume; leave it out with --volume.');
    }
    devices.push(bootDevice('volume', await find.volumeId(wishes.volume)));
  }
  if (wishes.snapshot !== undefined) {
    const size = wishes.bootSizeGib === undefined ? {} : { volume_size: wishes.bootSizeGib };
    devices.push({ ...bootDevice('snapshot', await find.snapshotId(wishes.snapshot)), ...size });
  }
  if (wishes.imageId !== undefined && wishes.bootSizeGib !== undefined) {
    devices.push({ ...bootDevice('image', wishes.imageId), volume_size: wishes.bootSizeGib });
  }
  for (const text of wishes.blockDevices) devices.push(await parseBlockDevice(text, find));
  if (devices.length === 0 && wishes.imageId === undefined) {
    throw new UsageError('A server boots from something.', 'Give --volume <name>, --snapshot <name> or --image <ID>.');
  }
  return devices;
}

function bootDevice(source: 'volume' | 'snapshot' | 'image', uuid: string): BlockDevice {
  return { source_type: source, uuid, destination_type: 'volume', boot_index: 0, delete_on_termination: false };
}

/** `uuid=data,source_type=volume,boot_index=1`. A volume or snapshot may be named. */
export async function parseBlockDevice(text: string, find: FindDisk): Promise<BlockDevice> {
  const values = new Map<string, string>();
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=');
    const key = pair.slice(0, at);
    if (at < 1 || !keys.has(key)) {
      throw new UsageError(
        `--block-device does not know '${pair}'.`,
        `It wants key=value with: ${[...keys].join(', ')}`,
      );
    }
    values.set(key, pair.slice(at + 1));
  }
  const source = sources.find((name) => name === (values.get('source_type') ?? 'volume'));
  if (source === undefined) throw new UsageError(`source_type must be one of ${sources.join(', ')}.`);
  const uuid = values.get('uuid');
  if (uuid === undefined && source !== 'blank') throw new UsageError('--block-device needs uuid=<volume>.');
  const size = values.get('volume_size');
  const bootIndex = values.get('boot_index');
  return {
    source_type: source,
    destination_type: values.get('destination_type') === 'local' ? 'local' : 'volume',
    boot_index: bootIndex === undefined ? null : Number.parseInt(bootIndex, 10),
    delete_on_termination: values.get('delete_on_termination') === 'true',
    ...(uuid === undefined ? {} : { uuid: await resolve(source, uuid, find) }),
    ...(size === undefined ? {} : { volume_size: Number.parseInt(size, 10) }),
    ...copied(values, ['device_name', 'disk_bus', 'device_type', 'guest_format']),
  };
}

function resolve(source: (typeof sources)[number], uuid: string, find: FindDisk): Promise<string> | string {
  if (source === 'volume') return find.volumeId(uuid);
  return source === 'snapshot' ? find.snapshotId(uuid) : uuid;
}

function copied(values: ReadonlyMap<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (values.has(name) ? [[name, values.get(name) ?? '']] : [])));
}
