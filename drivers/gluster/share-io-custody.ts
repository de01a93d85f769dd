// Looking at everything that lies on a share, and keeping records beside the data, inside the helper process.
//
// A scan reads names, figures and headers, a page at a time: the page ends when its text would be too long for one message, and the next
// begins behind the last name. Files that come and go meanwhile may be missed; whoever acts on a scan looks again under its locks.
// Records are written beside and renamed over, a batch with one sync of the directory; a kill leaves the old record or the new one.
import { lstat, readdir, rename } from 'node:fs/promises';
import { CUSTODY_MAX_BYTES } from '../../services/core/domain/custody/custody-record.js';
import {
  type FileVerdict,
  isChainFileName,
  parseChainInfo,
  type ScanEntry,
} from '../../services/core/domain/custody/inventory.js';
import { isUuid } from '../../services/core/domain/ids.js';
import { DETECTION_TAIL_BYTES, findContainerClaim } from '../image/format-detection.js';
import { findHostileTrait, findTableOutside, isLuks } from '../image/image-guard.js';
import { HEADER_PROBE_BYTES, readQcow2Header } from '../image/qcow2-header.js';
import { isTemporaryName, PRIVATE_DIRECTORY } from './file-names.js';
import { errno, inDirectory, isErrno, readHead, syncDirectory, unlinkIfThere, writeBeside } from './share-io-files.js';
import type { CustodyText, ScanPage } from './share-io-protocol.js';

const PARALLEL_READS = 8;
/** Cinder's records of a hundred snapshots have 10 KiB. */
const INFO_MAX_BYTES = 65_536;
const SHOWN_NAME = 200;
const RECORD_SUFFIX = '.json';

/** `after` and `next` are cursors of this function alone: `f:<name>` for files, `r:<name>` for records. */
export async function scanPage(after: string | null, maxBytes: number): Promise<ScanPage> {
  const names = (await listEverything()).filter((cursor) => after === null || cursor > after);
  const entries: ScanEntry[] = [];
  let bytes = 0;
  for (let start = 0; start < names.length; start += PARALLEL_READS) {
    const batch = names.slice(start, start + PARALLEL_READS);
    const found = await Promise.all(batch.map(lookAt));
    for (const [index, entry] of found.entries()) {
      const size = entry === null ? 0 : Buffer.byteLength(JSON.stringify(entry));
      if (entries.length > 0 && bytes + size > maxBytes) {
        return { entries, next: names[start + index - 1] ?? null };
      }
      if (entry !== null) entries.push(entry);
      bytes += size;
    }
  }
  return { entries, next: null };
}

async function listEverything(): Promise<string[]> {
  const files = (await readdir('.')).filter((name) => !isTemporaryName(name)).sort();
  const records = (await inDirectory(PRIVATE_DIRECTORY, (directory) => readdir(directory)).catch(() => [])).filter(
    (name) => name.endsWith(RECORD_SUFFIX) && isUuid(name.slice(0, -RECORD_SUFFIX.length)),
  );
  return [...files.map((name) => `f:${name}`), ...records.sort().map((name) => `r:${name}`)];
}

/** null for what has gone meanwhile. */
async function lookAt(cursor: string): Promise<ScanEntry | null> {
  const name = cursor.slice(2);
  try {
    if (cursor.startsWith('r:')) return await readRecord(name);
    if (name.endsWith('.info')) return await readInfo(name);
    return await readImage(name);
  } catch (thrown) {
    if (isErrno(thrown, 'ENOENT')) return null;
    const { code = 'UNKNOWN' } = thrown as NodeJS.ErrnoException;
    // A dead mount is no finding about a file.
    if (['ENOTCONN', 'EIO', 'ESTALE', 'ETIMEDOUT'].includes(code)) throw thrown;
    return other(name, `it cannot be read (${code})`);
  }
}

