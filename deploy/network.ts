// Network namespaces for private Gluster nodes: each node has its own loopback, its own port 24007 and one address of a private /24.
//   - one node: a veth pair between host and namespace
//   - several: a bridge on the host, with a veth pair for each node
// The host has address .1, node n (counted from 1) has .(n+1). Gluster refuses loopback addresses for bricks, hence real ones.
// Everything is idempotent and carries the plan's tag in its name, so that removing it never touches anything else.
import { readFileSync } from 'node:fs';
import { mustRun, runProgram } from './programs.js';

export interface NetworkPlan {
  /** At most 6 letters and digits; interface names hold 15 characters. */
  readonly tag: string;
  /** First three numbers, e.g. `10.213.7`. */
  readonly subnet: string;
  readonly nodes: number;
}

const CURE = 'the kernel must allow network namespaces and veth interfaces (in a container: run it privileged)';

export function namespaceOf(tag: string, node: number): string {
  return `saggar-${tag}-${node}`;
}

export function addressOf(plan: Pick<NetworkPlan, 'subnet'>, node: number): string {
  return `${plan.subnet}.${node + 1}`;
}

/** The path that `nsenter --net=` takes. */
export function namespacePath(tag: string, node: number): string {
  return `/run/netns/${namespaceOf(tag, node)}`;
}

/** Makes what is missing and brings it up. */
export async function ensureNetwork(plan: NetworkPlan): Promise<void> {
  const bridged = plan.nodes > 1;
  if (bridged) await ensureBridge(plan);
  const present = await listNamespaces();
  for (let node = 1; node <= plan.nodes; node += 1) {
    const namespace = namespaceOf(plan.tag, node);
    if (!present.has(namespace)) await ip(['netns', 'add', namespace]);
    await ensureLink(plan, node, bridged);
  }
}

/** Removes namespaces and interfaces of the tag, those of an earlier run with more nodes too. Processes in them must be gone. */
export async function removeNetwork(tag: string): Promise<void> {
  for (const link of listLinks()) {
    if (link === bridgeOf(tag) || link.startsWith(`sg${tag}v`)) await runProgram(['ip', 'link', 'delete', link]);
  }
  for (const namespace of await namespacesOf(tag)) await ip(['netns', 'delete', namespace]);
}

/** Names of the tag's namespaces. */
export async function namespacesOf(tag: string): Promise<readonly string[]> {
  return [...(await listNamespaces())].filter((name) => name.startsWith(`saggar-${tag}-`));
}

/** Pids of all processes in the namespace: everything in it is ours. */
export async function processesIn(namespace: string): Promise<readonly number[]> {
  const { stdout } = await runProgram(['ip', 'netns', 'pids', namespace]);
  return stdout.split('\n').filter(Boolean).map(Number);
}

async function ensureBridge(plan: NetworkPlan): Promise<void> {
  const bridge = bridgeOf(plan.tag);
  if (!listLinks().includes(bridge)) await ip(['link', 'add', bridge, 'type', 'bridge']);
  await ip(['address', 'replace', `${plan.subnet}.1/24`, 'dev', bridge]);
  await ip(['link', 'set', bridge, 'up']);
}

async function ensureLink(plan: NetworkPlan, node: number, bridged: boolean): Promise<void> {
  const outside = `sg${plan.tag}v${node}`;
  const namespace = namespaceOf(plan.tag, node);
  if (!listLinks().includes(outside)) {
    await ip(['link', 'add', outside, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace]);
  }
  if (bridged) await ip(['link', 'set', outside, 'master', bridgeOf(plan.tag)]);
  else await ip(['address', 'replace', `${plan.subnet}.1/24`, 'dev', outside]);
  await ip(['link', 'set', outside, 'up']);
  await ip(['-n', namespace, 'link', 'set', 'lo', 'up']);
  await ip(['-n', namespace, 'address', 'replace', `${addressOf(plan, node)}/24`, 'dev', 'eth0']);
  await ip(['-n', namespace, 'link', 'set', 'eth0', 'up']);
}

function bridgeOf(tag: string): string {
  return `sg${tag}br`;
}

function listLinks(): readonly string[] {
  return readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .slice(2)
    .flatMap((line) => (line.includes(':') ? [line.slice(0, line.indexOf(':')).trim()] : []));
}

async function listNamespaces(): Promise<ReadonlySet<string>> {
  const { stdout } = await runProgram(['ip', 'netns', 'list']);
  return new Set(stdout.split('\n').flatMap((line) => line.split(' ')[0] || []));
}

function ip(args: readonly string[]): Promise<string> {
  return mustRun(['ip', ...args], CURE);
}
