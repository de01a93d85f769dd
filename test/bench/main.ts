// `npm run bench`: figures of a running Saggar (started by `npm start`) on its real share, beside those of the real Cinder. `usage` below says
// what else it measures.
//
// The Cinder column: Cinder 21.3.1 of Debian 12 with its NFS-type driver, on two cores of a machine of this kind, its own
// processes only. Compare ratios, and CPU before wall time: it hardly moves with what else the machine does.
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { defaultStateDirectory } from '../../deploy/state-directory.js';
import { readProgramOptions, wholeNumberOf } from '../harness/program-options.js';
import { BenchClient, readOpenrc } from './api-client.js';
import { measureBackups, printBackups } from './backups.js';
import { measureGuest } from './guest-measurements.js';
import { measurePauses, printPauses } from './guest-pause.js';
import { measureImageVolumes, printImageVolumes } from './image-volumes.js';
import { measureBurst, measureCopies, measureCycles, measureMemory, measureReads, percentile } from './measurements.js';
import { measureVerbs, printVerbs } from './transfer-verbs.js';
import { measureTransfers, printTransfers } from './transfers.js';

const usage = `Usage: npm run bench -- [options]

Measures a running Saggar (npm start) through its API, on its real share, and prints the figures beside those of the real Cinder.
On a quiet machine: other work shows in every figure.

  --state DIR      the state directory of the Saggar to measure (default: SAGGAR_STATE, else npm start's default)
  --rounds N       create, snapshot and delete so often (default 30)
  --copies N       clones of 100 GiB, and volumes of a snapshot of 100 GiB (default 20)
  --live N         live snapshots, their deletions and clones of a volume in use; attaches up to 16 (default 20)
  --json FILE      the figures as JSON too
  -h, --help       this text

Instead of all that, one of:
  --image GIB      volumes of an image whose disk has so many GiB, of a running Saggar (--rounds N, default 20)
  --verbs GIB      'saggar volume upload' and 'download' of so many GiB, and the same of images, beside dd, of a running Saggar (--rounds N, default 3)
  --pause N        N live snapshots under a writing guest, on a lab of three bricks
  --transfers DIR  uploads and downloads beside dd in that directory, e.g. a mounted share (--mib N of each file, default 1024; --rounds N, default 3)
  --backups DIR    a whole backup of a volume in that directory, and one of which 1 % has changed (--mib N, default 1024; takes twice as much room)
The last three need no running Saggar.

Examples:
  npm run bench -- --json figures.json
  npm run bench -- --rounds 5 --copies 3 --live 2      does all of it work? (a minute)
  npm run bench -- --image 10
`;

interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly goal: number;
  /** null: not measured. */
  readonly cinder: number | null;
}

interface Counts {
  readonly rounds: number;
  readonly copies: number;
  readonly live: number;
}

async function measure(state: string, counts: Counts): Promise<Figure[]> {
  const openrc = readOpenrc(path.join(state, 'openrc'));
  const client = await BenchClient.login(openrc);
  await client.expect(200, 'PUT', `/os-quota-sets/${client.endpoint.split('/').at(-1)}`, {
    quota_set: { volumes: -1, gigabytes: -1, snapshots: -1 },
  });
  await measureCycles(client, 5); // warm-up
  const cycles = await measureCycles(client, counts.rounds);
  const burst = await measureBurst(client, 50);
  const { clones, fromSnapshot } = await measureCopies(client, 100, counts.copies);
  const guest = await measureGuest(client, await BenchClient.login(openrc, 'compute'), counts.live);
  const reads = await measureReads(client, state);
  const memory = measureMemory(state);
  for (const { name, mib } of memory)
    process.stdout.write(`  ${name.padEnd(24)} ${mib.toFixed(0).padStart(6)} MiB PSS\n`);
  const p50 = (values: readonly number[]) => percentile(values, 0.5);
  const own = (name: string, value: number, goal: number): Figure => ({ name, unit: 'ms', value, goal, cinder: null });
  return [
    { name: 'POST volume accepted, p50', unit: 'ms', value: p50(cycles.accepted), goal: 15, cinder: 186 },
    { name: 'POST volume to available, p50', unit: 'ms', value: p50(cycles.available), goal: 60, cinder: 672 },
    {
      name: 'POST volume to available, p99',
      unit: 'ms',
      value: percentile(cycles.available, 0.99),
      goal: 200,
      cinder: 733,
    },
    { name: 'snapshot to available, offline, p50', unit: 'ms', value: p50(cycles.snapshot), goal: 60, cinder: 472 },
    { name: 'DELETE snapshot until 404, p50', unit: 'ms', value: p50(cycles.snapshotGone), goal: 150, cinder: 387 },
    { name: 'DELETE volume until 404, p50', unit: 'ms', value: p50(cycles.gone), goal: 60, cinder: 210 },
    { name: '50 creates at once, all available', unit: 'ms', value: burst, goal: 2000, cinder: 16_200 },
    own('clone of 100 GiB to available, p50', p50(clones), 100),
    own('clone of 100 GiB to available, p99', percentile(clones, 0.99), 100),
    own('100 GiB of a snapshot, p50', p50(fromSnapshot), 100),
    own('100 GiB of a snapshot, p99', percentile(fromSnapshot, 0.99), 100),
    own('clone of a volume in use, p50', p50(guest.clone), 100),
    own('clone of a volume in use, p99', percentile(guest.clone, 0.99), 200),
    own('snapshot to available, live, p50', p50(guest.snapshot), 100),
    own('snapshot to available, live, p99', percentile(guest.snapshot, 0.99), 200),
    own('DELETE snapshot until 404, live, p50', p50(guest.snapshotGone), 500),
    own('attach to in-use, p50', p50(guest.attach), 200),
    own('DELETE server until 404', guest.serverGone, 1000),
    { name: 'list of 100 with detail, CPU', unit: 'ms', value: reads.listCpuMs, goal: 5, cinder: 117 },
    { name: 'list of 100 with detail, p50', unit: 'ms', value: reads.listP50, goal: 15, cinder: 130 },
    { name: 'one volume, CPU', unit: 'ms', value: reads.showCpuMs, goal: 1, cinder: 24 },
    { name: 'one volume, p50', unit: 'ms', value: reads.showP50, goal: 4, cinder: 32 },
    {
      name: 'memory of all service processes',
      unit: 'MiB',
      value: memory.reduce((sum, row) => sum + row.mib, 0),
      goal: 400,
      cinder: 674,
    },
  ];
}

