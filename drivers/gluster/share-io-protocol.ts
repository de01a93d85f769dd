// What a worker may ask of the helper process that does all file calls on one share. Requests are {id, call: {name, params}}, answers
// {id, value} or {id, failure}. All files are base names (or the private paths of file-names.ts) relative to the share's root,
// which is the helper's working directory. Types only; both sides import this, so it must import nothing heavy.

import type { ScanEntry } from '../../services/core/domain/custody/inventory.js';

export interface ExportPlace {
  readonly directory: string;
  readonly name: string;
}

export interface PlaceExportParams extends ExportPlace {
  /** Of the share's root, to be moved; null: only the text is written, about a file that stays where it is. */
  readonly file: string | null;
  readonly text: string;
  /** A line of the sums, without its end; null: none. */
  readonly sum: string | null;
  readonly mode: number;
}

export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly sizeBytes: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly linkCount: number;
}

/** First bytes of a file and its facts, seen through the same open file. */
export interface FileHead {
  readonly head: Uint8Array;
  readonly facts: FileFacts;
}

export interface MakeFileParams {
  readonly file: string;
  /** What is not zero; the rest of the file is a hole. */
  readonly pieces: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  readonly sizeBytes: number;
  readonly mode: number;
  /** File whose owner the new one gets; null: the owner of the share's root. */
  readonly ownerOf: string | null;
  /** false leaves the temporary file, for a tool to fill; `publishFile` gives it its name. */
  readonly publish: boolean;
  /** Files whose heads are read, by name, when this one is durable; default none. */
  readonly readBack?: { readonly files: readonly string[]; readonly bytes: number };
}

export interface HeaderReference {
  /** The file whose header names another. */
  readonly file: string;
  readonly backingFile: string;
}

/** Saggar's record of one volume; null removes it. */
export interface CustodyText {
  readonly volumeId: string;
  readonly text: string | null;
}

export interface ScanPage {
  readonly entries: readonly ScanEntry[];
  /** Where the next page begins; null behind the last one. */
  readonly next: string | null;
}

export interface ShareFigures {
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly totalInodes: number;
  readonly freeInodes: number;
}

export interface ShareIoCalls {
  /** Bytes and inodes of the file system behind the share; 0 inodes in all: it does not count them. */
  measure: { params: object; value: ShareFigures };
  /** Writes, syncs and removes a small private file. */
  probeWrite: { params: object; value: null };
  /** How many files lie on the share, and the apparent size of the largest. */
  survey: { params: object; value: { readonly files: number; readonly largestBytes: number } };
  /** Who the helper has become; null when it is still root, or was never. */
  identify: { params: object; value: { readonly uid: number; readonly gid: number } | null };
  inspect: { params: { readonly file: string }; value: FileFacts | null };
  /** Bytes that each file takes on the share, in the order asked; ENOENT when one is missing. */
  measureFiles: { params: { readonly files: readonly string[] }; value: readonly number[] };
  /** First bytes of a regular file and its facts; with `tailBytes` also its last bytes, through the same open file. */
  readHead: {
    params: { readonly file: string; readonly bytes: number; readonly tailBytes?: number };
    value: { readonly head: Uint8Array; readonly tail: Uint8Array; readonly facts: FileFacts };
  };
  /** The same of several files, in the order asked. */
  readHeads: { params: { readonly files: readonly string[]; readonly bytes: number }; value: readonly FileHead[] };
  /** Makes a file under a temporary name, durable; EEXIST when `file` is there already and was to be published. Answers what was read back. */
  makeFile: { params: MakeFileParams; value: readonly FileHead[] };
  /** Pads to a multiple, syncs, and gives the temporary file its name unless that is taken (EEXIST). */
  publishFile: { params: { readonly file: string; readonly padTo: number }; value: null };
  /** Grows a file with a hole; never shrinks (EINVAL). Durable. */
  growFile: { params: { readonly file: string; readonly sizeBytes: number }; value: null };
  /** Pads to a multiple and syncs what tools have written. */
  settleFile: { params: { readonly file: string; readonly padTo: number }; value: null };
  /** Sets one bit in the 8 big-endian bytes at `offset`, durable. */
  setHeaderBit: { params: { readonly file: string; readonly offset: number; readonly bit: number }; value: null };
  /** Writes beside and renames over, durable. */
  replaceFile: { params: { readonly file: string; readonly content: string; readonly mode: number }; value: null };
  /** The same in two calls: the first may run beside other work. `dropPart` takes it back. */
  stageFile: { params: { readonly file: string; readonly content: string; readonly mode: number }; value: null };
  replaceByStaged: { params: { readonly file: string }; value: null };
  /** Gives an existing file another name unless that is taken (EEXIST); finishes a move that was cut off. */
  moveFile: { params: { readonly from: string; readonly to: string; readonly mode: number }; value: null };
  /** Removes only the temporary file of a name. */
  dropPart: { params: { readonly file: string }; value: null };
  /** Whose header names one of the files as its base now; those of `except` are left out. Reads every header on the share. */
  findReferences: {
    params: { readonly files: readonly string[]; readonly except: readonly string[] };
    value: readonly HeaderReference[];
  };
  /** Removes a file and its temporary twin; absent is success. Durable. Only for records: images go through discardFiles. */
  removeFile: { params: { readonly file: string }; value: null };
  /**
   * Gives files up: reads every header on the share; when one (outside of the files themselves) names any of them, nothing is
   * done and the references are the answer. Else renames them into the trash, and removes them there when `keep` is false.
   * Absent files are success.
   */
  discardFiles: {
    params: { readonly files: readonly string[]; readonly nowMs: number; readonly keep: boolean };
    value: readonly HeaderReference[];
  };
  /** Removes what lies in the trash since before the time and no header names; answers the names removed. */
  emptyTrash: { params: { readonly olderThanMs: number }; value: readonly string[] };
  /** Makes the private directories and the anchor file. */
  prepareShare: { params: object; value: null };
  /** What lies on the share, a page of at most so many bytes of JSON; reads headers only. */
  scanPage: { params: { readonly after: string | null; readonly maxBytes: number }; value: ScanPage };
  /** Writes or removes records in the private directory, durable. */
  writeCustody: { params: { readonly records: readonly CustodyText[]; readonly mode: number }; value: null };
  hasExport: { params: ExportPlace; value: boolean };
  placeExport: { params: PlaceExportParams; value: null };
  listFiles: { params: object; value: readonly string[] };
}

export type ShareIoCallName = keyof ShareIoCalls;

export interface ShareIoRequest {
  readonly id: number;
  readonly call: { readonly name: ShareIoCallName; readonly params: unknown };
}
