// What the gluster command answers, read. Pure: text in, facts out; null for what is no answer. The envelope is `cliOutput` with `opRet`,
// which alone tells success: the exit code is no proof (an unknown volume answers with 0). Seen with GlusterFS 10.3.
import { XMLParser } from 'fast-xml-parser';

export interface GlusterBrick {
  /** `host:/path`, the name by which glusterd knows it. */
  readonly name: string;
  readonly host: string;
  readonly isArbiter: boolean;
}

export interface GlusterVolumeInfo {
  readonly name: string;
  readonly started: boolean;
  /** e.g. Distribute, Replicate, Distributed-Replicate. */
  readonly typeText: string;
  readonly replicaCount: number;
  readonly arbiterCount: number;
  /** Bricks of one disperse set; 0 when the volume is none. */
  readonly disperseCount: number;
  readonly redundancyCount: number;
  readonly brickCount: number;
  /** In the order of the sets: with replica 3, each three are one set. */
  readonly bricks: readonly GlusterBrick[];
  /** Hosts of the bricks, in order, each once. */
  readonly brickHosts: readonly string[];
  /** Only options that differ from their defaults. */
  readonly options: Readonly<Record<string, string>>;
}

/** Names of bricks whose process runs. Those of a server whose glusterd is down are not told of at all. */
export type BricksOnline = ReadonlySet<string>;

export interface HealSummary {
  /** Entries over all bricks; one file that two replicas still lack something of counts twice. */
  readonly pending: number;
  readonly splitBrain: number;
  /** Names of bricks that could not be asked. */
  readonly unreachable: readonly string[];
}

export type XmlNode = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  isArray: (name) => ['volume', 'brick', 'option', 'node'].includes(name),
});

/** The content of `cliOutput`, or null for anything else. */
export function parseCliOutput(stdout: string): XmlNode | null {
  if (!stdout.trimStart().startsWith('<?xml')) return null;
  try {
    return node(parser.parse(stdout) as XmlNode, 'cliOutput');
  } catch {
    return null;
  }
}

export function succeeded(output: XmlNode): boolean {
  return textOf(output, 'opRet') === '0';
}

/** Of `volume info NAME`; null when the pool has no volume of that name. */
export function readVolumeInfo(output: XmlNode, name: string): GlusterVolumeInfo | null {
  const volumes = node(node(output, 'volInfo'), 'volumes');
  const volume = nodes(volumes, 'volume').find((found) => textOf(found, 'name') === name);
  if (volume === undefined) return null;
  const bricks = nodes(node(volume, 'bricks'), 'brick').map((brick) => {
    const brickName = textOf(brick, 'name') ?? '';
    return {
      name: brickName,
      host: brickName.slice(0, Math.max(0, brickName.lastIndexOf(':'))),
      isArbiter: textOf(brick, 'isArbiter') === '1',
    };
  });
  const options = nodes(node(volume, 'options'), 'option').map((option) => [
    textOf(option, 'name') ?? '',
    textOf(option, 'value') ?? '',
  ]);
  return {
    name,
    started: textOf(volume, 'status') === '1',
    typeText: textOf(volume, 'typeStr') ?? 'unknown',
    replicaCount: numberOf(volume, 'replicaCount', 1),
    arbiterCount: numberOf(volume, 'arbiterCount', 0),
    disperseCount: numberOf(volume, 'disperseCount', 0),
    redundancyCount: numberOf(volume, 'redundancyCount', 0),
    brickCount: numberOf(volume, 'brickCount', 0),
    bricks,
    brickHosts: [...new Set(bricks.map(({ host }) => host).filter((host) => host !== ''))],
    options: Object.fromEntries(options) as Record<string, string>,
  };
}

/** Of `volume status NAME`; null when it says nothing of that volume. Daemons are nodes too, whose path is a host's name. */
export function readBricksOnline(output: XmlNode, name: string): BricksOnline | null {
  const volumes = node(node(output, 'volStatus'), 'volumes');
  const volume = nodes(volumes, 'volume').find((found) => textOf(found, 'volName') === name);
  if (volume === undefined) return null;
  const online = nodes(volume, 'node').filter(
    (one) => textOf(one, 'status') === '1' && textOf(one, 'path')?.startsWith('/') === true,
  );
  return new Set(online.map((one) => `${textOf(one, 'hostname') ?? ''}:${textOf(one, 'path') ?? ''}`));
}

/** Of `volume heal NAME info summary`; null when it has no bricks. A brick that could not be asked has `-` for numbers. */
export function readHealSummary(output: XmlNode): HealSummary | null {
  const bricks = nodes(node(node(output, 'healInfo'), 'bricks'), 'brick');
  return summarise(
    bricks.map((brick) => ({
      name: textOf(brick, 'name') ?? '',
      status: textOf(brick, 'status') ?? '',
      pending: textOf(brick, 'totalNumberOfEntries') ?? '-',
      splitBrain: textOf(brick, 'numberOfEntriesInSplitBrain') ?? '-',
    })),
  );
}

/** Of the program glfsheal, `info-summary`, which prints the same as lines of text. */
export function readHealText(stdout: string): HealSummary | null {
  const bricks = stdout.split(/^Brick /m).slice(1);
  const field = (brick: string, words: string) => new RegExp(`^${words}: (.*)$`, 'm').exec(brick)?.[1]?.trim() ?? '-';
  return summarise(
    bricks.map((brick) => ({
      name: brick.split('\n')[0]?.trim() ?? '',
      status: field(brick, 'Status'),
      pending: field(brick, 'Total Number of entries'),
      splitBrain: field(brick, 'Number of entries in split-brain'),
    })),
  );
}

interface BrickHeal {
  readonly name: string;
  readonly status: string;
  readonly pending: string;
  readonly splitBrain: string;
}

function summarise(bricks: readonly BrickHeal[]): HealSummary | null {
  if (bricks.length === 0) return null;
  const counts = (key: 'pending' | 'splitBrain') =>
    bricks.reduce((sum, brick) => sum + (/^\d+$/.test(brick[key]) ? Number(brick[key]) : 0), 0);
  return {
    pending: counts('pending'),
    splitBrain: counts('splitBrain'),
    unreachable: bricks.filter(({ status }) => status !== 'Connected').map(({ name }) => name),
  };
}

export function textOf(parent: XmlNode, key: string): string | null {
  const value = parent[key];
  return typeof value === 'string' ? value : null;
}

function numberOf(parent: XmlNode, key: string, fallback: number): number {
  const value = Number(textOf(parent, key) ?? fallback);
  return Number.isFinite(value) ? value : fallback;
}

function node(parent: XmlNode, key: string): XmlNode {
  const value = parent[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as XmlNode) : {};
}

function nodes(parent: XmlNode, key: string): readonly XmlNode[] {
  const value = parent[key];
  return Array.isArray(value) ? (value.filter((item) => typeof item === 'object' && item !== null) as XmlNode[]) : [];
}
