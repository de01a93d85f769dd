// What the files of the world in memory hold: a few numbered blocks each, by the word that was written last. A block that a file does not hold
// shows through from the file that its header names; one that nobody holds is blank. Enough to tell whose data a merge, a copy or a deletion lost.

import type { Chain, Layer } from '../../../services/core/domain/chain.js';

/** Block number to what was written there. */
export type Blocks = Readonly<Record<string, string>>;

export interface StoredFile {
  readonly format: Layer['format'];
  virtualSizeBytes: number;
  backingFile: string | null;
  /** What this file itself holds; missing: nothing. */
  blocks?: Blocks;
  /** Pushed into the layer below already: its data is never pushed again. */
  isMerged?: boolean;
}

interface Holding {
  readonly backingFile: string | null;
  readonly blocks?: Blocks;
}

/** What a reader of the file sees, through the headers as they are. Throws an Error for a chain that bites its own tail. */
export function contentOf(files: ReadonlyMap<string, Holding>, file: string): Blocks {
  const seen = new Set<string>();
  let found: Blocks = {};
  for (let next: string | null = file; next !== null; ) {
    if (seen.has(next)) throw new Error(`${next} is below itself`);
    seen.add(next);
    const held: Holding | undefined = files.get(next);
    found = { ...held?.blocks, ...found };
    next = held?.backingFile ?? null;
  }
  return found;
}

/** What somebody reads who has opened these files himself, oldest first, whatever their headers say by now. */
export function contentOfOpen(files: ReadonlyMap<string, Holding>, open: readonly string[]): Blocks {
  return Object.assign({}, ...open.map((file) => files.get(file)?.blocks ?? {})) as Blocks;
}

/** Cinder's record of a chain. */
export function infoOf(chain: Chain | undefined): object | null {
  if (chain === undefined) return null;
  const named = chain.flatMap(({ snapshotId, file }) => (snapshotId === null ? [] : [[snapshotId, file] as const]));
  return { active: chain.at(-1)?.file ?? '', snapshots: Object.fromEntries(named) };
}

interface World {
  readonly files: ReadonlyMap<string, Holding>;
  readonly empty: Set<string>;
}

/** Counts every overlay as empty that holds no block, as a header's tables would say; tests that write no blocks name theirs. */
export function tellEmpty({ files, empty }: World): void {
  empty.clear();
  for (const [file, { backingFile, blocks = {} }] of files)
    if (backingFile !== null && Object.keys(blocks).length === 0) empty.add(file);
}
