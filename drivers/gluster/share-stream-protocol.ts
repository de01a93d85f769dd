// What a stream process is started with, and its one answer. Types only; both sides import this.

/** Second argument of the process, as JSON. Files are base names relative to the share's root. */
export type StreamTask =
  /** stdin becomes a fresh temporary file of that name, durable; holes where whole blocks are zero. */
  | { readonly task: 'receive'; readonly file: string; readonly mode: number; readonly maxBytes: number }
  /** A part of the file goes to stdout; `digest`: with the hashes of exactly these bytes. */
  | {
      readonly task: 'send';
      readonly file: string;
      readonly start: number;
      readonly bytes: number;
      readonly digest: boolean;
    }
  /** Hashes alone; SHA-256 in the place of the others where it is wished for. */
  | { readonly task: 'digest'; readonly file: string; readonly bytes: number; readonly sha256?: boolean };

export interface StreamFacts {
  readonly bytes: number;
  /** Hex; null when not wanted. */
  readonly md5: string | null;
  readonly sha512: string | null;
  readonly sha256?: string;
}
