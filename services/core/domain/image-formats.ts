// Disk formats of images, Glance's words, and what of them this service makes of a volume or a volume of. Pure.
import type { LayerFormat } from './chain.js';

/** Containers that have to be converted before a guest may have them, or are made of a volume's data. */
export const foreignFormats = ['vmdk', 'vdi', 'vhd', 'vhdx'] as const;
export type ForeignFormat = (typeof foreignFormats)[number];

/** What an image tool reads or writes. */
export type ConvertibleFormat = LayerFormat | ForeignFormat;
export const convertibleFormats: readonly ConvertibleFormat[] = ['raw', 'qcow2', ...foreignFormats];

/** Their bytes are the disk's, whatever a machine is to think of them. */
const plainFormats: readonly string[] = ['raw', 'iso', 'ami', 'ari', 'aki'];

/** How the bytes of an image of this disk format are to be read; null: not at all. */
export function readableFormat(diskFormat: string | null): ConvertibleFormat | null {
  if (diskFormat === null) return null;
  if (plainFormats.includes(diskFormat)) return 'raw';
  return convertibleFormats.find((one) => one === diskFormat) ?? null;
}

export function isLayerFormat(format: ConvertibleFormat): format is LayerFormat {
  return format === 'raw' || format === 'qcow2';
}
