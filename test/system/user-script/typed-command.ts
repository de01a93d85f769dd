// What one row of the user script says: a command exactly as a user types it, who types it, and what comes of it. Rows are data;
// command-typist.ts types them and compares. Words in braces stand for what an earlier row of the same script kept, e.g. {data}.

/** Who types: the administrator of a fresh installation, a member of the project `crew`, or that member's application credential. */
export type Typist = 'admin' | 'ann' | 'robot';

export type Cell = string | number | boolean | null | RegExp | object;

/** Named cells of one row, or named fields of one thing; a pattern is matched against the cell's text. */
export type Cells = Readonly<Record<string, Cell>>;

export type Watched = 'volume' | 'snapshot' | 'backup' | 'server';

export interface TypedCommand {
  readonly line: string;
  /** Default: admin. */
  readonly as?: Typist;
  /** Standard error must match, and the exit code must not be 0. Without it the command must succeed. */
  readonly fails?: RegExp;
  /** Fields of the one thing that is shown. */
  readonly fields?: Cells;
  /** Some row of the list matches. */
  readonly has?: Cells | readonly Cells[];
  /** No row of the list matches. */
  readonly lacks?: Cells;
  /** How many rows the list has. */
  readonly rows?: number;
  /** Standard output matches. */
  readonly text?: RegExp;
  /** Typed again until it is as the row says, at most for 20 s: what the service takes over in its own time. */
  readonly soon?: true;
  /** Name to keep, and the field that is kept under it. */
  readonly keeps?: Readonly<Record<string, string>>;
  /** What is awaited afterwards: the thing of that name has that status; `gone`: no such thing is left. */
  readonly until?: readonly [what: Watched, name: string, status: string];
}

/** Commands on things of their own, typed one after the other; tracks of one act are typed side by side. */
export interface Track {
  readonly title: string;
  readonly commands: readonly TypedCommand[];
}
