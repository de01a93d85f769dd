// The qemu-img verbs that this service needs, each with explicit formats, a CPU, memory and silence limit, and a read of what the
// tool said. Never guesses a format, never opens gluster:// (10 s per process, see QEMU and libgfapi), never runs on a share as
// working directory. Whoever calls has checked every header before and reads the result back afterwards.
// qemu-img reports "no space" and "locked" only as text; LC_ALL=C makes that text stable.
import type { LayerFormat } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { ForeignFormat } from '../../services/core/domain/image-formats.js';
import type { Argv, CommandResult, CommandRunner } from '../process/command-runner.js';
import { type ByteRange, type ChainExtent, parseChainMap } from './chain-extents.js';
import { foreignDrivers } from './image-source.js';
import { ProgressReader } from './qemu-img-progress.js';

const GIB = 1024 ** 3;
/** Address space: qemu-img maps its block drivers and 16 buffers of 2 MiB; 4 GiB never hindered a copy and stops a bomb. */
const ADDRESS_SPACE_BYTES = 4 * GIB;
const QUICK_CPU_SECONDS = 30;
/** For verbs that touch headers and tables only: they take some 20 ms, and a header that costs more is hostile. */
const HEADER_CPU_SECONDS = 5;
const HEADER_ADDRESS_SPACE_BYTES = GIB;
/** A map of 4 GiB of which every other cluster of 64 KiB is allocated. */
const MAP_OUTPUT_BYTES = 16 * 1024 ** 2;
const QUICK_TIMEOUT_MS = 60_000;
/** A copy at 2 MiB/s is the slowest that is still called alive. */
const SLOWEST_BYTES_PER_MS = (2 * 1024 * 1024) / 1000;

export interface LongRun {
  /** Bytes to move at most; sizes the limits. */
  readonly bytes: number;
  readonly onProgress: (percent: number) => void;
  readonly signal: AbortSignal;
  /** At most so many bytes are written per second; without it, as fast as it goes. */
  readonly bytesPerSecond?: number;
  /** It writes to a layer that somebody else may open next. */
  readonly awaitDeath?: boolean;
}

export class QemuImg {
  constructor(
    private readonly runner: CommandRunner,
    private readonly program = 'qemu-img',
    private readonly ioProgram = 'qemu-io',
  ) {}

  /** Copies what `source` (see describeChainForQemu) shows into an existing, empty, at least as large target file. */
  async copyInto(
    source: string,
    target: { path: string; format: LayerFormat; targetIsZero: boolean },
    run: LongRun,
  ): Promise<void> {
    // writeback, not the default `unsafe`: the tool then flushes through its own descriptor at the end, and a write that the Gluster
    // client had acknowledged and lost later is an error instead of a hole in the copy.
    const flags = [
      '-p',
      '-n',
      '-t',
      'writeback',
      '-W',
      '-m',
      '8',
      ...(target.targetIsZero ? ['--target-is-zero'] : []),
      ...(run.bytesPerSecond === undefined ? [] : ['-r', String(run.bytesPerSecond)]),
    ];
    await this.long([this.program, 'convert', ...flags, '-O', target.format, source, target.path], run);
  }

  /**
   * Copies into the last layer of `target`, an existing empty overlay, what the last layer of `source` holds itself; what it leaves to the
   * layers below is left to the target's. Both are described by describeChainForQemu; `below` is the path of the target's next layer.
   */
  async copyOverlay(
    source: string,
    target: string,
    below: { path: string; format: LayerFormat },
    run: LongRun,
  ): Promise<void> {
    const rate = run.bytesPerSecond === undefined ? [] : ['-r', String(run.bytesPerSecond)];
    // With -n the tool opens nothing of that name: it only says that there is something below.
    const backing = ['-B', below.path, '-F', below.format];
    const flags = ['-p', '-n', '-t', 'writeback', '-W', '-m', '8', ...rate, ...backing, '-O', 'qcow2'];
    await this.long([this.program, 'convert', ...flags, source, target], run);
  }

  /**
   * Writes what `source` shows as a new image of a foreign format over an existing empty file. There is nothing to be kept in it, so the tool may
   * make it anew; it is synced by whoever gives it its name.
   */
  async render(source: string, target: { path: string; format: ForeignFormat }, run: LongRun): Promise<void> {
    const rate = run.bytesPerSecond === undefined ? [] : ['-r', String(run.bytesPerSecond)];
    const flags = ['-p', '-t', 'writeback', ...rate, '-O', foreignDrivers[target.format]];
    // Without it a vhd is rounded to what old machines could address. Source: QEMU, block/vpc.c, force_size.
    const options = target.format === 'vhd' ? ['-o', 'force_size=on'] : [];
    await this.long([this.program, 'convert', ...flags, ...options, source, target.path], run);
  }

