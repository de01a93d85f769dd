// How fast bytes come over the data server onto a share, and from it, beside `dd` on the same directory: `npm run bench -- --transfers DIR`, where
// DIR is a mounted share (or any directory); `--mib N` says how much is moved each time, `--rounds` how often. Prints the rates in MiB/s and the
// ratio; the goal is four fifths of dd. Beside it what is possible here at all: `dd`, a pipe and `sha256sum` with nothing of ours, and the client
// with a server that keeps nothing.
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { endTransfer, type TransferTarget } from '../../services/api/transfer/worker-transfer.js';
import { startTransferRig } from '../integration/volume-worker/transfer-rig.js';
import { startNullServer } from './null-server.js';

const MIB = 1024 * 1024;
const PIECE_MIB = 16;
const CLIENT = fileURLToPath(new URL('./transfer-client.ts', import.meta.url));
const pipes = {
  upload:
    'dd if="$0" bs=1M status=none | tee >(sha256sum > /dev/null) | dd of="$1" bs=1M iflag=fullblock conv=fsync status=none',
  download: 'dd if="$0" bs=1M status=none | sha256sum > "$1"',
};

export interface TransferPlan {
  /** A mounted share, or any directory. */
  readonly directory: string;
  /** Of one file; a multiple of 16. */
  readonly sizeMib: number;
  readonly rounds: number;
}

/** MiB/s of each round. */
interface Rates {
  readonly name: string;
  readonly ours: number[];
  readonly dd: number[];
  /** dd, a pipe and sha256sum. */
  readonly piped: number[];
  /** The client with a server that keeps nothing. */
  readonly client: number[];
  /** CPU seconds of one of ours: client, worker and stream process, their start included, the share's own processes not. */
  readonly cpu: number[];
}

const CLOCK_TICKS_PER_SECOND = 100; // USER_HZ on Linux; proc(5)

/** Of this process and of its children that have ended. */
function cpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The second field is the name in parentheses and may hold blanks; fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / CLOCK_TICKS_PER_SECOND;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Milliseconds. */
function timed(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

/** What is read must come from the share and not from this machine's memory. */
function dropCaches(): void {
  execFileSync('sync');
  writeFileSync('/proc/sys/vm/drop_caches', '1');
}

function dd(from: string, to: string, ...more: readonly string[]): void {
  execFileSync('dd', [`if=${from}`, `of=${to}`, 'bs=1M', 'status=none', ...more]);
}

/** Milliseconds, as the client has measured them. */
async function transfer(
  verb: 'get' | 'put',
  { transferId, ticket, workerUrl }: TransferTarget,
  file = '',
): Promise<number> {
  const argv = ['--import', 'tsx', CLIENT, verb, (await workerUrl()) ?? '', transferId, ticket, file];
  return Number((await promisify(execFile)(process.execPath, argv)).stdout);
}

/** Must be root, for the caches. Everything that it writes below `directory` goes again. */
export async function measureTransfers({ directory, sizeMib, rounds }: TransferPlan): Promise<readonly Rates[]> {
  const folder = mkdtempSync(path.join(directory, 'saggar-bench-'));
  const local = path.join(mkdtempSync(path.join(tmpdir(), 'saggar-bench-')), 'disk');
  writeFileSync(local, '');
  for (let done = 0; done < sizeMib; done += PIECE_MIB)
    writeFileSync(local, randomBytes(PIECE_MIB * MIB), { flag: 'a' });
  const [rig, nothing] = [await startTransferRig(folder), await startNullServer(sizeMib)];
  const rates = (name: string): Rates => ({ name, ours: [], dd: [], piped: [], client: [], cpu: [] });
  const [upload, download] = [rates('upload'), rates('download')];
  const rateOf = (milliseconds: number): number => (sizeMib * 1000) / milliseconds;
  const copy = path.join(folder, 'dd');
  const idle = { transferId: randomUUID(), ticket: '', workerUrl: () => Promise.resolve(nothing.url) };
  try {
    for (let round = 0; round < rounds; round += 1) {
      dropCaches();
      upload.piped.push(rateOf(timed(() => execFileSync('bash', ['-c', pipes.upload, local, copy]))));
      rmSync(copy);
      dropCaches();
      upload.dd.push(rateOf(timed(() => dd(local, copy, 'conv=fsync'))));
      // Before it is open: this waits, and the worker, which is in this process, waits with it.
      dropCaches();
      const taken = rig.receive({ hash: 'sha256', maxBytes: sizeMib * MIB });
      const beforeUpload = cpuSeconds();
      upload.ours.push(rateOf(await transfer('put', taken.target, local)));
      await taken.result;
      upload.cpu.push(cpuSeconds() - beforeUpload);
      dropCaches();
      upload.client.push(rateOf(await transfer('put', idle, local)));
      dropCaches();
      download.dd.push(rateOf(timed(() => dd(copy, '/dev/null'))));
      dropCaches();
      download.piped.push(rateOf(timed(() => execFileSync('bash', ['-c', pipes.download, copy, '/dev/null']))));
      dropCaches();
      const given = await rig.send(taken.file);
      const beforeDownload = cpuSeconds();
      download.ours.push(rateOf(await transfer('get', given.target)));
      await endTransfer(given.target);
      await given.result;
      download.cpu.push(cpuSeconds() - beforeDownload);
      download.client.push(rateOf(await transfer('get', idle)));
      rmSync(copy);
      await rig.driver.removeFiles({ share: rig.share, files: [taken.file] });
    }
  } finally {
    nothing.close();
    await rig.close();
    rmSync(path.dirname(local), { recursive: true });
  }
  return [upload, download];
}

export function printTransfers(rates: readonly Rates[]): void {
  for (const { name, ours, dd: theirs, piped, client, cpu } of rates) {
    const ratios = ours.map((rate, round) => rate / (theirs[round] ?? Number.NaN)).sort((a, b) => a - b);
    const ratio = median(ratios);
    const [mine, alone, pipe, empty] = [ours, theirs, piped, client].map((one) => median(one).toFixed(0).padStart(5));
    process.stdout.write(
      `${name.padEnd(8)} ${mine} MiB/s   dd ${alone}   dd | sha256sum ${pipe}   client alone ${empty}   ` +
        `CPU of ours ${median(cpu).toFixed(1)} s   ratio to dd, by rounds ${ratio.toFixed(2)} ` +
        `(${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)})   goal 0.80 ${ratio >= 0.8 ? 'met' : 'NOT met'}\n`,
    );
  }
}
