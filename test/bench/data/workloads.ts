// What is measured of a disk: 4 KiB at random places and 128 KiB one after another, read and written, past every page cache. One fio for all four, so
// that its start is paid once; what it prints is JSON, of which only the rates are read.

export const workloads = [
  { name: '4k-read', unit: 'IOPS', options: ['--rw=randread', '--bs=4k', '--iodepth=16'] },
  { name: '4k-write', unit: 'IOPS', options: ['--rw=randwrite', '--bs=4k', '--iodepth=16'] },
  { name: '128k-read', unit: 'MiB/s', options: ['--rw=read', '--bs=128k', '--iodepth=4'] },
  { name: '128k-write', unit: 'MiB/s', options: ['--rw=write', '--bs=128k', '--iodepth=4'] },
] as const;

export type WorkloadName = (typeof workloads)[number]['name'];
export type Rates = Readonly<Record<WorkloadName, number>>;

/** Arguments of fio for a file or device; `seconds` for each of the four. The same places in every run. */
export function fioArguments(file: string, seconds: number, sizeMib: number): readonly string[] {
  const common = [
    `--filename=${file}`,
    `--size=${sizeMib}M`,
    `--runtime=${seconds}`,
    ...['--time_based', '--direct=1', '--ioengine=libaio', '--randrepeat=1', '--stonewall', '--thread'],
    '--output-format=json',
  ];
  return [...common, ...workloads.flatMap(({ name, options }) => [`--name=${name}`, ...options])];
}

interface FioSide {
  readonly iops: number;
  readonly bw_bytes: number;
}

/** Operations or MiB in a second. Source: fio 3.33, "jobs" of its JSON output. Throws when there is not what was asked for. */
export function readRates(output: string): Rates {
  const text = output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1);
  const { jobs } = JSON.parse(text) as { jobs: { jobname: string; error: number; read: FioSide; write: FioSide }[] };
  const rates = workloads.map(({ name, unit }): [WorkloadName, number] => {
    const job = jobs.find(({ jobname }) => jobname === name);
    if (job === undefined || job.error !== 0) throw new Error(`fio did not do ${name}`);
    const side = name.endsWith('read') ? job.read : job.write;
    return [name, unit === 'IOPS' ? side.iops : side.bw_bytes / 1024 ** 2];
  });
  return Object.fromEntries(rates) as Record<WorkloadName, number>;
}
