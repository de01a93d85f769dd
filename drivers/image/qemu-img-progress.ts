// Reads the progress that `qemu-img -p` writes to stdout: `    (12.34/100%)` and a carriage return, again and again.
// Pieces may be split anywhere. Percent never falls and is told at most a few times a second.

const PATTERN = /\((\d{1,3}(?:\.\d+)?)\/100%\)/g;
const TELL_EVERY_MS = 250;

export class ProgressReader {
  private tail = '';
  private highest = -1;
  private toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly tell: (percent: number) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  push(text: string): void {
    this.tail += text;
    let last: number | null = null;
    for (const match of this.tail.matchAll(PATTERN)) last = Number(match[1]);
    this.tail = this.tail.slice(Math.max(this.tail.lastIndexOf(')') + 1, this.tail.length - 64, 0));
    if (last === null || last <= this.highest) return;
    this.highest = Math.min(last, 100);
    if (this.now() - this.toldAt < TELL_EVERY_MS && this.highest < 100) return;
    this.toldAt = this.now();
    this.tell(this.highest);
  }
}
