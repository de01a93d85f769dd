// What a running QEMU really has open: nodes, edges and devices, read from the monitor and checked before it is believed (the
// guest controls image contents, so what comes back is outside input). Every decision about a chain is made on this.
// Edges come from x-debug-query-block-graph, the only command of QEMU 7.2 that tells children of nodes that no device uses; what a
// node is comes from query-named-block-nodes. The first asks no share. The second asks it three times for every layer of every disk how much
// room a file takes, and the guest stands still meanwhile (counted with 7.2 and three bricks), so it is asked where sizes, headers or files matter.
import type { ObservedLayer } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { deviceId, isFormatNode, isNodeOfVolume, volumeOfDevice } from './node-names.js';
import { isObject, type JsonObject } from './qmp-messages.js';

const MAX_NODES = 4096;

export interface GraphNode {
  readonly name: string;
  readonly driver: string;
  readonly virtualSizeBytes: number;
  /** Base name of the image file, for nodes that talk to a share. */
  readonly file: string | null;
  /** As the image's header says, for qcow2 nodes. */
  readonly backingName: string | null;
  readonly isEncrypted: boolean;
  /** A qcow2 header of version 2, which has no feature bits. */
  readonly isOldQcow2: boolean;
  /** First servers of a gluster node, `host:port`. */
  readonly servers: readonly string[];
}

