// Witnesses that the story asks instead of believing a status: the record beside the data, the headers on the share, and the block
// graph of the running QEMU (through the monitor socket for people, so that the worker's own is not taken). All three must tell the
// same chain. Reads only.
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { HEADER_PROBE_BYTES, readQcow2Header } from '../drivers/image/qcow2-header.js';
import { attachedVolumes, type BlockGraph, observedLayers } from '../drivers/qemu/block-graph.js';
import { GuestFiles } from '../drivers/qemu/guest-files.js';
import { GuestMonitor } from '../drivers/qemu/guest-monitor.js';
import { isNodeOfVolume } from '../drivers/qemu/node-names.js';
import { overlayFileName, volumeFileName } from '../services/core/domain/chain.js';
import { mustBe } from './story-checks.js';
import type { StoryContext } from './story-context.js';

/** Image files of the volume with these snapshots, oldest first. */
export function chainFiles(volumeId: string, snapshotIds: readonly string[]): readonly string[] {
  return [volumeFileName(volumeId), ...snapshotIds.map((id) => overlayFileName(volumeId, id))];
}

/** Throws when a witness tells another chain than the one that the volume must have. Returns what was seen. */
export async function mustHaveChain(
  story: StoryContext,
  serverId: string,
  volumeId: string,
  snapshotIds: readonly string[],
): Promise<string> {
  const files = chainFiles(volumeId, snapshotIds);
  const chain = files.join(' <- ');
  mustBe('active file in the record beside the data', await recordedActive(story, volumeId), files.at(-1) ?? '');
  for (const [index, file] of files.entries()) {
    mustBe(`backing file in the header of ${file}`, await backingFileOf(story, file), files[index - 1] ?? 'none');
  }
  const graph = await readGraph(story, serverId);
  const layers = observedLayers(graph, volumeId);
  mustBe('chain that QEMU has open', layers.map(({ file }) => file).join(' <- '), chain);
  return chain;
}

/** The servers that QEMU was given for the files of the volume. Throws when it does not reach them through libgfapi. */
export async function gfapiServers(story: StoryContext, serverId: string, volumeId: string): Promise<string> {
  const { nodes, children } = await readGraph(story, serverId);
  // Each file has a node of its own, and below it the one that talks to the share.
  const protocol = [...children].flatMap(([parent, edges]) => {
    const below = isNodeOfVolume(parent, volumeId) ? nodes.get(edges.get('file') ?? '') : undefined;
    return below === undefined || ['raw', 'qcow2', 'throttle'].includes(below.driver) ? [] : [below];
  });
  mustBe('drivers of the file nodes', [...new Set(protocol.map(({ driver }) => driver))].join(), 'gluster');
  return [...new Set(protocol.flatMap(({ servers }) => servers))].join(', ');
}

/** Throws when the guest still has a device or a block node of the volume. */
export async function mustBeUnknownToGuest(story: StoryContext, serverId: string, volumeId: string): Promise<void> {
  const graph = await readGraph(story, serverId);
  const nodes = [...graph.nodes.keys()].filter((name) => isNodeOfVolume(name, volumeId));
  const devices = attachedVolumes(graph).filter((id) => id === volumeId);
  mustBe('devices and block nodes of a detached volume', [...devices, ...nodes].join(), '');
}

async function recordedActive(story: StoryContext, volumeId: string): Promise<string> {
  const record: unknown = JSON.parse(await readFile(onShare(story, `${volumeFileName(volumeId)}.info`), 'utf8'));
  return String((record as { readonly active?: unknown }).active);
}

async function backingFileOf(story: StoryContext, file: string): Promise<string> {
  const handle = await open(onShare(story, file), 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_PROBE_BYTES), 0, HEADER_PROBE_BYTES, 0);
    const reading = readQcow2Header(buffer.subarray(0, bytesRead));
    if (reading.kind === 'malformed') return `malformed: ${reading.reason}`;
    const backing = reading.kind === 'qcow2' ? reading.header.backingFile : null;
    return backing === null ? 'none' : path.basename(backing);
  } finally {
    await handle.close();
  }
}

function onShare(story: StoryContext, file: string): string {
  return story.fileOnShares(file);
}

async function readGraph(story: StoryContext, serverId: string): Promise<BlockGraph> {
  const files = new GuestFiles(story.places.ownStateOf('compute-worker'), serverId);
  const monitor = new GuestMonitor(files.file('qmp-human.sock'));
  try {
    return await monitor.blockGraph();
  } finally {
    await monitor.close();
  }
}
