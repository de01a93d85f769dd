// How images are shown, and the options that several image commands share. Fields and columns are python-openstackclient's.
import type { ManyResult, OneResult, OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import type { Image } from '../resources/lookups.js';

export const imageArgument = { name: 'image', about: 'image (name or ID)' } as const;

export const diskFormats = [
  ...['ami', 'ari', 'aki', 'vhd', 'vmdk', 'raw', 'qcow2', 'vhdx', 'vdi', 'iso', 'ploop'],
] as const;
export const containerFormats = ['ami', 'ari', 'aki', 'bare', 'docker', 'ova', 'ovf'] as const;
const visibilities = ['public', 'private', 'community', 'shared'] as const;

/** What is no property of an image to a reader: the service's own fields. */
const ownFields: ReadonlySet<string> = new Set([
  ...[
    'status',
    'name',
    'container_format',
    'created_at',
    'size',
    'disk_format',
    'updated_at',
    'visibility',
    'min_disk',
  ],
  ...['protected', 'id', 'file', 'checksum', 'owner', 'virtual_size', 'min_ram', 'schema'],
]);

/** Fields of the service that it does not let anybody change by their names. */
export const serviceFields: ReadonlySet<string> = new Set([
  ...[...ownFields, 'tags', 'self', 'os_hidden', 'os_hash_algo', 'os_hash_value', 'direct_url', 'locations'],
]);

const units = ['B', 'K', 'M', 'G', 'T'] as const;

/** As `openstack image show --human-readable`: powers of 1000, one digit. */
function readableSize(bytes: number | null): string {
  if (bytes === null) return '0';
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return power === 0 ? String(bytes) : `${Math.round((bytes / 1000 ** power) * 10) / 10}${units[power]}`;
}

/** Fields in the order of their names; those without a value are left out. */
export function imageFields(image: Image, human = false): OneResult {
  const given = Object.entries(image).filter(([, value]) => value !== null && value !== undefined);
  const shown = given.filter(([name]) => ownFields.has(name) && !(human && name === 'size'));
  const further = given.filter(([name]) => !ownFields.has(name) && name !== 'tags' && name !== 'self');
  const fields: [string, unknown][] = [
    ...shown,
    ['properties', Object.fromEntries(further)],
    ['tags', [...image.tags].sort()],
    ...(human ? ([['size', readableSize(image.size)]] as [string, unknown][]) : []),
  ];
  return { kind: 'one', fields: Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

const longColumns = ['Disk Format', 'Container Format', 'Size', 'Checksum', 'Status', 'Visibility', 'Protected'];

export function imageList(images: readonly Image[], long: boolean): ManyResult {
  return {
    kind: 'many',
    columns: ['ID', 'Name', ...(long ? [...longColumns, 'Project', 'Tags'] : ['Status'])],
    rows: images.map((image) => [
      ...[image.id, image.name],
      ...(long
        ? [
            ...[image.disk_format, image.container_format, image.size, image.checksum, image.status],
            ...[image.visibility, image.protected, image.owner, image.tags],
          ]
        : [image.status]),
    ]),
  };
}

/** `--public`, `--private`, ...: one of them at most. `also` are further options that say the same kind of thing. */
export function visibilityOptions(
  abouts: Readonly<Record<string, string>>,
  also: readonly string[] = [],
): OptionSpec[] {
  const names = [...visibilities, ...also];
  return names.map((name) => ({
    flags: `--${name}`,
    about: abouts[name] ?? name,
    conflicts: names.filter((other) => other !== name),
  }));
}

export const whoMayUseIt = {
  public: 'everybody may use it',
  private: 'only its project may use it',
  community: 'everybody may use it who knows its ID',
  shared: 'its project and those it is shared with may use it',
} as const;

export function visibilityOf(input: CommandInput): (typeof visibilities)[number] | undefined {
  return visibilities.find((name) => input.flag(name));
}

/** True, false, or undefined where neither of the two options was given. */
export function eitherOf(input: CommandInput, yes: string, no: string): boolean | undefined {
  return input.flag(yes) ? true : input.flag(no) ? false : undefined;
}

export const protectionOptions: readonly OptionSpec[] = [
  { flags: '--protected', about: 'may not be deleted', conflicts: ['unprotected'] },
  { flags: '--unprotected', about: 'may be deleted' },
];

const wholeNumber = { min: 0, max: 2_147_483_647 } as const;

/** What a disk made of it needs. */
export const needOptions: readonly OptionSpec[] = [
  { flags: '--min-disk <gib>', about: 'smallest disk that it fits on, GiB', integer: wholeNumber },
  { flags: '--min-ram <mib>', about: 'smallest memory that it runs in, MiB', integer: wholeNumber },
];
