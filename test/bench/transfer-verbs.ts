// How long `saggar volume upload` and `volume download`, and the same for images, take from the first request until all is settled, beside `dd` with
// fsync between the same file and the same share: `npm run bench -- --verbs GIB`, against a running Saggar. In every round each is done once, one
// after the other, so that what else the machine does hits all of them; the ratio is made for each round.
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MIB = 1024 * 1024;
const PIECE_MIB = 16;
const CLI = fileURLToPath(new URL('../../dist/services/cli/main.js', import.meta.url));

export interface VerbTimes {
  readonly name: string;
  /** Seconds of each round. */
  readonly verb: number[];
  readonly dd: number[];
}

/** The directory where the worker of this Saggar has its share. Errors: none is mounted. */
function shareOf(state: string): string {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const found = mounts.map((line) => line.split(' ')[1] ?? '').find((place) => place.startsWith(`${state}/mnt/`));
  if (found === undefined) throw new Error(`no share is mounted below ${state}/mnt`);
  return found;
}

function dropCaches(): void {
  execFileSync('sync');
  writeFileSync('/proc/sys/vm/drop_caches', '1');
}

/** Seconds. */
async function timed(argv: readonly [string, ...string[]], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const [program, ...words] = argv;
  dropCaches();
  const startedAt = performance.now();
  await promisify(execFile)(program, words, { env });
  return (performance.now() - startedAt) / 1000;
}

/** Must be root, for the caches. What is made goes again. `openrc`: variables of the client. */
export async function measureVerbs(
  state: string,
  openrc: Record<string, string>,
  gib: number,
  rounds: number,
): Promise<readonly VerbTimes[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-bench-'));
  const [local, back] = [path.join(folder, 'disk'), path.join(folder, 'back')];
  const onShare = path.join(shareOf(state), `bench-${process.pid}`);
  const env = { ...process.env, ...openrc };
  const saggar = (...words: string[]) => timed([process.execPath, CLI, ...words], env);
  const dd = (from: string, to: string) => timed(['dd', `if=${from}`, `of=${to}`, 'bs=1M', 'conv=fsync']);
  const times = (name: string): VerbTimes => ({ name, verb: [], dd: [] });
  const [up, down] = [times('volume upload'), times('volume download')];
  const [imageUp, imageDown] = [times('image upload'), times('image download')];
  const name = `bench-${process.pid}`;
  try {
    for (let done = 0; done < gib * 1024; done += PIECE_MIB)
      writeFileSync(local, randomBytes(PIECE_MIB * MIB), { flag: 'a' });
    for (let round = 0; round < rounds; round += 1) {
      const written = await dd(local, onShare);
      up.verb.push(await saggar('volume', 'upload', '--disk-format', 'raw', local, name));
      imageUp.verb.push(await saggar('image', 'create', '--disk-format', 'raw', '--file', local, name));
      for (const { dd: theirs } of [up, imageUp]) theirs.push(written);
      const read = await dd(onShare, back);
      down.verb.push(await saggar('volume', 'download', '--disk-format', 'raw', '--force', name, back));
      imageDown.verb.push(await saggar('image', 'save', '--file', back, name));
      for (const { dd: theirs } of [down, imageDown]) theirs.push(read);
      await saggar('image', 'delete', name);
      await saggar('volume', 'delete', '--wait', name);
      rmSync(onShare);
    }
  } finally {
    rmSync(folder, { recursive: true });
    rmSync(onShare, { force: true });
  }
  return [up, down, imageUp, imageDown];
}

export function printVerbs(all: readonly VerbTimes[], gib: number): void {
  for (const { name, verb, dd } of all) {
    const ratios = verb.map((seconds, round) => (dd[round] ?? Number.NaN) / seconds).sort((a, b) => a - b);
    const middle = ratios[Math.floor(ratios.length / 2)] ?? Number.NaN;
    const rate = (seconds: readonly number[]): string => {
      const sorted = [...seconds].sort((a, b) => a - b);
      return ((gib * 1024) / (sorted[Math.floor(sorted.length / 2)] ?? Number.NaN)).toFixed(0).padStart(5);
    };
    process.stdout.write(
      `${name.padEnd(16)} ${rate(verb)} MiB/s   dd ${rate(dd)} MiB/s   ratio ${middle.toFixed(2)} ` +
        `(${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)})   goal 0.80 ${middle >= 0.8 ? 'met' : 'NOT met'}\n`,
    );
  }
}
