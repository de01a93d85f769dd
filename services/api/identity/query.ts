// Query parameters in Keystone's manner: repeated ones count once (the last), empty ones not at all, and a flag is on unless it
// says 0 or false. Source: keystone/server/flask/common.py, query_filter_is_true.

/** The value of a text parameter; undefined when it is missing or empty. */
export function textOf(query: URLSearchParams, name: string): string | undefined {
  const last = query.getAll(name).at(-1);
  return last === '' ? undefined : last;
}

/** A list of words with commas between them; undefined when it is missing or empty. */
export function wordsOf(query: URLSearchParams, name: string): string[] | undefined {
  return textOf(query, name)?.split(',');
}

/** A flag is on when present with any value but 0 and false; undefined when absent. */
export function flagOf(query: URLSearchParams, name: string): boolean | undefined {
  const last = query.getAll(name).at(-1);
  return last === undefined ? undefined : !['0', 'false'].includes(last.toLowerCase());
}

/** An object without its undefined members, typed so. */
export function defined<T extends Record<string, unknown>>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