  /** Size of the disk that `source` shows, by its header alone. Errors: `hostile_image` when it cannot be read, or costs too much. */
  async diskBytesOf(source: string): Promise<number> {
    const limits = { cpuSeconds: HEADER_CPU_SECONDS, addressSpaceBytes: HEADER_ADDRESS_SPACE_BYTES };
    const argv: Argv = [this.program, 'info', '--output=json', source];
    const result = await this.runner.run(argv, { timeoutMs: QUICK_TIMEOUT_MS, limits });
    const said: unknown = result.exitCode === 0 ? JSON.parse(result.stdout) : null;
    const bytes = (said as { 'virtual-size'?: unknown } | null)?.['virtual-size'];
    if (typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
    throw new ServiceError('hostile_image', 'The image cannot be read as what it is said to be.', {
      context: { exitCode: result.exitCode, killedBy: result.killedBy, stderr: result.stderr.slice(-2_000) },
    });
  }

  /** True when both show the same disk; the part by which one is longer must be zeros. */
  async isSame(one: string, other: string, run: LongRun): Promise<boolean> {
    // Exit status 1 says that the contents differ, everything above that it could not compare. Source: qemu-img(1), compare.
    return (await this.long([this.program, 'compare', '-p', one, other], run, [0, 1])) === 0;
  }

  /** Writes the layer's changes into the file below it; the layer keeps its data. Grows the file below when needed. */
  async commit(source: string, run: LongRun): Promise<void> {
    const rate = run.bytesPerSecond === undefined ? [] : ['-r', String(run.bytesPerSecond)];
    await this.long([this.program, 'commit', '-p', '-d', ...rate, source], { ...run, awaitDeath: true });
  }

  /** What of a part of the disk lies in which layer. */
  async map(source: string, part: ByteRange, signal: AbortSignal): Promise<readonly ChainExtent[]> {
    const window = [`--start-offset=${part.start}`, `--max-length=${part.length}`];
    const result = await this.runner.run([this.program, 'map', '--output=json', ...window, source], {
      timeoutMs: QUICK_TIMEOUT_MS * 5,
      signal,
      maxOutputBytes: MAP_OUTPUT_BYTES,
      limits: { cpuSeconds: QUICK_CPU_SECONDS, addressSpaceBytes: ADDRESS_SPACE_BYTES },
    });
    expectSuccess(result);
    return parseChainMap(result.stdout);
  }

  /** Reads the ranges with copy-on-read: afterwards the image that `source` names holds them itself. */
  async pullRanges(source: string, ranges: readonly ByteRange[], signal: AbortSignal): Promise<void> {
    const reads = ranges.map(({ start, length }) => `aio_read -q ${start} ${length}`);
    // Eight at a time: enough to hide the share's latency, few enough for the address space.
    const lines = reads.flatMap((line, index) => (index % 8 === 7 ? [line, 'aio_flush'] : [line]));
    const bytes = ranges.reduce((sum, { length }) => sum + length, 0);
    const result = await this.runner.run([this.ioProgram, '-C', source], {
      timeoutMs: QUICK_TIMEOUT_MS * 2 + bytes / SLOWEST_BYTES_PER_MS,
      signal,
      awaitDeath: true,
      input: `${[...lines, 'aio_flush', 'flush', 'quit'].join('\n')}\n`,
      limits: { cpuSeconds: QUICK_CPU_SECONDS + bytes / GIB, addressSpaceBytes: ADDRESS_SPACE_BYTES },
    });
    // qemu-io ends with 0 whatever its commands met; only its words tell.
    const complaint = /\bfailed\b|error|can't|cannot|could not/i.test(`${result.stdout}${result.stderr}`);
    if (result.exitCode !== 0 || complaint) {
      throw toServiceError({ ...result, stderr: `${result.stderr}${result.stdout}` });
    }
  }

  /** Changes only the reference in the header of `image` (describeLayerForQemu); null takes it away. */
  async repoint(image: readonly string[], below: { file: string; format: LayerFormat } | null): Promise<void> {
    const target = below === null ? ['-b', ''] : ['-b', below.file, '-F', below.format];
    await this.quick([this.program, 'rebase', '-u', ...target, ...image]);
  }

  /** Gives the image that `source` (describeChainForQemu, itself alone) names a header of version 3; the reference in it stays. */
  async upgrade(source: string): Promise<void> {
    await this.quick([this.program, 'amend', '-o', 'compat=1.1', source]);
  }

  /**
   * Copies into `path` what it shows of the layers between itself and `below` (of all below it when null), then changes its reference.
   * Follows the names and formats in the headers, so all of them must have been compared before. Not for files that a crash of the
   * host may meet: the reference may be durable before the data.
   */
  async pull(path: string, below: { file: string; format: LayerFormat } | null, run: LongRun): Promise<void> {
    const target = below === null ? ['-b', ''] : ['-b', below.file, '-F', below.format];
    await this.long([this.program, 'rebase', '-p', '-f', 'qcow2', ...target, path], run);
  }

  /** Grows the image that `source` names; the layers below keep their size. */
  async grow(source: string, sizeBytes: number): Promise<void> {
    await this.quick([this.program, 'resize', source, String(sizeBytes)]);
  }

  /**
   * Grows an existing file with allocation in advance. Growing and not creating: were the share unmounted this very moment,
   * creating would fill the local disk below the mount point.
   */
  async growAllocated(image: readonly string[], sizeBytes: number, preallocation: string): Promise<void> {
    const how = `--preallocation=${preallocation}`;
    const argv: Argv = [this.program, 'resize', '-q', how, ...image, String(sizeBytes)];
    const timeoutMs = preallocation === 'full' ? QUICK_TIMEOUT_MS + sizeBytes / SLOWEST_BYTES_PER_MS : QUICK_TIMEOUT_MS;
    expectSuccess(await this.run(argv, timeoutMs, QUICK_CPU_SECONDS + sizeBytes / GIB));
  }

  /** `clean`, `leaks` (clusters nobody uses: harmless) or `corrupt`. Only for qcow2. */
  async check(source: string): Promise<'clean' | 'leaks' | 'corrupt'> {
    const result = await this.run([this.program, 'check', '-q', source], QUICK_TIMEOUT_MS * 5, QUICK_CPU_SECONDS * 10);
    if (result.exitCode === 0) return 'clean';
    if (result.exitCode === 3) return 'leaks';
    if (result.exitCode === 2) return 'corrupt';
    throw toServiceError(result);
  }

  private async quick(argv: Argv): Promise<void> {
    const limits = { cpuSeconds: HEADER_CPU_SECONDS, addressSpaceBytes: HEADER_ADDRESS_SPACE_BYTES };
    expectSuccess(await this.runner.run(argv, { timeoutMs: QUICK_TIMEOUT_MS, limits, awaitDeath: true }));
  }

  private run(argv: Argv, timeoutMs: number, cpuSeconds: number): Promise<CommandResult> {
    return this.runner.run(argv, { timeoutMs, limits: { cpuSeconds, addressSpaceBytes: ADDRESS_SPACE_BYTES } });
  }

  /** A run with progress: silence longer than one percent may take at the slowest speed means that the share hangs. */
  private async long(argv: Argv, run: LongRun, answers: readonly number[] = [0]): Promise<number> {
    // A tool that is told to be slow may be: half of its limit still counts as alive.
    const slowest = Math.min(SLOWEST_BYTES_PER_MS, (run.bytesPerSecond ?? Number.POSITIVE_INFINITY) / 2_000);
    const silenceMs = Math.min(2 ** 31 - 1, 120_000 + run.bytes / 100 / slowest);
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), silenceMs);
    const progress = new ProgressReader((percent) => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silenceMs);
      run.onProgress(percent);
    });
    try {
      const result = await this.runner.run(argv, {
        timeoutMs: Math.min(2 ** 31 - 1, 600_000 + run.bytes / slowest),
        signal: AbortSignal.any([run.signal, silence.signal]),
        awaitDeath: run.awaitDeath === true,
        limits: { cpuSeconds: 600 + (run.bytes / GIB) * 60, addressSpaceBytes: ADDRESS_SPACE_BYTES },
        onStdout: (text) => progress.push(text),
      });
      if (!answers.includes(result.exitCode ?? -1)) throw toServiceError(result);
      return result.exitCode ?? -1;
    } catch (thrown) {
      if (silence.signal.aborted && !run.signal.aborted) {
        throw new ServiceError('backend_offline', 'The share does not answer.', { cause: thrown });
      }
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
  }
}

function expectSuccess(result: CommandResult): void {
  if (result.exitCode !== 0) throw toServiceError(result);
}

const failureTexts: readonly (readonly [RegExp, ConstructorParameters<typeof ServiceError>[0], string])[] = [
  [/No space left on device|Disk quota exceeded/, 'no_space', 'The share has no space left.'],
  [/Failed to get .*lock|Failed to lock/, 'backend_offline', 'The image file is still open elsewhere.'],
  [
    /Transport endpoint|Input\/output error|Stale file handle|Read-only file system/,
    'backend_offline',
    'The share does not answer.',
  ],
  [/Permission denied/, 'backend_offline', 'The storage user may not use one of the image files.'],
  [/No such file or directory/, 'not_found', 'An image file is missing.'],
];

function toServiceError(result: CommandResult): ServiceError {
  const context = { exitCode: result.exitCode, killedBy: result.killedBy, stderr: result.stderr.slice(-2_000) };
  const known = failureTexts.find(([pattern]) => pattern.test(result.stderr));
  if (known !== undefined) return new ServiceError(known[1], known[2], { context });
  return new ServiceError('internal', 'The image tool failed.', { context });
}