/** Which nodes there are and how they hang together. Costs a guest nothing. */
export interface BlockOutline {
  readonly names: ReadonlySet<string>;
  /** Parent name -> edge name (`file`, `backing`, `root`, ...) -> child name. Devices are parents named by their QOM path. */
  readonly children: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export interface BlockGraph extends BlockOutline {
  readonly nodes: ReadonlyMap<string, GraphNode>;
}

/** Both answers of the monitor as one graph. Throws `hypervisor_offline` when they do not make sense. */
export function parseBlockGraph(namedNodes: unknown, debugGraph: unknown): BlockGraph {
  const nodes = new Map(list(namedNodes, 'query-named-block-nodes').map((value) => parseNode(value)));
  return { ...parseBlockOutline(debugGraph), nodes };
}

/** Source of `block-driver`: QEMU qapi/block-core.json (XDbgBlockGraphNodeType). */
export function parseBlockOutline(debugGraph: unknown): BlockOutline {
  if (!isObject(debugGraph)) throw senseless('x-debug-query-block-graph');
  const named = new Map<number, string>();
  const names = new Set<string>();
  for (const node of list(debugGraph['nodes'], 'graph nodes')) {
    if (!isObject(node) || typeof node['id'] !== 'number') continue;
    named.set(node['id'], String(node['name']));
    if (node['type'] === 'block-driver') names.add(String(node['name']));
  }
  const children = new Map<string, Map<string, string>>();
  for (const edge of list(debugGraph['edges'], 'graph edges')) {
    if (!isObject(edge)) throw senseless('a graph edge');
    const parent = named.get(Number(edge['parent']));
    const child = named.get(Number(edge['child']));
    if (parent === undefined || child === undefined) continue;
    const edges = children.get(parent) ?? new Map<string, string>();
    edges.set(String(edge['name']), child);
    children.set(parent, edges);
  }
  return { names, children };
}

/** The facts of `graph` about nodes that hang together in another way since; null when there are nodes that it does not know. */
export function tryRearrange({ nodes }: BlockGraph, outline: BlockOutline): BlockGraph | null {
  return [...outline.names].every((name) => nodes.has(name)) ? { ...outline, nodes } : null;
}

function parseNode(value: unknown): [string, GraphNode] {
  const image = isObject(value) ? value['image'] : null;
  if (!isObject(value) || !isObject(image) || typeof value['node-name'] !== 'string') throw senseless('a block node');
  const name = value['node-name'];
  const backingName = image['backing-filename'];
  const source = parseFileName(image['filename']);
  return [
    name,
    {
      name,
      driver: String(value['drv']),
      virtualSizeBytes: Number(image['virtual-size']),
      ...source,
      backingName: typeof backingName === 'string' ? baseName(backingName) : null,
      isEncrypted: image['encrypted'] === true,
      isOldQcow2: compatOf(image['format-specific']) === '0.10',
    },
  ];
}

/** Source: QEMU's ImageInfoSpecificQCow2; `compat` is 0.10 for version 2 and 1.1 for version 3. */
function compatOf(specific: unknown): unknown {
  const data = isObject(specific) ? specific['data'] : null;
  return isObject(data) ? data['compat'] : null;
}

/** QEMU shows a gluster file as `json:{...}` with flat keys, a local file by its path. */
function parseFileName(value: unknown): Pick<GraphNode, 'file' | 'servers'> {
  if (typeof value !== 'string') return { file: null, servers: [] };
  if (!value.startsWith('json:')) return { file: baseName(value), servers: [] };
  const options = parseJson(value.slice('json:'.length));
  if (options === null || typeof options['path'] !== 'string') return { file: null, servers: [] };
  const servers = Object.keys(options)
    .filter((key) => /^server\.\d+\.host$/.test(key))
    .map((key) => `${options[key]}:${options[key.replace('.host', '.port')]}`);
  return { file: baseName(options['path']), servers };
}

function parseJson(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function baseName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** The node the guest's device reads and writes, behind any filter; null when the volume has no device. */
export function activeNode(graph: BlockGraph, volumeId: string): GraphNode | null {
  const top = graph.children.get(devicePath(volumeId))?.get('root');
  return top === undefined ? null : skipFilters(graph, top);
}

/** Volumes that have a device in the guest. */
export function attachedVolumes({ children }: BlockOutline): readonly string[] {
  return [...children].flatMap(([parent, edges]) => {
    const device = /^\/machine\/peripheral\/([^/]+)\/virtio-backend$/.exec(parent)?.[1];
    const volumeId = device === undefined ? null : volumeOfDevice(device);
    return volumeId === null || !edges.has('root') ? [] : [volumeId];
  });
}

/** From the device down its chain, with the filters in between. */
export function nodesBelowDevice({ children }: BlockOutline, volumeId: string): readonly string[] {
  const found: string[] = [];
  let node = children.get(devicePath(volumeId))?.get('root');
  while (node !== undefined && found.length < MAX_NODES) {
    found.push(node);
    const edges = children.get(node);
    node = edges?.get('backing') ?? (isFormatNode(node) ? undefined : edges?.get('file'));
  }
  return found;
}

/** True when the volume's device reads through the node, however far below. */
export function isBelowDevice({ children }: BlockOutline, volumeId: string, nodeName: string): boolean {
  const seen = new Set<string>();
  const todo = [devicePath(volumeId)];
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (name === nodeName) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    todo.push(...(children.get(name)?.values() ?? []));
  }
  return false;
}

/** Format nodes of the chain below (and with) the active node, the active one first. */
export function chainNodesOf(graph: BlockGraph, volumeId: string): readonly GraphNode[] {
  const found: GraphNode[] = [];
  let node = activeNode(graph, volumeId);
  while (node !== null && found.length < MAX_NODES) {
    found.push(node);
    const below = graph.children.get(node.name)?.get('backing');
    node = below === undefined ? null : skipFilters(graph, below);
  }
  return found;
}

/** Oldest first. The header's word for the backing file is told when it differs from the node that is really below. */
export function observedLayers(graph: BlockGraph, volumeId: string): readonly ObservedLayer[] {
  const nodes = chainNodesOf(graph, volumeId);
  const files = nodes.map((node) => layerFile(graph, node));
  return nodes
    .map((node, index): ObservedLayer => {
      if (node.driver !== 'raw' && node.driver !== 'qcow2') throw senseless(`a disk of format ${node.driver}`);
      const below = files[index + 1] ?? null;
      const backingFile = node.driver === 'qcow2' && node.backingName !== below ? node.backingName : below;
      const { driver: format, virtualSizeBytes, isEncrypted } = node;
      const encrypted = isEncrypted ? { encrypted: true as const } : {};
      return { file: files[index] ?? '', format, virtualSizeBytes, backingFile, ...encrypted };
    })
    .reverse();
}

/**
 * A node that one of the volume's image nodes has opened beside its file and its backing file, because its header says so (an external data
 * file: any file of the host); null when there is none. Edges that jobs add have other parents.
 */
export function findForeignChild(graph: BlockOutline, volumeId: string): string | null {
  for (const [parent, edges] of graph.children) {
    if (!isNodeOfVolume(parent, volumeId)) continue;
    for (const [edge, child] of edges) if (edge === 'data-file') return child;
  }
  return null;
}

export function parentsOf(graph: BlockOutline, nodeName: string): readonly string[] {
  return [...graph.children].flatMap(([parent, edges]) => ([...edges.values()].includes(nodeName) ? [parent] : []));
}

export function layerFile(graph: BlockGraph, node: GraphNode): string {
  let below = graph.children.get(node.name)?.get('file');
  // The file's own node passes all on to the one that talks to the share.
  for (let depth = 0; below !== undefined && depth < 4; depth += 1) {
    const file = graph.nodes.get(below)?.file ?? null;
    if (file !== null) return file;
    below = graph.children.get(below)?.get('file');
  }
  return '';
}

function devicePath(volumeId: string): string {
  return `/machine/peripheral/${deviceId(volumeId)}/virtio-backend`;
}

/** Block jobs and throttles put nodes of their own between a device and its image. */
function skipFilters(graph: BlockGraph, name: string): GraphNode {
  let node = graph.nodes.get(name);
  for (let depth = 0; node !== undefined && depth < 8; depth += 1) {
    if (!/^(commit_top|mirror_top|copy-on-read|throttle|preallocate)$/.test(node.driver)) return node;
    const edges = graph.children.get(node.name);
    node = graph.nodes.get(edges?.get('backing') ?? edges?.get('file') ?? '');
  }
  throw senseless(`the node ${name}`);
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > MAX_NODES * 4) throw senseless(what);
  return value;
}

function senseless(what: string): ServiceError {
  return new ServiceError('hypervisor_offline', 'The hypervisor gave an answer that makes no sense.', {
    context: { what },
  });
}
