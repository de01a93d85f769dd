// Where each image or disk format leaves its mark: bytes at an offset from the start, or from the end. Data only; what a mark means for a
// file that is offered as a disk is said in format-detection.ts.
// Sources: QEMU's block/*.c (probe functions and trailers), ECMA-119 (ISO 9660), the UEFI specification (GPT), the LUKS1 and LUKS2
// on-disk specifications, Apple's UDIF trailer as QEMU's block/dmg.c reads it.

export const detectableFormats = [
  'qcow',
  'qcow2',
  'qed',
  'vmdk',
  'vdi',
  'vhd',
  'vhdx',
  'parallels',
  'bochs',
  'cloop',
  'dmg',
  'luks',
  'iso',
  'gpt',
  'mbr',
] as const;
export type DetectedFormat = (typeof detectableFormats)[number];

export interface Signature {
  readonly format: DetectedFormat;
  /** Which kind of the format, for people. */
  readonly variant: string;
  /** From the start of the file; negative: from its end. */
  readonly at: number;
  /** Latin-1. */
  readonly bytes: string;
}

const magic = (format: DetectedFormat, variant: string, at: number, bytes: string): Signature => ({
  format,
  variant,
  at,
  bytes,
});

/** Formats told by fixed bytes alone. */
export const signatures: readonly Signature[] = [
  magic('qcow', 'version 1', 0, 'QFI\xfb\0\0\0\x01'),
  magic('qcow2', 'version 2', 0, 'QFI\xfb\0\0\0\x02'),
  magic('qcow2', 'version 3', 0, 'QFI\xfb\0\0\0\x03'),
  magic('qed', 'header', 0, 'QED\0'),
  magic('vmdk', 'sparse header', 0, 'KDMV'),
  magic('vmdk', 'cowd', 0, 'COWD'),
  magic('vmdk', 'seSparse', 0, '\xbe\xba\xfe\xca\0\0\0\0'),
  magic('vmdk', 'stream footer', -1024, 'KDMV'),
  magic('vdi', 'header', 64, '\x7f\x10\xda\xbe'),
  magic('vhd', 'dynamic', 0, 'conectix'),
  magic('vhd', 'fixed: footer', -512, 'conectix'),
  magic('vhd', 'fixed: footer of old writers', -511, 'conectix'),
  magic('vhdx', 'file identifier', 0, 'vhdxfile'),
  magic('parallels', 'WithoutFreeSpace', 0, 'WithoutFreeSpace'),
  magic('parallels', 'WithouFreSpacExt', 0, 'WithouFreSpacExt'),
  magic('bochs', 'redolog', 0, 'Bochs Virtual HD Image'),
  magic('cloop', 'script header', 0, '#!/bin/sh\n#V2.0 Format\n'),
  magic('dmg', 'trailer', -512, 'koly\0\0\0\x04'),
  magic('luks', 'version 1', 0, 'LUKS\xba\xbe\0\x01'),
  magic('luks', 'version 2', 0, 'LUKS\xba\xbe\0\x02'),
  magic('iso', 'first descriptor', 32_769, 'CD001'),
  magic('iso', 'second descriptor', 34_817, 'CD001'),
  magic('gpt', '512-byte sectors', 512, 'EFI PART'),
  magic('gpt', '4096-byte sectors', 4096, 'EFI PART'),
];
