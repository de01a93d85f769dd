// Asks glusterd through its command line, in XML, and reads `opRet`. Read-only questions go to the share's servers by --remote-host; changes
// need glusterd's own socket (it refuses them from elsewhere). Never on the path of a request: a busy or half-dead pool lets a call
// hang for minutes.
// Heal info is special: the command starts glfsheal, which fetches the volume's description from /var/run/glusterd.socket whatever the
// command was told (GlusterFS 10.3), so it works only where the pool's glusterd runs. Elsewhere the description is fetched from a server
// (`system:: getspec`) and given to glfsheal as a file.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { Argv, CommandRunner } from '../process/command-runner.js';
import {
  type BricksOnline,
  type GlusterVolumeInfo,
  type HealSummary,
  parseCliOutput,
  readBricksOnline,
  readHealSummary,
  readHealText,
  readVolumeInfo,
  succeeded,
  textOf,
  type XmlNode,
} from './gluster-xml.js';

const QUERY_TIMEOUT_MS = 20_000;
const CHANGE_TIMEOUT_MS = 130_000; // gluster's own limit is 120 s
/** It looks at every entry of every brick's index. */
const HEAL_TIMEOUT_MS = 60_000;
/** Where packages put glfsheal: Debian, then Fedora and its kin, then a build of one's own. */
const healPrograms = [
  '/usr/lib/x86_64-linux-gnu/glusterfs/glfsheal',
  '/usr/libexec/glusterfs/glfsheal',
  '/usr/local/libexec/glusterfs/glfsheal',
] as const;

export type GlusterdAddress = { readonly remoteHost: string } | { readonly socket: string };

export class GlusterCli {
  constructor(private readonly runner: CommandRunner) {}

  /** null when the pool has no volume of that name. Errors: `backend_offline` when glusterd does not answer. */
  async tryVolumeInfo(address: GlusterdAddress, glusterVolumeName: string): Promise<GlusterVolumeInfo | null> {
    const output = await this.ask(address, ['volume', 'info', glusterVolumeName], QUERY_TIMEOUT_MS);
    return succeeded(output) ? readVolumeInfo(output, glusterVolumeName) : null;
  }

  /** Errors: `backend_offline`, also when glusterd refuses (another command under way, volume stopped). */
  async bricksOnline(address: GlusterdAddress, glusterVolumeName: string): Promise<BricksOnline> {
    const words = ['volume', 'status', glusterVolumeName];
    const output = await this.ask(address, words, QUERY_TIMEOUT_MS);
    const online = succeeded(output) ? readBricksOnline(output, glusterVolumeName) : null;
    if (online === null) throw refused('The state of the bricks could not be read.', words, output);
    return online;
  }

  /** Only for volumes with several copies. Errors: `backend_offline`. */
  async healSummary(address: GlusterdAddress, glusterVolumeName: string): Promise<HealSummary> {
    const words = ['volume', 'heal', glusterVolumeName, 'info', 'summary'];
    const output = await this.ask(address, words, HEAL_TIMEOUT_MS);
    const summary = succeeded(output) ? readHealSummary(output) : null;
    return summary ?? this.healSummaryByFile(address, glusterVolumeName, output);
  }

  /** e.g. `10.3`, of the programs on this host; null when they say nothing that can be read. */
  async clientVersion(): Promise<string | null> {
    const { stdout } = await this.runner.run(['glusterfs', '--version'], { timeoutMs: QUERY_TIMEOUT_MS });
    return /^glusterfs (\d+(?:\.\d+)*)/m.exec(stdout)?.[1] ?? null;
  }

  /** Errors: `backend_offline` with glusterd's words in the context when it refuses. */
  async setVolumeOption(
    address: GlusterdAddress,
    glusterVolumeName: string,
    key: string,
    value: string,
  ): Promise<void> {
    const words = ['volume', 'set', glusterVolumeName, key, value];
    const output = await this.ask(address, words, CHANGE_TIMEOUT_MS);
    if (!succeeded(output)) throw refused('The Gluster option could not be set.', words, output);
  }

  private async healSummaryByFile(
    address: GlusterdAddress,
    glusterVolumeName: string,
    asked: XmlNode,
  ): Promise<HealSummary> {
    const spec = await this.runner.run(
      ['gluster', '--mode=script', whereOf(address), 'system::', 'getspec', glusterVolumeName],
      {
        timeoutMs: QUERY_TIMEOUT_MS,
        maxOutputBytes: 8 * 1024 * 1024,
      },
    );
    if (!/^volume /m.test(spec.stdout)) throw refused('The heal backlog could not be read.', ['getspec'], asked);
    // The description may hold the volume's internal password: for nobody else's eyes.
    const directory = await mkdtemp(path.join(tmpdir(), 'saggar-heal-'));
    const file = path.join(directory, 'volfile');
    try {
      await writeFile(file, spec.stdout, { mode: 0o600 });
      for (const program of healPrograms) {
        const argv: Argv = [program, glusterVolumeName, 'info-summary', 'volfile-path', file];
        const result = await this.runner.run(argv, { timeoutMs: HEAL_TIMEOUT_MS }).catch(() => null);
        const summary = result === null ? null : readHealText(result.stdout);
        if (summary !== null) return summary;
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
    throw refused('The heal backlog could not be read.', ['glfsheal'], asked);
  }

  private async ask(address: GlusterdAddress, words: readonly string[], timeoutMs: number): Promise<XmlNode> {
    const argv: Argv = ['gluster', '--mode=script', '--xml', whereOf(address), ...words];
    const result = await this.runner.run(argv, { timeoutMs, maxOutputBytes: 8 * 1024 * 1024 });
    const output = parseCliOutput(result.stdout);
    if (output === null) {
      throw new ServiceError('backend_offline', 'The Gluster management daemon does not answer.', {
        context: { words, exitCode: result.exitCode, output: `${result.stdout}${result.stderr}`.slice(0, 1_000) },
      });
    }
    return output;
  }
}

function whereOf(address: GlusterdAddress): string {
  return 'socket' in address ? `--glusterd-sock=${address.socket}` : `--remote-host=${address.remoteHost}`;
}

function refused(message: string, words: readonly string[], output: XmlNode): ServiceError {
  const context = { words, opErrno: textOf(output, 'opErrno'), opErrstr: textOf(output, 'opErrstr') };
  return new ServiceError('backend_offline', message, { context });
}
