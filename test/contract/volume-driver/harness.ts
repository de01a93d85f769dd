// What the driver suite needs from a place to run: a share, its directory as seen from here, and drivers that can be opened on it with
// any command runner. Also the small acts of a guest and an attacker, done to the files directly.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { partNameOf } from '../../../drivers/gluster/file-names.js';
import type { ShareVolumeDriver } from '../../../drivers/gluster/share-volume-driver.js';
import type { CommandRunner } from '../../../drivers/process/command-runner.js';
import type { LongWork } from '../../../drivers/volume-driver.js';
import { type Chain, type Layer, overlayFileName, volumeFileName } from '../../../services/core/domain/chain.js';

export const MIB = 1024 * 1024;

export interface DriverPlace {
  readonly share: string;
  /** The share's directory. */
  readonly path: string;
  /** A driver on the share; closed by the suite. */
  openDriver(runner?: CommandRunner, options?: Readonly<Record<string, unknown>>): Promise<ShareVolumeDriver>;
  close(): Promise<void>;
}

export interface Ids {
  readonly volumeId: string;
  readonly file: string;
  overlay(): { snapshotId: string; file: string };
}

export function freshIds(): Ids {
  const volumeId = randomUUID();
  return {
    volumeId,
    file: volumeFileName(volumeId),
    overlay: () => {
      const snapshotId = randomUUID();
      return { snapshotId, file: overlayFileName(volumeId, snapshotId) };
    },
  };
}

export function quietWork(signal = new AbortController().signal): LongWork & { readonly percents: number[] } {
  const percents: number[] = [];
  return { signal, percents, onProgress: (percent) => percents.push(percent) };
}

/** Runs qemu-io on the layer's file: the guest's writes and reads. A read pattern that does not fit fails. */
export function guest(place: DriverPlace, layer: Pick<Layer, 'file' | 'format'>, ...commands: string[]): void {
  const words = commands.flatMap((command) => ['-c', command]);
  const output = execFileSync('qemu-io', ['-f', layer.format, ...words, path.join(place.path, layer.file)], {
    encoding: 'utf8',
  });
  assert.ok(!/verification failed|error/i.test(output), output);
}

export function top(chain: Chain): Layer {
  const layer = chain.at(-1);
  assert.ok(layer !== undefined);
  return layer;
}

/** Visible image files; the service's private directory and records are left out. */
export function filesOn(place: DriverPlace): string[] {
  return readdirSync(place.path)
    .filter((name) => name !== '.saggar')
    .sort();
}

export function trashOn(place: DriverPlace): string[] {
  return readdirSync(path.join(place.path, '.saggar/trash')).sort();
}

export function hasPart(place: DriverPlace, file: string): boolean {
  return filesOn(place).includes(partNameOf(file));
}

export function bytesAt(place: DriverPlace, file: string, offset: number, length: number): Buffer {
  const handle = openSync(path.join(place.path, file), 'r');
  const bytes = Buffer.alloc(length);
  readSync(handle, bytes, 0, length, offset);
  closeSync(handle);
  return bytes;
}

export function writeBytes(place: DriverPlace, file: string, offset: number, bytes: Buffer): void {
  const handle = openSync(path.join(place.path, file), 'r+');
  writeSync(handle, bytes, 0, bytes.length, offset);
  closeSync(handle);
}

export function readAll(place: DriverPlace, file: string): Buffer {
  return readFileSync(path.join(place.path, file));
}

export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 8_000,
): Promise<void> {
  const until = Date.now() + timeoutMs;
  while (!(await condition())) {
    assert.ok(Date.now() < until, `not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
