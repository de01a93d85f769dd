// What a stream process is started with, what it tells meanwhile where only it sees the bytes, and its one answer. Both sides import this.

import type { StreamMove } from '../volume-driver.js';

export type HashName = 'md5' | 'sha256' | 'sha512';

/** Second argument of the process, as JSON. Files are base names relative to the share's root. */
export type StreamTask =
  /** What comes becomes a fresh temporary file of that name, durable; holes where whole blocks are zero. */
  | {
      readonly task: 'receive';
      readonly file: string;
      readonly mode: number;
      readonly maxBytes: number;
      readonly hashes: readonly HashName[];
      /** When the pipe is at its end, so many come by the client's connection. */
      readonly connectionBytes?: number;
    }
  /** A part of the file is sent, with the hashes of exactly these bytes. */
  | {
      readonly task: 'send';
      readonly file: string;
      readonly start: number;
      readonly bytes: number;
      readonly hashes: readonly HashName[];
      /** To the client's connection, and not to the pipe. */
      readonly toConnection?: boolean;
    }
  /** Hashes alone. */
  | { readonly task: 'digest'; readonly file: string; readonly bytes: number; readonly hashes: readonly HashName[] };

/** How often it is told what has moved, milliseconds. */
export const TELL_MS = 200;
export type TellMove = (move: StreamMove) => void;

/** Hashes in hex, those that were wanted. */
export interface StreamFacts {
  readonly bytes: number;
  readonly md5?: string;
  readonly sha256?: string;
  readonly sha512?: string;
}

/** What images are known by: Glance has both on record. */
export const IMAGE_HASHES: readonly HashName[] = ['md5', 'sha512'];
/** What a volume's bytes are compared by: the fastest that processors have instructions for. */
export const VOLUME_HASHES: readonly HashName[] = ['sha256'];