function print(figures: readonly Figure[]): void {
  const row = (cells: readonly string[]) =>
    `${(cells[0] ?? '').padEnd(38)}${cells
      .slice(1)
      .map((cell) => cell.padStart(12))
      .join('')}\n`;
  process.stdout.write(row(['figure', 'Saggar', 'goal', 'Cinder', 'Cinder/ours', 'met']));
  for (const { name, unit, value, goal, cinder } of figures) {
    const met = value <= goal ? 'yes' : 'NO';
    process.stdout.write(
      row([
        name,
        `${value.toFixed(2)} ${unit}`,
        `${goal}`,
        cinder === null ? '-' : `${cinder}`,
        cinder === null ? '-' : `${(cinder / value).toFixed(1)}x`,
        met,
      ]),
    );
  }
  process.stdout.write(`load of the machine over the last minute: ${os.loadavg()[0]?.toFixed(2)}\n`);
}

function writeJson(file: string, what: object): void {
  writeFileSync(file, `${JSON.stringify({ date: new Date().toISOString(), ...what }, null, 2)}\n`);
}

const { values } = readProgramOptions(usage, {
  options: {
    pause: { type: 'string' },
    transfers: { type: 'string' },
    backups: { type: 'string' },
    mib: { type: 'string', default: '1024' },
    image: { type: 'string' },
    verbs: { type: 'string' },
    state: { type: 'string' },
    rounds: { type: 'string' },
    copies: { type: 'string', default: '20' },
    live: { type: 'string', default: '20' },
    json: { type: 'string' },
  },
});
if (values.pause !== undefined) {
  const pauses = await measurePauses(wholeNumberOf('--pause', values.pause));
  printPauses(pauses);
  if (values.json !== undefined) writeJson(values.json, { pauses });
  process.exit();
}
if (values.transfers !== undefined) {
  const [sizeMib, rounds] = [wholeNumberOf('--mib', values.mib), wholeNumberOf('--rounds', values.rounds ?? '3')];
  const rates = await measureTransfers({ directory: values.transfers, sizeMib, rounds });
  printTransfers(rates);
  if (values.json !== undefined) writeJson(values.json, { rates });
  process.exit();
}
if (values.backups !== undefined) {
  const sizeMib = wholeNumberOf('--mib', values.mib);
  const costs = await measureBackups(values.backups, sizeMib);
  printBackups(costs, sizeMib);
  if (values.json !== undefined) writeJson(values.json, { backupMib: sizeMib, costs });
  process.exit();
}
const state = values.state ?? defaultStateDirectory();
if (values.image !== undefined) {
  const [gib, rounds] = [wholeNumberOf('--image', values.image), wholeNumberOf('--rounds', values.rounds ?? '20')];
  const took = await measureImageVolumes(readOpenrc(path.join(state, 'openrc')), gib, rounds);
  printImageVolumes(took, gib);
  if (values.json !== undefined) writeJson(values.json, { imageGib: gib, milliseconds: took });
  process.exit();
}
if (values.verbs !== undefined) {
  const [gib, rounds] = [wholeNumberOf('--verbs', values.verbs), wholeNumberOf('--rounds', values.rounds ?? '3')];
  const verbs = await measureVerbs(state, readOpenrc(path.join(state, 'openrc')), gib, rounds);
  printVerbs(verbs, gib);
  if (values.json !== undefined) writeJson(values.json, { verbsGib: gib, verbs });
  process.exit();
}
const counts = {
  rounds: wholeNumberOf('--rounds', values.rounds ?? '30'),
  copies: wholeNumberOf('--copies', values.copies),
  live: wholeNumberOf('--live', values.live),
};
const figures = await measure(state, counts).catch((thrown: unknown) => {
  const isAway = thrown instanceof Error && (thrown.message === 'fetch failed' || 'code' in thrown);
  if (!isAway) throw thrown;
  process.stderr.write(
    `no Saggar answers for ${state}: start it first (npm start), or name another with --state DIR\n`,
  );
  process.exit(1);
});
print(figures);
if (values.json !== undefined) writeJson(values.json, { figures });
