// Image files for the hypervisor suites: chains on a plain directory, each layer with a pattern of its own, read back by qemu-io.
import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync } from 'node:fs';
import path from 'node:path';
import type { DiskSpec } from '../../../drivers/hypervisor-driver.js';
import { readQcow2Header } from '../../../drivers/image/qcow2-header.js';
import type { Chain, Layer } from '../../../services/core/domain/chain.js';
import { newId } from '../../../services/core/domain/ids.js';

export const MIB = 1024 ** 2;
export const DISK_BYTES = 64 * MIB;

function tool(program: 'qemu-img' | 'qemu-io', args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

export function makeLayer(directory: string, file: string, format: Layer['format'], below: Layer | null): Layer {
  const target = path.join(directory, file);
  const backing = below === null ? [] : ['-u', '-b', below.file, '-F', below.format];
  tool('qemu-img', ['create', '-q', '-f', format, ...backing, target, String(DISK_BYTES)]);
  if (format === 'qcow2') truncateSync(target, 256 * 1024);
  return { file, format, virtualSizeBytes: DISK_BYTES, snapshotId: below === null ? null : newId() };
}

/** A disk whose layer number n holds the byte n+1 over its own MiB, and over MiB 32 (where the newest layer wins). */
export function makeDisk(directory: string, baseFormat: Layer['format'], overlays: number): DiskSpec {
  const volumeId = newId<string & {}>();
  const chain: Layer[] = [];
  for (let index = 0; index <= overlays; index += 1) {
    const name = index === 0 ? `volume-${volumeId}` : `volume-${volumeId}.${newId()}`;
    chain.push(makeLayer(directory, name, index === 0 ? baseFormat : 'qcow2', chain.at(-1) ?? null));
    writePattern(directory, chain, index + 1, index);
    writePattern(directory, chain, index + 1, 32);
  }
  return {
    volumeId,
    serial: volumeId.slice(0, 20),
    access: { share: `dir:${directory}`, glusterVolumeName: '', directory, servers: [], mountOptions: null },
    chain,
    readOnly: false,
    bootIndex: null,
  };
}

export function writePattern(directory: string, chain: Chain, byte: number, mib: number): void {
  const top = topOf(directory, chain);
  tool('qemu-io', ['-f', top.format, '-c', `write -P ${byte} ${mib}M 1M`, top.path]);
}

/** Throws when the MiB does not hold the byte everywhere. Nothing may have the files open. */
export function expectPattern(directory: string, chain: Chain, byte: number, mib: number): void {
  const top = topOf(directory, chain);
  const said = tool('qemu-io', ['-f', top.format, '-c', `read -P ${byte} ${mib}M 1M`, top.path]);
  if (/verification failed/.test(said)) throw new Error(`${top.path}: MiB ${mib} does not hold ${byte}: ${said}`);
}

/** What makeDisk wrote is still what the whole chain shows. */
export function expectContents(directory: string, chain: Chain, layers: number): void {
  for (let index = 0; index < layers; index += 1) expectPattern(directory, chain, index + 1, index);
  expectPattern(directory, chain, layers, 32);
}

function topOf(directory: string, chain: Chain): { path: string; format: string } {
  const top = chain.at(-1);
  if (top === undefined) throw new Error('an empty chain');
  return { path: path.join(directory, top.file), format: top.format };
}

/** True when the header says that the layer has been merged into the one below it. */
export function hasMergedMark(file: string): boolean {
  const reading = readQcow2Header(readFileSync(file).subarray(0, 4096));
  return reading.kind === 'qcow2' && reading.header.mergedMark;
}
