// What a disk and each of its snapshots must hold, byte for byte: flat sparse files on the local disk that are written along with the
// real one. `qemu-img compare` says whether a layer of the real chain shows the same.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export class DiskModel {
  private readonly kept = new Set<string>();

  private constructor(
    private readonly folder: string,
    private bytes: number,
  ) {}

  static async make(folder: string, sizeBytes: number): Promise<DiskModel> {
    await mkdir(folder, { recursive: true });
    const model = new DiskModel(folder, sizeBytes);
    await (await open(model.active, 'w')).close();
    await truncate(model.active, sizeBytes);
    return model;
  }

  /** The flat file with what the disk holds now. */
  get active(): string {
    return path.join(this.folder, 'active');
  }

  get sizeBytes(): number {
    return this.bytes;
  }

  get snapshotIds(): readonly string[] {
    return [...this.kept];
  }

  snapshotFile(snapshotId: string): string {
    return path.join(this.folder, snapshotId);
  }

  async write(offset: number, bytes: Buffer, file = this.active): Promise<void> {
    const handle = await open(file, 'r+');
    try {
      await handle.write(bytes, 0, bytes.length, offset);
    } finally {
      await handle.close();
    }
  }

  async read(offset: number, length: number, file = this.active): Promise<Buffer> {
    const handle = await open(file, 'r');
    try {
      const bytes = Buffer.alloc(length);
      await handle.read(bytes, 0, length, offset);
      return bytes;
    } finally {
      await handle.close();
    }
  }

  async keep(snapshotId: string): Promise<void> {
    await run('cp', ['--sparse=always', this.active, this.snapshotFile(snapshotId)]);
    this.kept.add(snapshotId);
  }

  async forget(snapshotId: string): Promise<void> {
    this.kept.delete(snapshotId);
    await rm(this.snapshotFile(snapshotId), { force: true });
  }

  /** The disk is again what it was at the snapshot, size included. */
  async goBackTo(snapshotId: string, sizeBytes: number): Promise<void> {
    await copyFile(this.snapshotFile(snapshotId), this.active);
    this.bytes = sizeBytes;
  }

  async grow(sizeBytes: number): Promise<void> {
    await truncate(this.active, sizeBytes);
    this.bytes = sizeBytes;
  }

  /** A model of a copy of the snapshot. */
  async copyOf(snapshotId: string, folder: string, sizeBytes: number): Promise<DiskModel> {
    const copy = await DiskModel.make(folder, sizeBytes);
    await run('cp', ['--sparse=always', this.snapshotFile(snapshotId), copy.active]);
    await truncate(copy.active, sizeBytes);
    return copy;
  }

  /** As the guest's `checksum` prints it. */
  async md5(): Promise<string> {
    const hash = createHash('md5');
    for await (const piece of createReadStream(this.active)) hash.update(piece as Buffer);
    return hash.digest('hex');
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** Throws with qemu-img's words when the image file, read through its whole chain, is not byte for byte the flat file, in the same size. */
export async function demandSame(
  flat: string,
  image: { readonly path: string; readonly format: string },
): Promise<void> {
  const said = await run('qemu-img', ['compare', '-f', 'raw', '-F', image.format, '-U', flat, image.path]).then(
    ({ stdout, stderr }) => `${stdout}${stderr}`.trim(),
    (thrown: { stdout?: string; stderr?: string }) => `${thrown.stdout ?? ''}${thrown.stderr ?? ''}`.trim(),
  );
  // Its strict mode would compare sizes, and with them what is allocated; another size is only a warning otherwise.
  if (said !== 'Images are identical.') {
    throw new Error(`${path.basename(image.path)} is not what ${path.basename(flat)} says: ${said}`);
  }
}

/** What the guest's `pattern SEED FIRST COUNT` writes (deploy/guest/rootfs/bin/pattern): whole MiB of one line again and again. */
export function patternBytes(seed: string, firstMib: number, countMib: number): Buffer {
  const MIB = 1024 ** 2;
  return Buffer.concat(
    Array.from({ length: countMib }, (_, block) =>
      Buffer.alloc(MIB, `pattern ${seed} block ${block} of ${countMib} at ${firstMib}\n`),
    ),
  );
}
