// How fast bytes come over the data server onto a share, and from it, beside `dd` on the same directory: `npm run bench -- --transfers DIR`, where
// DIR is a mounted share (or any directory); `--mib N` says how much is moved each time, `--rounds` how often. Prints the rates in MiB/s and the
// ratio; the goal is four fifths of dd.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endTransfer, pipeFromWorker, pipeToWorker } from '../../services/api/transfer/worker-transfer.js';
import { startTransferRig } from '../integration/volume-worker/transfer-rig.js';

const MIB = 1024 * 1024;
const PIECE_MIB = 16;

export interface TransferPlan {
  /** A mounted share, or any directory. */
  readonly directory: string;
  /** Of one file; a multiple of 16. */
  readonly sizeMib: number;
  readonly rounds: number;
}

interface Rates {
  readonly name: string;
  /** MiB/s of each round. */
  readonly ours: number[];
  readonly dd: number[];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** MiB/s. */
async function rateOf(sizeMib: number, work: () => Promise<unknown> | unknown): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (sizeMib * 1000) / (performance.now() - startedAt);
}

/** What is read must come from the share and not from this machine's memory. */
function dropCaches(): void {
  execFileSync('sync');
  writeFileSync('/proc/sys/vm/drop_caches', '1');
}

function dd(from: string, to: string, ...more: readonly string[]): void {
  execFileSync('dd', [`if=${from}`, `of=${to}`, 'bs=1M', 'status=none', ...more]);
}

/** Must be root, for the caches. Everything that it writes below `directory` goes again. */
export async function measureTransfers({ directory, sizeMib, rounds }: TransferPlan): Promise<readonly Rates[]> {
  const folder = mkdtempSync(path.join(directory, 'saggar-bench-'));
  const local = path.join(mkdtempSync(path.join(tmpdir(), 'saggar-bench-')), 'disk');
  writeFileSync(local, '');
  for (let done = 0; done < sizeMib; done += PIECE_MIB)
    writeFileSync(local, randomBytes(PIECE_MIB * MIB), { flag: 'a' });
  const rig = await startTransferRig(folder);
  const [upload, download]: [Rates, Rates] = [
    { name: 'upload', ours: [], dd: [] },
    { name: 'download', ours: [], dd: [] },
  ];
  const copy = path.join(folder, 'dd');
  try {
    for (let round = 0; round < rounds; round += 1) {
      dropCaches();
      upload.dd.push(await rateOf(sizeMib, () => dd(local, copy, 'conv=fsync')));
      dropCaches();
      const taken = rig.receive();
      upload.ours.push(
        await rateOf(sizeMib, () => pipeToWorker(createReadStream(local, { highWaterMark: MIB }), taken.target)),
      );
      await taken.result;
      dropCaches();
      download.dd.push(await rateOf(sizeMib, () => dd(copy, '/dev/null')));
      const given = await rig.send(taken.file);
      dropCaches();
      download.ours.push(
        await rateOf(sizeMib, async () => {
          const { body } = await pipeFromWorker(given.target);
          for await (const _ of body) {
            // Only that it comes.
          }
        }),
      );
      await endTransfer(given.target);
      await given.result;
      rmSync(copy);
      await rig.driver.removeFiles({ share: rig.share, files: [taken.file] });
    }
  } finally {
    await rig.close();
    rmSync(path.dirname(local), { recursive: true });
  }
  return [upload, download];
}

export function printTransfers(rates: readonly Rates[]): void {
  for (const { name, ours, dd: theirs } of rates) {
    const ratio = median(ours) / median(theirs);
    process.stdout.write(
      `${name.padEnd(10)} ${median(ours).toFixed(0).padStart(6)} MiB/s   dd ${median(theirs).toFixed(0).padStart(6)} MiB/s   ` +
        `ratio ${ratio.toFixed(2)}   goal 0.80 ${ratio >= 0.8 ? 'met' : 'NOT met'}\n`,
    );
  }
}