async function readImage(name: string): Promise<ScanEntry> {
  const stats = await lstat(name);
  if (!stats.isFile()) return other(name, stats.isSymbolicLink() ? 'a symbolic link' : 'no regular file');
  if (!isChainFileName(name)) return other(name, 'a name that no image of ours can have');
  const { head, tail, facts } = await readHead(name, HEADER_PROBE_BYTES, DETECTION_TAIL_BYTES);
  return {
    kind: 'file',
    name,
    sizeBytes: facts.sizeBytes,
    allocatedBytes: stats.blocks * 512,
    modifiedMs: Math.floor(stats.mtimeMs),
    mode: facts.mode,
    linkCount: facts.linkCount,
    verdict: judge(head, tail, facts.sizeBytes),
  };
}

function judge(head: Uint8Array, tail: Uint8Array, sizeBytes: number): FileVerdict {
  const reading = readQcow2Header(head);
  if (reading.kind === 'not-qcow2') return { format: 'none', claims: findContainerClaim(head, tail) };
  if (reading.kind === 'malformed') return { format: 'malformed', reason: reading.reason };
  const { version, virtualSizeBytes, backingFile, backingFormat } = reading.header;
  const encrypted = isLuks(reading.header);
  const hostile =
    findHostileTrait(reading.header, encrypted ? { keyId: 'unknown' } : {}) ??
    findTableOutside(reading.header, sizeBytes);
  return {
    format: 'qcow2',
    version,
    virtualSizeBytes,
    backingFile: showable(backingFile),
    backingFormat: showable(backingFormat),
    hostile,
    ...(encrypted ? { encrypted: true as const } : {}),
  };
}

/**
 * Any byte may stand in a name or a format that a guest has written into its disk; PostgreSQL's JSON has no NUL. What is replaced was
 * no usable name before and is none behind it.
 */
function showable(text: string | null): string | null {
  return text === null ? null : text.replaceAll('\0', '?');
}

async function readInfo(name: string): Promise<ScanEntry> {
  const text = await readSmall(name, INFO_MAX_BYTES);
  if (text === null) return { kind: 'info', name, info: null, reason: 'it is no regular file of a sensible size' };
  const info = parseChainInfo(text);
  return typeof info === 'string'
    ? { kind: 'info', name, info: null, reason: info }
    : { kind: 'info', name, info, reason: null };
}

async function readRecord(name: string): Promise<ScanEntry> {
  const volumeId = name.slice(0, -RECORD_SUFFIX.length);
  const text = await inDirectory(PRIVATE_DIRECTORY, (directory) =>
    readSmall(`${directory}/${name}`, CUSTODY_MAX_BYTES),
  );
  if (text?.includes('\0')) return { kind: 'record', name: volumeId, text: null, reason: 'it is no text' };
  return {
    kind: 'record',
    name: volumeId,
    text,
    reason: text === null ? 'it is no regular file of a sensible size' : null,
  };
}

async function readSmall(file: string, maxBytes: number): Promise<string | null> {
  const stats = await lstat(file);
  if (!stats.isFile() || stats.size > maxBytes) return null;
  // Through a handle that follows no link and waits for no pipe, should the name mean something else by now.
  const { head } = await readHead(file, maxBytes);
  return Buffer.from(head).toString('utf8');
}

function other(name: string, reason: string): ScanEntry {
  return { kind: 'other', name: name.replace(/[^\x20-\x7e]/g, '?').slice(0, SHOWN_NAME), reason };
}

export function writeCustody(records: readonly CustodyText[], mode: number): Promise<null> {
  return inDirectory(PRIVATE_DIRECTORY, (directory) => writeRecords(directory, records, mode));
}

async function writeRecords(directory: string, records: readonly CustodyText[], mode: number): Promise<null> {
  for (const { volumeId, text } of records) {
    if (!isUuid(volumeId)) throw errno('EINVAL', volumeId);
    const file = `${directory}/${volumeId}${RECORD_SUFFIX}`;
    const part = `${directory}/.${volumeId}${RECORD_SUFFIX}.part`;
    if (text === null) {
      await unlinkIfThere(part);
      await unlinkIfThere(file);
    } else {
      await writeBeside(part, text, mode);
      await rename(part, file);
    }
  }
  await syncDirectory(PRIVATE_DIRECTORY);
  return null;
}
