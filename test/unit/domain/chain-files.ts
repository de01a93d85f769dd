// Image files as a chain of layers sees them, in memory: sparse blocks over a backing file. The few things that programs do with image files
// (write, commit, stream, point a header elsewhere) are done here the way QEMU does them, so that the plans of core/domain can be carried
// out and the bytes be compared.
import assert from 'node:assert/strict';

interface ImageFile {
  size: number;
  backing: string | null;
  readonly blocks: Map<number, number>;
}

/** A block that nobody wrote. */
export const ZERO = 0;

export class ImageFiles {
  private readonly files = new Map<string, ImageFile>();

  names(): string[] {
    return [...this.files.keys()];
  }

  make(file: string, size: number, backing: string | null): void {
    assert.ok(!this.files.has(file), `${file} is made twice`);
    this.files.set(file, { size, backing, blocks: new Map() });
  }

  remove(file: string): void {
    for (const [other, { backing }] of this.files) {
      assert.notEqual(backing, file, `${file} is removed while ${other} names it`);
    }
    assert.ok(this.files.delete(file), `${file} is removed and was not there`);
  }

  size(file: string): number {
    return this.need(file).size;
  }

  backing(file: string): string | null {
    return this.need(file).backing;
  }

  holdsNothing(file: string): boolean {
    return this.need(file).blocks.size === 0;
  }

  grow(file: string, size: number): void {
    const image = this.need(file);
    assert.ok(size >= image.size, `${file} shrinks`);
    image.size = size;
  }

  write(file: string, block: number, value: number): void {
    const image = this.need(file);
    assert.ok(block < image.size, `a write behind the end of ${file}`);
    image.blocks.set(block, value);
  }

  /** What a reader of the file sees: past the end of a lower layer there are zeros, whatever lies below that layer. */
  read(file: string, block: number): number {
    const image = this.need(file);
    if (block >= image.size) return ZERO;
    const own = image.blocks.get(block);
    if (own !== undefined) return own;
    return image.backing === null ? ZERO : this.read(image.backing, block);
  }

  content(file: string): number[] {
    return Array.from({ length: this.need(file).size }, (_, block) => this.read(file, block));
  }

  /** qemu-img commit: the blocks of `top` go into its backing file, which grows to its size. */
  commit(top: string): string {
    const image = this.need(top);
    assert.ok(image.backing !== null, `${top} has nothing below it`);
    const base = this.need(image.backing);
    base.size = Math.max(base.size, image.size);
    for (const [block, value] of image.blocks) base.blocks.set(block, value);
    return image.backing;
  }

  /** block-stream: `top` takes up what it lacks from every layer down to, and without, `keep`. */
  stream(top: string, keep: string | null): void {
    const image = this.need(top);
    for (let below = image.backing; below !== keep; ) {
      assert.ok(below !== null, `${String(keep)} is not below ${top}`);
      const source = this.need(below);
      for (let block = 0; block < Math.min(image.size, source.size); block++) {
        const value = source.blocks.get(block);
        if (value !== undefined && !image.blocks.has(block)) image.blocks.set(block, value);
      }
      below = source.backing;
    }
    image.backing = keep;
  }

  pointAt(file: string, backing: string): void {
    this.need(file).backing = backing;
  }

  private need(file: string): ImageFile {
    const image = this.files.get(file);
    assert.ok(image !== undefined, `${file} is not there`);
    return image;
  }
}
