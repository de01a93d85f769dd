// Asks glusterd through its command line, in XML, and reads `opRet`: the exit code is no proof (an unknown volume answers with 0).
// Read-only questions go to the share's servers by --remote-host; changes need glusterd's own socket (it refuses them from
// elsewhere). Never on the path of a request: a busy or half-dead pool lets a call hang for minutes.
import { XMLParser } from 'fast-xml-parser';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { Argv, CommandRunner } from '../process/command-runner.js';

const QUERY_TIMEOUT_MS = 20_000;
const CHANGE_TIMEOUT_MS = 130_000; // gluster's own limit is 120 s

export interface GlusterVolumeInfo {
  readonly name: string;
  readonly started: boolean;
  /** e.g. Distribute, Replicate, Distributed-Replicate. */
  readonly typeText: string;
  readonly replicaCount: number;
  readonly arbiterCount: number;
  readonly brickCount: number;
  /** Hosts of the bricks, in order, each once. */
  readonly brickHosts: readonly string[];
  /** Only options that differ from their defaults. */
  readonly options: Readonly<Record<string, string>>;
}

export type GlusterdAddress = { readonly remoteHost: string } | { readonly socket: string };

type XmlNode = Readonly<Record<string, unknown>>;

export class GlusterCli {
  private readonly parser = new XMLParser({
    ignoreAttributes: true,
    parseTagValue: false,
    isArray: (name) => ['volume', 'brick', 'option'].includes(name),
  });

  constructor(private readonly runner: CommandRunner) {}

  /** null when the pool has no volume of that name. Errors: `backend_offline` when glusterd does not answer. */
  async tryVolumeInfo(address: GlusterdAddress, glusterVolumeName: string): Promise<GlusterVolumeInfo | null> {
    const output = await this.ask(address, ['volume', 'info', glusterVolumeName], QUERY_TIMEOUT_MS);
    if (text(output, 'opRet') !== '0') return null;
    const volumes = node(node(output, 'volInfo'), 'volumes');
    const volume = nodes(volumes, 'volume').find((found) => text(found, 'name') === glusterVolumeName);
    return volume === undefined ? null : volumeInfoOf(volume);
  }

  /** Errors: `backend_offline` with glusterd's words in the context when it refuses. */
  async setVolumeOption(
    address: GlusterdAddress,
    glusterVolumeName: string,
    key: string,
    value: string,
  ): Promise<void> {
    const output = await this.ask(address, ['volume', 'set', glusterVolumeName, key, value], CHANGE_TIMEOUT_MS);
    if (text(output, 'opRet') !== '0') {
      throw new ServiceError('backend_offline', 'The Gluster option could not be set.', {
        context: {
          glusterVolumeName,
          key,
          value,
          opErrno: text(output, 'opErrno'),
          opErrstr: text(output, 'opErrstr'),
        },
      });
    }
  }

  private async ask(address: GlusterdAddress, words: readonly string[], timeoutMs: number): Promise<XmlNode> {
    const where = 'socket' in address ? `--glusterd-sock=${address.socket}` : `--remote-host=${address.remoteHost}`;
    const argv: Argv = ['gluster', '--mode=script', '--xml', where, ...words];
    const result = await this.runner.run(argv, { timeoutMs, maxOutputBytes: 8 * 1024 * 1024 });
    const output = this.tryParse(result.stdout);
    if (output === null) {
      throw new ServiceError('backend_offline', 'The Gluster management daemon does not answer.', {
        context: {
          where,
          words,
          exitCode: result.exitCode,
          output: `${result.stdout}${result.stderr}`.slice(0, 1_000),
        },
      });
    }
    return output;
  }

  private tryParse(stdout: string): XmlNode | null {
    if (!stdout.trimStart().startsWith('<?xml')) return null;
    try {
      return node(this.parser.parse(stdout) as XmlNode, 'cliOutput');
    } catch {
      return null;
    }
  }
}

function volumeInfoOf(volume: XmlNode): GlusterVolumeInfo {
  const bricks = nodes(node(volume, 'bricks'), 'brick').map((brick) => text(brick, 'name') ?? '');
  const options = nodes(node(volume, 'options'), 'option').map((option) => [
    text(option, 'name') ?? '',
    text(option, 'value') ?? '',
  ]);
  return {
    name: text(volume, 'name') ?? '',
    started: text(volume, 'status') === '1',
    typeText: text(volume, 'typeStr') ?? 'unknown',
    replicaCount: Number(text(volume, 'replicaCount') ?? '1'),
    arbiterCount: Number(text(volume, 'arbiterCount') ?? '0'),
    brickCount: Number(text(volume, 'brickCount') ?? '0'),
    brickHosts: [...new Set(bricks.map((name) => name.slice(0, name.lastIndexOf(':'))).filter((host) => host !== ''))],
    options: Object.fromEntries(options) as Record<string, string>,
  };
}

function text(parent: XmlNode, key: string): string | null {
  const value = parent[key];
  return typeof value === 'string' ? value : null;
}

function node(parent: XmlNode, key: string): XmlNode {
  const value = parent[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as XmlNode) : {};
}

function nodes(parent: XmlNode, key: string): readonly XmlNode[] {
  const value = parent[key];
  return Array.isArray(value) ? (value.filter((item) => typeof item === 'object' && item !== null) as XmlNode[]) : [];
}
