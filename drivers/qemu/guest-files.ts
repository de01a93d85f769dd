// What a guest keeps on its host: <stateDirectory>/servers/<server id>/ with its specification, pid file, sockets and console log.
// server.json is written before QEMU starts and changed with every disk that comes or goes, so a later worker knows how each disk
// is reached; what the guest really has open is always asked of QEMU.
import { mkdir, open, readdir, readFile, rename, rm, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { encryptionOf } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { isUuid } from '../../services/core/domain/ids.js';
import type { DiskSpec, ObservedDisk, ServerSpec } from '../hypervisor-driver.js';

/** sockaddr_un holds 108 bytes with the final zero. */
const MAX_SOCKET_PATH_BYTES = 107;
const CONSOLE_KEPT_BYTES = 1024 * 1024;
/** A guest can print for ever; its log must not fill the host. */
const CONSOLE_TRIM_AT_BYTES = 8 * CONSOLE_KEPT_BYTES;

export class GuestFiles {
  readonly directory: string;
  constructor(stateDirectory: string, serverId: string) {
    if (!isUuid(serverId)) throw new ServiceError('bad_request', 'The server id is no UUID.');
    this.directory = path.join(stateDirectory, 'servers', serverId);
  }

  file(
    name:
      | 'server.json'
      | 'pid'
      | 'qmp.sock'
      | 'qmp-human.sock'
      | 'console.sock'
      | 'console.log'
      | 'agent.sock'
      | 'frozen'
      | 'recovering',
  ): string {
    return path.join(this.directory, name);
  }

  async exists(): Promise<boolean> {
    return stat(this.directory).then(
      () => true,
      () => false,
    );
  }

  async make(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  /** QEMU refuses to listen where a dead one's sockets lie. */
  async removeStale(): Promise<void> {
    for (const name of ['pid', 'qmp.sock', 'qmp-human.sock', 'console.sock', 'agent.sock', 'frozen'] as const) {
      await rm(this.file(name), { force: true });
    }
  }

  /** The file that says that the guest's file systems may be frozen. */
  async removeMark(): Promise<void> {
    await rm(this.file('frozen'), { force: true });
  }

  writeSpec(spec: ServerSpec): Promise<void> {
    return this.writeJson('server.json', spec);
  }

  /** The record follows a change of the disk's chain: what it is made of must be known when QEMU cannot tell any more. */
  async updateChain({ volumeId, layers }: ObservedDisk): Promise<void> {
    const spec = await this.readSpec();
    const disk = spec?.disks.find((one) => one.volumeId === volumeId);
    if (spec === null || disk === undefined) return;
    // All layers of an encrypted disk have one key, which no header names.
    const key = encryptionOf(disk.chain.find(({ keyId }) => keyId !== undefined) ?? {});
    const chain = layers.map(({ file, format, virtualSizeBytes, encrypted }) => ({
      file,
      format,
      virtualSizeBytes,
      snapshotId: null,
      ...(encrypted === true ? key : {}),
    }));
    const foreign = new Set(disk.chain.slice(0, disk.foreignLayers ?? 0).map(({ file }) => file));
    const foreignLayers = Math.max(
      0,
      chain.findIndex(({ file }) => !foreign.has(file)),
    );
    const disks = spec.disks.map((one) => (one === disk ? { ...disk, chain, foreignLayers } : one));
    await this.writeSpec({ ...spec, disks });
  }

  /** The disk is on other files now, of its own all of them. */
  async moveDisk(volumeId: string, { access, chain }: Pick<DiskSpec, 'access' | 'chain'>): Promise<void> {
    const spec = await this.readSpec();
    if (spec === null) return;
    const disks = spec.disks.map((one) =>
      one.volumeId === volumeId ? { ...one, access, chain, foreignLayers: 0 } : one,
    );
    await this.writeSpec({ ...spec, disks });
  }

  private async writeJson(name: 'server.json', value: object): Promise<void> {
    const target = this.file(name);
    const handle = await open(`${target}.new`, 'w', 0o600);
    try {
      await handle.writeFile(JSON.stringify(value, null, 1));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${target}.new`, target);
    // A guest that has moved writes to its new files alone from here on: the name must outlive the host's power as well.
    const directory = await open(this.directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  /** null when this host has no such server. */
  async readSpec(): Promise<ServerSpec | null> {
    try {
      return JSON.parse(await readFile(this.file('server.json'), 'utf8')) as ServerSpec;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw new ServiceError('internal', 'The record of the server on its host cannot be read.', { cause: thrown });
    }
  }

  async addDisk(disk: DiskSpec): Promise<void> {
    const spec = await this.readSpec();
    if (spec === null) return;
    const others = spec.disks.filter(({ volumeId }) => volumeId !== disk.volumeId);
    await this.writeSpec({ ...spec, disks: [...others, disk] });
  }

  async removeDisk(volumeId: string): Promise<void> {
    const spec = await this.readSpec();
    if (spec?.disks.some((disk) => disk.volumeId === volumeId) !== true) return;
    await this.writeSpec({ ...spec, disks: spec.disks.filter((disk) => disk.volumeId !== volumeId) });
  }

  /** The last lines of the console log; at most the last MiB. */
  async readConsole(lines: number | null): Promise<string> {
    const text = await readTail(this.file('console.log'), CONSOLE_KEPT_BYTES);
    if (lines === null) return text;
    const all = text.split('\n');
    // The newline at the end of the text ends a line, it does not begin one.
    const end = all.at(-1) === '' ? all.length - 1 : all.length;
    return lines <= 0 ? '' : all.slice(Math.max(0, end - lines)).join('\n');
  }

  /** QEMU appends to the log, so cutting it is safe while it is open; what was printed in between may be lost. */
  async trimConsole(): Promise<void> {
    const file = this.file('console.log');
    const bytes = await stat(file).then(
      ({ size }) => size,
      () => 0,
    );
    if (bytes < CONSOLE_TRIM_AT_BYTES) return;
    const tail = await readTail(file, CONSOLE_KEPT_BYTES);
    await truncate(file, 0);
    const handle = await open(file, 'a');
    try {
      await handle.writeFile(tail);
    } finally {
      await handle.close();
    }
  }
}

async function readTail(file: string, maxBytes: number): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, maxBytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw thrown;
  }
}

/** Ids of the servers that left a directory on this host. */
export async function listServerIds(stateDirectory: string): Promise<readonly string[]> {
  const names = await readdir(path.join(stateDirectory, 'servers')).catch(() => []);
  return names.filter((name) => isUuid(name)).sort();
}

/** Throws when socket paths below the directory would be too long for the kernel. */
export function checkStateDirectory(stateDirectory: string): void {
  const longest = new GuestFiles(stateDirectory, '00000000-0000-4000-8000-000000000000').file('qmp-human.sock');
  if (Buffer.byteLength(longest) > MAX_SOCKET_PATH_BYTES) {
    const over = Buffer.byteLength(longest) - MAX_SOCKET_PATH_BYTES;
    throw new ServiceError(
      'bad_request',
      `The state directory's path is ${over} bytes too long: UNIX sockets below it must fit into ${MAX_SOCKET_PATH_BYTES}.`,
      { context: { stateDirectory } },
    );
  }
}
