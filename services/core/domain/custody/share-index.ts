// The inventory of a share, sorted: files by name, records and `.info` by volume, and to which volume each file belongs. A file belongs to
// the volume whose record or `.info` names it; without either, to the one that its name says.
import { type CustodyRecord, parseCustodyRecord } from './custody-record.js';
import { type Finding, finding } from './findings.js';
import { readName, type ScanEntry, type ScannedFile, type ScannedInfo, volumeOfInfo } from './inventory.js';

export interface ShareIndex {
  readonly files: ReadonlyMap<string, ScannedFile>;
  readonly infos: ReadonlyMap<string, ScannedInfo>;
  readonly records: ReadonlyMap<string, CustodyRecord>;
  /** File -> volume id. */
  readonly claims: ReadonlyMap<string, string>;
  /** Volume id -> its files on the share. */
  readonly filesOf: ReadonlyMap<string, readonly string[]>;
  /** File -> the files whose headers name it as the one below. Headers of files that are raw by their owner's evidence count too. */
  readonly overlaysOf: ReadonlyMap<string, readonly string[]>;
  readonly findings: readonly Finding[];
}

export function indexShare(entries: readonly ScanEntry[]): ShareIndex {
  const files = new Map<string, ScannedFile>();
  const infos = new Map<string, ScannedInfo>();
  const records = new Map<string, CustodyRecord>();
  const findings: Finding[] = [];
  for (const entry of entries) {
    if (entry.kind === 'file') files.set(entry.name, entry);
    else if (entry.kind === 'other') findings.push(finding('unknown-file', null, [entry.name], entry.reason));
    else if (entry.kind === 'info') {
      const volumeId = volumeOfInfo(entry.name);
      if (volumeId !== null) infos.set(volumeId, entry);
      else findings.push(finding('unknown-file', null, [entry.name], 'an .info of no volume'));
    } else {
      const read =
        entry.text === null ? (entry.reason ?? 'it cannot be read') : parseCustodyRecord(entry.text, entry.name);
      if (typeof read === 'string')
        findings.push(finding('record-garbled', entry.name, [], `its record is of no use: ${read}`));
      else records.set(read.volumeId, read);
    }
  }
  const claims = claimFiles(files, infos, records, findings);
  return {
    files,
    infos,
    records,
    claims,
    filesOf: groupByVolume(files, claims),
    overlaysOf: overlays(files),
    findings,
  };
}

function claimFiles(
  files: ReadonlyMap<string, ScannedFile>,
  infos: ReadonlyMap<string, ScannedInfo>,
  records: ReadonlyMap<string, CustodyRecord>,
  findings: Finding[],
): Map<string, string> {
  const claims = new Map<string, string>();
  const claim = (file: string, volumeId: string): void => {
    const other = claims.get(file);
    if (other === undefined) claims.set(file, volumeId);
    else if (other !== volumeId) {
      // Neither is believed: which of the two is read first is no evidence, and one of them may be forged.
      findings.push(finding('claimed-twice', volumeId, [file], `${file} belongs to volume ${other} already`));
      findings.push(finding('claimed-twice', other, [file], `volume ${volumeId} claims ${file} too`));
    }
  };
  for (const { volumeId, chain } of records.values()) for (const { file } of chain) claim(file, volumeId);
  const byName = (file: string): string | null => readName(file)?.volumeId ?? null;
  for (const [volumeId, { info }] of infos) {
    if (info === null) continue;
    for (const file of [info.active, ...Object.values(info.snapshots)]) {
      // A name that says another volume is not taken away from that one by an .info alone.
      if (claims.get(file) !== volumeId && byName(file) === volumeId) claim(file, volumeId);
    }
  }
  for (const file of files.keys()) {
    const volumeId = byName(file);
    if (volumeId !== null && !claims.has(file)) claims.set(file, volumeId);
    else if (volumeId === null && !claims.has(file)) {
      findings.push(finding('unknown-file', null, [file], `${file} is no file of a volume by its name`));
    }
  }
  return claims;
}

function groupByVolume(
  files: ReadonlyMap<string, ScannedFile>,
  claims: ReadonlyMap<string, string>,
): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const file of files.keys()) {
    const volumeId = claims.get(file);
    if (volumeId === undefined) continue;
    const group = groups.get(volumeId);
    if (group === undefined) groups.set(volumeId, [file]);
    else group.push(file);
  }
  return groups;
}

function overlays(files: ReadonlyMap<string, ScannedFile>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name, verdict } of files.values()) {
    if (verdict.format !== 'qcow2' || verdict.backingFile === null) continue;
    const known = found.get(verdict.backingFile);
    if (known === undefined) found.set(verdict.backingFile, [name]);
    else known.push(name);
  }
  return found;
}
