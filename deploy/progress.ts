// Progress on the terminal. Parts run side by side: on a terminal one line shows what is still under way and for how long; each part
// that ends gets a line of its own. Without a terminal only those lines are printed, so that logs stay readable.

export interface Progress {
  /** Runs the part and prints how it ended and how long it took. */
  during<T>(what: string, part: () => Promise<T>): Promise<T>;
  say(line: string): void;
  /** Removes the moving line. */
  close(): void;
}

const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

export function openProgress(output: NodeJS.WriteStream = process.stdout): Progress {
  const running = new Map<string, number>();
  const moving = output.isTTY === true;
  const clear = (): void => {
    if (moving) output.write(CLEAR_LINE);
  };
  const draw = (): void => {
    if (!moving || running.size === 0) return;
    const parts = [...running].map(([what, since]) => `${what} ${seconds(since, 0)}`);
    output.write(CLEAR_LINE + `  ${parts.join(' · ')}`.slice(0, (output.columns ?? 80) - 1));
  };
  const timer = moving ? setInterval(draw, REDRAW_MS).unref() : null;
  const say = (line: string): void => {
    clear();
    output.write(`${line}\n`);
    draw();
  };
  return {
    say,
    async during(what, part) {
      const since = performance.now();
      running.set(what, since);
      draw();
      try {
        const result = await part();
        running.delete(what);
        say(`  ok    ${what} (${seconds(since, 1)})`);
        return result;
      } catch (error) {
        running.delete(what);
        say(`  FAIL  ${what} (${seconds(since, 1)})`);
        throw error;
      }
    },
    close() {
      if (timer !== null) clearInterval(timer);
      clear();
    },
  };
}

function seconds(since: number, digits: number): string {
  return `${((performance.now() - since) / 1000).toFixed(digits)} s`;
}
