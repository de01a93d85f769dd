// Guards in the parsers of image headers and in the judgement of what they found. All are cheap: their tests need no server.
import type { Mutation } from './mutation.js';

const guard = 'drivers/image/image-guard.ts';
const header = 'drivers/image/qcow2-header.ts';
const detection = 'drivers/image/format-detection.ts';
const signatures = 'drivers/image/format-signatures.ts';
const qcow2Tests = 'test/unit/image/qcow2.test.ts';
const detectionTests = 'test/unit/image/format-detection.test.ts';

const inGuard = (name: string, find: string, grep: string, replace = 'if (false)'): Mutation => ({
  name,
  file: guard,
  find,
  replace,
  tests: { files: [qcow2Tests], grep },
});
const inHeader = (name: string, find: string, grep: string, replace: string): Mutation => ({
  name,
  file: header,
  find,
  replace,
  tests: { files: [qcow2Tests], grep },
});
const inDetection = (name: string, file: string, find: string, grep: string, replace = ''): Mutation => ({
  name,
  file,
  find,
  replace,
  tests: { files: [detectionTests], grep },
});

export const headerMutations: readonly Mutation[] = [
  inGuard('data-file-bit', 'has(incompatibleBits.externalDataFile) ||', 'the bit of a data file', ''),
  inGuard('data-file-name', '|| header.dataFile !== null', 'the name of a data file', ''),
  inGuard('corrupt-mark', 'if (has(incompatibleBits.corrupt))', 'corrupt image'),
  inGuard('compression-bit', 'has(incompatibleBits.compressionType) || ', 'the bit of a compression type', ''),
  inGuard('compression-byte', ' || header.compressionType !== 0', 'a compression type, without', ''),
  inGuard(
    'unknown-features',
    'if ((header.incompatibleFeatures & ~acceptedIncompatible) !== 0n)',
    'unknown incompatible',
  ),
  inGuard('encryption-method', 'header.cryptMethod !== 0 ||', 'an encryption method', ''),
  inGuard('encryption-header', '|| header.hasEncryptionHeader', 'an encryption header', ''),
  inGuard('internal-snapshots', 'if (header.internalSnapshots !== 0)', 'internal snapshots'),
  inGuard('odd-size', 'if (header.virtualSizeBytes % 512 !== 0)', 'a size that no disk has'),
  inGuard('backing-name-length', 'if (backingFile.length > MAX_NAME_BYTES)', 'a backing name of 256'),
  inGuard('backing-name-slash', '[/:\\\\]', 'refuses the backing name "a/b"', '[:\\\\]'),
  inGuard('backing-name-colon', '[/:\\\\]', 'refuses the backing name "nbd', '[/\\\\]'),
  inGuard('backing-name-dot', ' || /^[.-]/.test(backingFile)', 'refuses the backing name ".hidden"', ''),
  inGuard('backing-format', 'if (backingFormat === null)', 'a backing file without its format'),
  inGuard('l1-too-large', 'if (header.l1Entries * 8 > MAX_L1_BYTES)', 'an L1 table of 2 GiB'),
  inGuard(
    'refcounts-too-large',
    'if (header.refcountTableClusters * clusterBytes > MAX_REFCOUNT_TABLE_BYTES)',
    '64 TiB',
  ),
  inGuard('l1-too-small', 'if (header.l1Entries < needed)', 'an L1 table that is too small'),
  inGuard('tables-aligned', 'if (header.l1Offset % clusterBytes !== 0 || ', 'an L1 table between', 'if ('),
  inGuard('l1-outside', 'if (header.l1Offset + header.l1Entries * 8 > fileBytes)', 'refuses tables outside'),
  inGuard(
    'refcounts-outside',
    'if (header.refcountTableOffset + header.refcountTableClusters * clusterBytes > fileBytes)',
    'refuses tables outside',
  ),
  inGuard('table-over-header', 'header.refcountTableOffset < clusterBytes || ', 'refuses tables outside', ''),
  inGuard('foreign-name', 'if (header.backingFile !== below.file)', 'every reference that is not'),
  inGuard('foreign-format', 'if (header.backingFormat !== below.format)', 'every reference that is not'),
  inHeader('version', 'if (version !== 2 && version !== 3) throw', 'refuses version', 'if (false) throw'),
  inHeader('cluster-bits', 'clusterBits >= 9 && clusterBits <= 21', 'refuses cluster bits', 'true'),
  inHeader(
    'header-length',
    'headerLength >= (version === 2 ? V2_HEADER_BYTES : V3_HEADER_BYTES)',
    'a header length below',
    'true',
  ),
  inHeader('refcount-width', '<= MAX_REFCOUNT_ORDER', 'a refcount width', '<= 255'),
  inHeader('name-too-long', 'demand(length <= MAX_BACKING_NAME_BYTES,', 'a backing name of 2000', 'demand(true,'),
  inHeader(
    'reference-version',
    'bytes.readUInt32BE(0) !== QCOW2_MAGIC) return null',
    'as QEMU would',
    'bytes.readUInt32BE(4) !== 3) return null',
  ),
  inHeader('reference-nul', "text.split('\\0', 1)[0]", 'as QEMU would', 'text'),
  inDetection('container-qcow', detection, "  'qcow',\n  'qcow2',", 'knows qcow ', "  'qcow2',"),
  inDetection('container-qcow2', detection, "  'qcow2',\n  'qed',", 'knows qcow2', "  'qed',"),
  inDetection('container-qed', detection, "  'qed',\n  'vmdk',", 'knows qed', "  'vmdk',"),
  inDetection('container-vmdk', detection, "  'vmdk',\n  'vdi',", 'knows vmdk', "  'vdi',"),
  inDetection('container-vdi', detection, "  'vdi',\n  'vhd',", 'knows vdi', "  'vhd',"),
  inDetection('container-vhd', detection, "  'vhd',\n  'vhdx',", 'knows vhd ', "  'vhdx',"),
  inDetection('container-vhdx', detection, "  'vhdx',\n", 'knows vhdx'),
  inDetection('container-parallels', detection, "  'parallels',\n", 'knows parallels'),
  inDetection('container-bochs', detection, "  'bochs',\n", 'bochs'),
  inDetection('container-cloop', detection, "  'cloop',\n", 'cloop'),
  inDetection('container-dmg', detection, "  'dmg',\n", 'DMG'),
  inDetection(
    'future-qcow2',
    detection,
    "if (!has('qcow', 'qcow2') && startsWith",
    'of the future',
    'if (false && startsWith',
  ),
  inDetection('descriptor', detection, 'if (isVmdkDescriptor(start))', 'a VMDK descriptor', 'if (false)'),
  inDetection('vhd-footer', signatures, "  magic('vhd', 'fixed: footer', -512, 'conectix'),\n", 'VHD footer'),
  inDetection('stream-footer', signatures, "  magic('vmdk', 'stream footer', -1024, 'KDMV'),\n", 'stream footer'),
];
