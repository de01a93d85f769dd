// Reads a list to its end, page after page. The server says with a `next` link that more may follow; the marker is the last id seen.
// A page that brings nothing new ends the loop, so that a server which repeats itself cannot hold us for ever.

export interface Page<T> {
  readonly items: readonly T[];
  readonly more: boolean;
}

/** All items in the server's order; at most `wanted` when that is given. */
export async function readAllPages<T extends { readonly id: string }>(
  readPage: (marker: string | undefined, limit: number | undefined) => Promise<Page<T>>,
  first: { readonly marker?: string | undefined; readonly wanted?: number | undefined } = {},
): Promise<readonly T[]> {
  const items: T[] = [];
  let marker = first.marker;
  for (;;) {
    const room = first.wanted === undefined ? undefined : first.wanted - items.length;
    const page = await readPage(marker, room);
    items.push(...page.items);
    const last = page.items.at(-1)?.id;
    const full = first.wanted !== undefined && items.length >= first.wanted;
    if (!page.more || last === undefined || last === marker || full) return items;
    marker = last;
  }
}
