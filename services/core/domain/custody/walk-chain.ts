// Follows one volume's chain from its active file down, header by header, and stops at its base: a file without anything below it, or an
// overlay that stands on a frozen file of another volume, where our record says so. Whatever is odd on the way is a finding, and then
// the volume has no chain.
import type { LayerFormat } from '../chain.js';
import type { CustodyRecord } from './custody-record.js';
import { type Finding, type FindingCode, finding } from './findings.js';
import { type ChainInfo, readName, type ScannedFile } from './inventory.js';
import { type Evidence, judgeFormat } from './layer-format.js';

export interface WalkInput {
  readonly volumeId: string;
  readonly active: string;
  readonly files: ReadonlyMap<string, ScannedFile>;
  /** File -> the volume that it belongs to. */
  readonly claims: ReadonlyMap<string, string>;
  readonly info: ChainInfo | null;
  readonly record: CustodyRecord | null;
  readonly said: LayerFormat | null;
}

export interface WalkedLayer {
  readonly file: string;
  readonly format: LayerFormat;
  readonly virtualSizeBytes: number;
  /** The key that it is encrypted with, as the record says. */
  readonly keyId?: string;
}

export interface Walked {
  /** Oldest first. */
  readonly layers: readonly WalkedLayer[];
  readonly backing: CustodyRecord['backing'];
  /** How the format of the base is known. */
  readonly evidence: Evidence;
}

interface Above {
  readonly file: string;
  readonly backingFormat: string | null;
}

export function walkChain(input: WalkInput): Walked | Finding {
  const { volumeId, files } = input;
  const wrong = (code: FindingCode, text: string, ...names: string[]) => finding(code, volumeId, names, text);
  const made = new Set(Object.values(input.info?.snapshots ?? {}));
  const layers: WalkedLayer[] = [];
  const visited = new Set<string>();
  let above: Above | null = null;
  for (let name = input.active; ; ) {
    if (visited.has(name)) return wrong('cycle', `${name} lies below itself`, ...visited);
    visited.add(name);
    const owner = input.claims.get(name) ?? null;
    const evidence = layers[0] === undefined ? 'name' : lastEvidence(input, layers[0]);
    const file = files.get(name);
    if (file === undefined) {
      const who = above === null ? 'the .info' : above.file;
      return wrong('missing-file', `${who} names ${name}, which is not on the share`, name);
    }
    if (owner !== volumeId) return leaveVolume(input, name, owner, layers, above, evidence);
    if (file.linkCount !== 1) return wrong('linked', `${name} has ${file.linkCount} names`, name);
    const recorded = input.record?.chain.find((layer) => layer.file === name);
    const verdict = judgeFormat(file, {
      recorded: recorded?.format ?? null,
      keyId: recorded?.keyId ?? null,
      stated: above?.backingFormat ?? null,
      madeAsOverlay: made.has(name) || readName(name)?.role !== 'base',
      said: input.said,
    });
    if ('code' in verdict) return wrong(verdict.code, verdict.text, name);
    const layer = layerOf(file, verdict.format);
    if (layer === null) return wrong('odd-raw-size', `${name} has ${file.sizeBytes} bytes`, name);
    layers.unshift({ ...layer, ...(recorded?.keyId === undefined ? {} : { keyId: recorded.keyId }) });
    const below: string | null =
      layer.format === 'qcow2' && file.verdict.format === 'qcow2' ? file.verdict.backingFile : null;
    if (below === null) return { layers, backing: null, evidence: verdict.evidence };
    above = { file: name, backingFormat: file.verdict.format === 'qcow2' ? file.verdict.backingFormat : null };
    name = below;
  }
}

function lastEvidence({ record }: WalkInput, { file }: WalkedLayer): Evidence {
  return record?.chain.some((layer) => layer.file === file) === true ? 'record' : 'name';
}

/** The next file is another's. That is right for an instant copy, and only where our own record says what it was copied from. */
function leaveVolume(
  { volumeId, record }: WalkInput,
  name: string,
  owner: string | null,
  layers: readonly WalkedLayer[],
  above: Above | null,
  evidence: Evidence,
): Walked | Finding {
  const backing = record?.backing ?? null;
  if (above !== null && backing !== null && backing.file === name && backing.volumeId === owner) {
    return { layers, backing, evidence };
  }
  const whose = owner === null ? 'no volume' : `volume ${owner}`;
  if (above === null) return finding('claimed-twice', volumeId, [name], `its active file ${name} belongs to ${whose}`);
  return finding(
    'foreign-backing',
    volumeId,
    [above.file, name],
    `${above.file} stands on ${name}, which belongs to ${whose}`,
  );
}

/** null for a raw file of a length that no guest could open. */
function layerOf({ name, verdict, sizeBytes }: ScannedFile, format: LayerFormat): WalkedLayer | null {
  if (format === 'qcow2') {
    return { file: name, format, virtualSizeBytes: verdict.format === 'qcow2' ? verdict.virtualSizeBytes : 0 };
  }
  return sizeBytes > 0 && sizeBytes % 512 === 0 && Number.isSafeInteger(sizeBytes)
    ? { file: name, format, virtualSizeBytes: sizeBytes }
    : null;
}
