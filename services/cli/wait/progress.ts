// One line on a terminal that is rewritten while something is waited for; silent where stderr is no terminal, so that logs and
// pipes stay clean. Writes to stderr only.

export interface Progress {
  show(text: string): void;
  /** Removes the line. */
  clear(): void;
}

/** The part of process.stdout that is used here. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  /** Width in characters. */
  readonly columns?: number;
  write(text: string): unknown;
}

/** A progress line on the given stream. */
export function progressOn(stream: TerminalStream): Progress {
  if (stream.isTTY !== true) return { show: () => undefined, clear: () => undefined };
  let shown = false;
  return {
    show(text) {
      const room = Math.max(20, (stream.columns ?? 80) - 1);
      stream.write(`\r\x1b[2K${text.length > room ? `${text.slice(0, room - 1)}…` : text}`);
      shown = true;
    },
    clear() {
      if (shown) stream.write('\r\x1b[2K');
      shown = false;
    },
  };
}
