// What only the database knows of a volume, as it is written beside the volume's data (`.saggar/<volume id>.json`), so that a lost database
// can be rebuilt from the shares. The file is JSON; keys are only ever added; a reader leaves alone what it does not know.
// It is a copy: while the database lives nothing is ever read from it. Its chain may lag behind the files by a minute; files win.
import { type Chain, type Layer, layerFormats } from '../chain.js';
import { isUuid } from '../ids.js';
import { isChainFileName } from './inventory.js';
import {
  findUnusableFact,
  imageFactRules,
  isStorableText,
  snapshotFactRules,
  typeFactRules,
  volumeFactRules,
} from './record-facts.js';

export const CUSTODY_VERSION = 1;
/** Larger than any record: 3 × 128 pairs of metadata, and some hundred snapshots. */
export const CUSTODY_MAX_BYTES = 262_144;

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
/** Columns of a row by their names in the database. */
export type Facts = Readonly<Record<string, JsonValue>>;

export interface CustodyRecord {
  readonly version: number;
  readonly volumeId: string;
  /** UTC, ISO 8601. */
  readonly writtenAt: string;
  readonly volume: Facts;
  readonly type: Facts | null;
  /** The volume's own layers, oldest first. */
  readonly chain: Chain;
  /** The frozen file of another volume on which the first own layer stands. */
  readonly backing: { readonly volumeId: string; readonly file: string } | null;
  readonly snapshots: readonly Facts[];
  /** Who had the volume when this was written; for people, and so that a rebuilt volume is not given away under a running guest. */
  readonly attachments: readonly Facts[];
  /** The image whose data the volume holds, with its members. */
  readonly image?: Facts;
}

export function formatCustodyRecord(record: CustodyRecord): string {
  return `${JSON.stringify(record, null, 1)}\n`;
}

/** A record, or why the text is none, in words. `volumeId` is what the file's name says. */
export function parseCustodyRecord(text: string, volumeId: string): CustodyRecord | string {
  if (text.length > CUSTODY_MAX_BYTES) return 'it is too large';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  if (!isObject(value)) return 'it is no JSON object';
  const { version, writtenAt, volume, type, chain, backing, snapshots, attachments, image } = value;
  if (version !== CUSTODY_VERSION) return 'it is of another version';
  if (value['volumeId'] !== volumeId) return 'it is of another volume';
  if (typeof writtenAt !== 'string' || !isObject(volume)) return 'it lacks the volume';
  if (typeof volume['project_id'] !== 'string' || typeof volume['user_id'] !== 'string') return 'it lacks the project';
  const unusable = findUnusableFact(volume, volumeFactRules);
  if (unusable !== null) return `its ${unusable} cannot be used`;
  const layers = parseLayers(chain);
  if (layers === null) return 'its chain cannot be used';
  const below = backing === null || backing === undefined ? null : parseBacking(backing);
  if (below === undefined) return 'what it is based on cannot be used';
  const rows = factsList(snapshots);
  if (rows === null || rows.some((row) => !isUuid(row['id']) || findUnusableFact(row, snapshotFactRules) !== null)) {
    return 'its snapshots cannot be used';
  }
  const kind = parseType(type);
  if (kind === undefined) return 'its type cannot be used';
  const kept = parseImage(image);
  if (kept === undefined) return 'its image cannot be used';
  const held = attachments === undefined || attachments === null ? [] : factsList(attachments);
  // Whether somebody had it decides whether it may be given away, so it is not guessed.
  if (held === null) return 'who had it cannot be read';
  return {
    version: CUSTODY_VERSION,
    volumeId,
    writtenAt,
    volume: volume as Facts,
    type: kind,
    chain: layers,
    backing: below,
    snapshots: rows,
    attachments: held,
    ...(kept === null ? {} : { image: kept }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function factsList(value: unknown): Facts[] | null {
  return Array.isArray(value) && value.every(isObject) ? (value as Facts[]) : null;
}

/** undefined: there is one, and it cannot be used. */
function parseType(value: unknown): Facts | null | undefined {
  if (value === null || value === undefined) return null;
  if (!isObject(value) || !isUuid(value['id']) || typeof value['name'] !== 'string') return undefined;
  const { encryption } = value;
  if (encryption !== undefined && !isTypeEncryption(encryption)) return undefined;
  return findUnusableFact(value, typeFactRules) === null ? (value as Facts) : undefined;
}

const encryptionKeys: readonly string[] = ['provider', 'control_location', 'cipher', 'key_size'];

/** Nothing but what the table has: every key becomes a column. */
function isTypeEncryption(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).some((key) => !encryptionKeys.includes(key))) return false;
  const { provider, control_location: place, cipher = null, key_size: bits = null } = value;
  if (!isStorableText(provider) || (place !== 'front-end' && place !== 'back-end')) return false;
  return (cipher === null || isStorableText(cipher)) && (bits === null || bits === 256 || bits === 512);
}

/** undefined: there is one, and it cannot be used. */
function parseImage(value: unknown): Facts | null | undefined {
  if (value === null || value === undefined) return null;
  if (!isObject(value) || !isUuid(value['id']) || typeof value['project_id'] !== 'string') return undefined;
  return findUnusableFact(value, imageFactRules) === null ? (value as Facts) : undefined;
}

function parseBacking(value: unknown): CustodyRecord['backing'] | undefined {
  if (!isObject(value)) return undefined;
  const { volumeId, file } = value;
  if (!isUuid(volumeId) || typeof file !== 'string' || !isChainFileName(file)) return undefined;
  return { volumeId, file };
}

function parseLayers(value: unknown): Layer[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const layers: Layer[] = [];
  for (const layer of value) {
    if (!isObject(layer)) return null;
    const { file, format, virtualSizeBytes, snapshotId, keyId } = layer;
    const known = layerFormats.find((one) => one === format);
    if (typeof file !== 'string' || !isChainFileName(file) || known === undefined) return null;
    if (!Number.isSafeInteger(virtualSizeBytes) || (snapshotId !== null && !isUuid(snapshotId))) return null;
    if (keyId !== undefined && !isUuid(keyId)) return null;
    layers.push({
      file,
      format: known,
      virtualSizeBytes: virtualSizeBytes as number,
      snapshotId: snapshotId === null ? null : (snapshotId as string),
      // Which of the keys in the store opens it is known here and in the database alone.
      ...(keyId === undefined ? {} : { keyId }),
    });
  }
  return layers;
}
