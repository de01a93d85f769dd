// Opens what a chain of image files shows as a disk of bytes, for as long as somebody works on it: qemu-nbd serves it at a socket that only the
// storage user can reach, and ends with its one client. The chain's headers were compared before; the tool follows no name in them.
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from '../../services/core/domain/errors.js';
import { cancelledError } from '../../services/core/domain/work-end.js';
import type { Argv, CommandResult, CommandRunner, ToolUser } from '../process/command-runner.js';
import type { ByteRange, ChainExtent } from './chain-extents.js';
import { NbdClient } from './nbd-client.js';

const GIB = 1024 ** 3;
const START_TIMEOUT_MS = 30_000;
const LONGEST_MS = 2 ** 31 - 1;

/** What a chain shows, as bytes. Offsets and lengths are in bytes and within the disk. */
export interface OpenDisk {
  readonly sizeBytes: number;
  /** Which layer holds what of a part, 0 being the uppermost. Only for a disk that nobody writes. */
  map(part: ByteRange): Promise<readonly ChainExtent[]>;
  read(offset: number, length: number): Promise<Buffer>;
  write(offset: number, data: Uint8Array): Promise<void>;
  /** `mayBeHole`: the range may take no room afterwards. */
  zero(offset: number, length: number, mayBeHole: boolean): Promise<void>;
  /** All that was written before is durable. */
  flush(): Promise<void>;
}

export interface DiskAccessSpec {
  /** As `describeChainForQemu` names it. */
  readonly source: string;
  readonly writable: boolean;
  /** Who the tool becomes; null: this process's own user. */
  readonly user: Pick<ToolUser, 'uid' | 'gid'> | null;
  readonly map: (part: ByteRange) => Promise<readonly ChainExtent[]>;
  readonly signal: AbortSignal;
}

/** Errors: `backend_offline`, `cancelled`, and those of `use`. The tool has ended when the promise settles. */
export async function withDisk<T>(
  runner: CommandRunner,
  spec: DiskAccessSpec,
  use: (disk: OpenDisk) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), 'saggar-disk-'));
  const stop = new AbortController();
  try {
    await chmod(directory, 0o700);
    if (spec.user !== null) await chown(directory, spec.user.uid, spec.user.gid);
    const socket = path.join(directory, 'nbd');
    const argv: Argv = [
      'qemu-nbd',
      ...(spec.writable ? ['--cache=writeback', '--discard=unmap'] : ['--read-only']),
      '-k',
      socket,
      spec.source,
    ];
    const served = runner.run(argv, {
      timeoutMs: LONGEST_MS,
      signal: AbortSignal.any([spec.signal, stop.signal]),
      awaitDeath: spec.writable,
      limits: { addressSpaceBytes: 4 * GIB },
    });
    const ended = served.then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    try {
      const client = await connect(socket, ended);
      try {
        return await use(asDisk(client, spec));
      } finally {
        await client.close();
      }
    } catch (thrown) {
      if (spec.signal.aborted) throw cancelledError();
      throw thrown;
    } finally {
      // It ends by itself with its client; one that never had any does not.
      const patience = setTimeout(() => stop.abort(), spec.writable ? START_TIMEOUT_MS : 2_000);
      await ended;
      clearTimeout(patience);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

type Ended = Promise<{ readonly result: CommandResult } | { readonly error: unknown }>;

async function connect(socket: string, ended: Ended): Promise<NbdClient> {
  let over: Awaited<Ended> | null = null;
  void ended.then((end) => {
    over = end;
  });
  const giveUpMs = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      return await NbdClient.connect(socket);
    } catch (thrown) {
      const end = over as Awaited<Ended> | null;
      if (end !== null || performance.now() > giveUpMs) {
        if (end !== null && 'error' in end) throw end.error;
        const context = end === null ? {} : { stderr: end.result.stderr.slice(-2_000) };
        throw new ServiceError('backend_offline', 'The image files could not be opened.', { cause: thrown, context });
      }
      await sleep(10);
    }
  }
}

function asDisk(client: NbdClient, { map }: DiskAccessSpec): OpenDisk {
  return {
    sizeBytes: client.sizeBytes,
    map,
    read: (offset, length) => client.read(offset, length),
    write: (offset, data) => client.write(offset, data),
    zero: (offset, length, mayBeHole) => client.zero(offset, length, mayBeHole),
    flush: () => client.flush(),
  };
}
