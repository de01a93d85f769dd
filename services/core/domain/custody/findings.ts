// Everything that a look at a share can find wrong or odd: one row per kind, with how grave it is and what a person can do. A finding with
// `error` keeps its volume out of what is recorded; nothing on the share is ever changed because of one.

export interface FindingRule {
  readonly severity: 'info' | 'warning' | 'error';
  readonly cure: string;
}

export const findingRules = {
  'info-garbled': {
    severity: 'error',
    cure: 'write the .info anew from the headers, or remove it when the volume has no snapshots',
  },
  'info-disagrees': {
    severity: 'error',
    cure: 'compare .info and headers by hand; the headers show what lies below what',
  },
  'missing-file': {
    severity: 'error',
    cure: 'bring the file back from a backup; the data above it is of no use without it',
  },
  cycle: { severity: 'error', cure: 'nothing can be read from this chain; restore it from a backup' },
  'two-children': {
    severity: 'error',
    cure: 'find out which overlay the guest wrote to, move the other one away, and scan again',
  },
  'overlay-above-active': {
    severity: 'error',
    cure: 'find out whether the overlay was written to (compare its allocated bytes); move it away or name it active in .info',
  },
  'orphan-overlay': { severity: 'warning', cure: 'nobody refers to it; look at it and remove it by hand' },
  'tmp-snap': {
    severity: 'warning',
    cure: 'left by a clone that failed; remove it by hand when it is not the active file',
  },
  'tmp-snap-in-chain': {
    severity: 'error',
    cure: 'commit it into the file below (qemu-img commit), name that one active in .info, and scan again',
  },
  'layer-without-snapshot': {
    severity: 'error',
    cure: 'commit the layer into the one below, or give it back its snapshot in .info',
  },
  'backing-name': {
    severity: 'error',
    cure: 'write a plain file name into the header: qemu-img rebase -u -F FORMAT -b NAME FILE',
  },
  'backing-format': {
    severity: 'error',
    cure: 'write the true format into the header: qemu-img rebase -u -F FORMAT -b NAME FILE',
  },
  'foreign-backing': {
    severity: 'error',
    cure: 'the file below belongs to another volume; copy this one (qemu-img convert) to own its data',
  },
  'backing-unavailable': { severity: 'error', cure: 'put the volume in order that this one is based on' },
  'unexplained-header': {
    severity: 'error',
    cure: 'a guest may have written this header into its raw disk: say the format of the volume (--map or --base-format) if you know it',
  },
  'hostile-header': {
    severity: 'error',
    cure: 'never open the file with a tool that reads its header; if it is a raw disk, say so (--map)',
  },
  'not-qcow2': { severity: 'error', cure: 'an overlay must be qcow2; restore the file' },
  'wrong-format': {
    severity: 'error',
    cure: 'the format that was said and the one that is evident differ; correct the map',
  },
  linked: { severity: 'error', cure: 'the file has several names: remove all but one' },
  'odd-raw-size': { severity: 'error', cure: 'guests cannot open it: truncate it to a multiple of 512 bytes' },
  'claimed-twice': {
    severity: 'error',
    cure: 'two volumes name the same file as their own; correct the wrong .info, or remove the wrong record from .saggar',
  },
  'snapshot-twice': { severity: 'error', cure: 'two volumes name the same snapshot; correct the wrong .info' },
  encrypted: {
    severity: 'error',
    cure: 'which key opens it stands in the record beside the data alone: bring .saggar/<volume id>.json back; volumes that another service has encrypted are not taken over',
  },
  'differs-from-record': {
    severity: 'error',
    cure: 'the database has another chain for it: run "saggar admin chain check"',
  },
  'changed-since': {
    severity: 'error',
    cure: 'an operation works on it, or has since the scan: wait for its end, and scan again',
  },
  'known-elsewhere': {
    severity: 'error',
    cure: 'the database has this volume on another pool; one of the two is a stale copy',
  },
  'odd-size': { severity: 'info', cure: 'recorded with the next whole GiB; it stays as it is until it is extended' },
  'was-attached': {
    severity: 'warning',
    cure: 'recorded in maintenance: make sure that no guest has it open, then set its state to available',
  },
  'record-garbled': {
    severity: 'warning',
    cure: 'the record beside the data cannot be used; the volume is treated as without one',
  },
  'record-lags': { severity: 'info', cure: 'files and .info are newer than the record; they are followed' },
  'record-without-files': { severity: 'warning', cure: 'the volume was deleted, or its files are lost' },
  'info-missing': {
    severity: 'info',
    cure: 'the headers alone show the chain; .info is written with the next snapshot',
  },
  'unknown-file': { severity: 'info', cure: 'not ours by its name; left alone' },
  'type-unknown': { severity: 'warning', cure: 'create the volume type, or name one with --type' },
} as const satisfies Record<string, FindingRule>;

export type FindingCode = keyof typeof findingRules;

export interface Finding {
  readonly code: FindingCode;
  readonly severity: FindingRule['severity'];
  readonly volumeId: string | null;
  readonly files: readonly string[];
  readonly text: string;
  readonly cure: string;
}

export function finding(code: FindingCode, volumeId: string | null, files: readonly string[], text: string): Finding {
  const { severity, cure } = findingRules[code];
  return { code, severity, volumeId, files, text, cure };
}
