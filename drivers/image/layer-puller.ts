// Copies into an image what it shows of the layers below it, by reading the missing ranges with copy-on-read. The image shows the same
// before, meanwhile and afterwards, so the work may be cut off anywhere and begun again: what is there already is not copied again.
//
//   map of a window -> ranges that lie below -> batches of reads -> next window ... -> settle -> map again: nothing may lie below
//
// Only data is read, so a volume of 100 GiB that holds 1 GiB costs 1 GiB. (QEMU's own block-stream and `qemu-img rebase` read the
// holes of a raw base too; decisions/0029.) A batch is one short run of qemu-io, which flushes and closes the image at its end, so
// there is no process, socket or lock to be left behind, and a cancel waits for a second at most.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layer } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { cancelledError } from '../../services/core/domain/work-end.js';
import type { LongWork } from '../volume-driver.js';
import { type ByteRange, batchesOf, rangesToPull } from './chain-extents.js';
import { describeChainForQemu } from './image-source.js';
import type { QemuImg } from './qemu-img.js';

const MIB = 1024 ** 2;
const WINDOW_BYTES = 4096 * MIB;
const PIECE_BYTES = MIB;
const BATCH_BYTES = 64 * MIB;
const BATCH_PIECES = 1024;
/** How long a batch under way may go on after a cancel before it is killed. A killed one loses (leaks) what it had written. */
const CANCEL_GRACE_MS = 3_000;

export interface PullSpec {
  readonly directory: string;
  /** From the oldest layer that is read up to the image that receives. */
  readonly layers: readonly Layer[];
  /** How many layers directly below the image shall not be needed any more. */
  readonly pulled: number;
  /** Most bytes copied in a second. */
  readonly bytesPerSecond: number | null;
  /** Pads and syncs the image. */
  readonly settle: () => Promise<void>;
}

/** Resolves when nothing of the pulled layers shows through any more, durable. Errors: `cancelled`, `no_space`, `backend_offline`. */
export async function pullLayers(qemuImg: QemuImg, spec: PullSpec, work: LongWork): Promise<void> {
  for (let round = 1; ; round += 1) {
    const copied = await pullOnce(qemuImg, spec, work);
    await spec.settle();
    if (copied === 0) return;
    if (round === 3) throw new ServiceError('internal', 'A layer still shows through after it was copied.');
  }
}

/** One pass over the whole disk; answers the bytes that were still missing. Settled before: nothing is known to be there only in a cache. */
async function pullOnce(qemuImg: QemuImg, spec: PullSpec, work: LongWork): Promise<number> {
  const source = describeChainForQemu(spec.directory, spec.layers);
  const size = spec.layers.at(-1)?.virtualSizeBytes ?? 0;
  const pace = new Pace(spec.bytesPerSecond, work.signal);
  let copied = 0;
  for (let start = 0; start < size; start += WINDOW_BYTES) {
    const length = Math.min(WINDOW_BYTES, size - start);
    const extents = await qemuImg.map(source, { start, length }, work.signal);
    const ranges = rangesToPull(extents, spec.pulled, spec.layers.length - 1 === spec.pulled);
    const batchBytes = Math.max(PIECE_BYTES, Math.min(BATCH_BYTES, spec.bytesPerSecond ?? BATCH_BYTES));
    for (const batch of batchesOf(ranges, { pieceBytes: PIECE_BYTES, batchBytes, batchPieces: BATCH_PIECES })) {
      if (work.signal.aborted) throw cancelledError();
      await copyBatch(qemuImg, source, batch, work.signal);
      const bytes = batch.reduce((sum, piece) => sum + piece.length, 0);
      copied += bytes;
      const last = batch.at(-1);
      work.onProgress(Math.min(99, (100 * (last === undefined ? start : last.start + last.length)) / size));
      await pace.after(bytes);
    }
    work.onProgress(Math.min(99, (100 * (start + length)) / size));
  }
  return copied;
}

async function copyBatch(qemuImg: QemuImg, source: string, batch: readonly ByteRange[], signal: AbortSignal) {
  const kill = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  const onAbort = () => {
    timer = setTimeout(() => kill.abort(), CANCEL_GRACE_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await qemuImg.pullRanges(source, batch, kill.signal);
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (timer !== null) clearTimeout(timer);
  }
}

/** Keeps the mean below the limit since the beginning of the work. */
class Pace {
  private readonly startedMs = performance.now();
  private bytes = 0;

  constructor(
    private readonly bytesPerSecond: number | null,
    private readonly signal: AbortSignal,
  ) {}

  async after(bytes: number): Promise<void> {
    if (this.bytesPerSecond === null) return;
    this.bytes += bytes;
    const dueMs = this.startedMs + (1000 * this.bytes) / this.bytesPerSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs <= 0) return;
    await sleep(waitMs, undefined, { signal: this.signal }).catch(() => {
      throw cancelledError();
    });
  }
}
