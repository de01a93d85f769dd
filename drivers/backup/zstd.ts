// Compresses and expands the data of one object with the zstd program: in a process of its own, so that nothing here stands still meanwhile.
// (Node's own zlib knows zstd from version 22 on.) What is expanded may come from anywhere, so the result is bounded before it is kept.
import { ServiceError } from '../../services/core/domain/errors.js';
import type { Argv, CommandRunner } from '../process/command-runner.js';
import { spoilt } from './seal.js';

const TIMEOUT_MS = 120_000;
const ADDRESS_SPACE_BYTES = 1024 ** 3;
const CPU_SECONDS = 60;

export class Zstd {
  constructor(
    private readonly runner: CommandRunner,
    private readonly level = 3,
  ) {}

  /** Errors: `internal`. */
  async compress(data: Uint8Array, signal: AbortSignal): Promise<Buffer> {
    const { exitCode, bytes, stderr } = await this.run(['zstd', '-q', '-c', `-${this.level}`], data, null, signal);
    if (exitCode === 0) return bytes;
    throw new ServiceError('internal', 'The data of a backup could not be compressed.', { context: { stderr } });
  }

  /** Exactly `length` bytes. Errors: `hostile_image` for anything else. */
  async expand(data: Uint8Array, length: number, signal: AbortSignal): Promise<Buffer> {
    const { exitCode, bytes } = await this.run(['zstd', '-q', '-d', '-c'], data, length, signal);
    if (exitCode !== 0 || bytes.length !== length) throw spoilt('compression');
    return bytes;
  }

  private async run(argv: Argv, input: Uint8Array, most: number | null, signal: AbortSignal) {
    const pieces: Uint8Array[] = [];
    const tooMuch = new AbortController();
    let kept = 0;
    try {
      const { exitCode, stderr } = await this.runner.run(argv, {
        timeoutMs: TIMEOUT_MS,
        signal: AbortSignal.any([signal, tooMuch.signal]),
        input,
        limits: { cpuSeconds: CPU_SECONDS, addressSpaceBytes: ADDRESS_SPACE_BYTES },
        onStdoutBytes: (piece) => {
          kept += piece.length;
          if (most !== null && kept > most) tooMuch.abort();
          else pieces.push(piece);
        },
      });
      return { exitCode, stderr, bytes: Buffer.concat(pieces) };
    } catch (thrown) {
      if (tooMuch.signal.aborted) throw spoilt('length');
      throw thrown;
    }
  }
}
