// Whether a FUSE mount shows what a guest has written through libgfapi since, and the mount options that make it so. With GlusterFS's
// defaults it never does: the kernel's page cache keeps what the mount has read once (6 of 6 reads stale, and still 4 s later, on
// GlusterFS 10.3), so a copy would hold old data and a header read-back would see an old backing name.
//   direct-io-mode=enable                    every read and write goes to the client process (0 of 6 stale)
//   attribute-, entry-, negative-timeout=0   sizes and names are asked for, not remembered: QEMU grows files too
//   *io-cache.pass-through=true              io-cache over stat-prefetch shows old data for a second even so (4 of 4); not with this
// The only witness of a mount's options is the command line of its client process; the kernel's mount table does not tell them.
import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

const coherentOptions: ReadonlyMap<string, string> = new Map([
  ['direct-io-mode', 'enable'],
  ['attribute-timeout', '0'],
  ['entry-timeout', '0'],
  ['negative-timeout', '0'],
  ['xlator-option', '*io-cache.pass-through=true'],
]);

/** glusterfs takes these words for "on"; `auto`, its default, means direct I/O only where the opener asks for it. */
const onWords = ['1', 'on', 'yes', 'true', 'enable'];
/** Seconds; what glusterfs does by default, and what readers of headers wait for before they believe a difference. */
const LONGEST_ATTRIBUTE_TIMEOUT = 1;

export type GlusterfsOptions = ReadonlyMap<string, string>;

/** The operator's mount words, with what they do not speak about added. What they do say stays. */
export function addCoherentOptions(words: readonly string[]): readonly string[] {
  const said = optionsOfMountWords(words);
  const missing = [...coherentOptions].filter(([name]) => !said.has(name)).map(([name, value]) => `${name}=${value}`);
  return missing.length === 0 ? words : [...words, '-o', missing.join(',')];
}

/** Why a mount with these options can show old data, in words; null when it cannot. */
export function findIncoherence(options: GlusterfsOptions): string | null {
  const isOn = (name: string) => onWords.includes((options.get(name) ?? 'auto').toLowerCase());
  if (!isOn('direct-io-mode')) return `direct-io-mode is ${options.get('direct-io-mode') ?? 'not set'}`;
  if (isOn('kernel-writeback-cache')) return 'kernel-writeback-cache is on';
  const timeout = options.get('attribute-timeout') ?? String(LONGEST_ATTRIBUTE_TIMEOUT);
  return Number(timeout) <= LONGEST_ATTRIBUTE_TIMEOUT ? null : `attribute-timeout is ${timeout}`;
}

/** Options in words for mount(8): `-o a=1,b`, `-oa=1`, `--options=a=1`. The last word on a name counts. */
export function optionsOfMountWords(words: readonly string[]): GlusterfsOptions {
  const options = new Map<string, string>();
  for (const [index, word] of words.entries()) {
    const previous = words[index - 1];
    const list =
      previous === '-o' || previous === '--options' ? word : (/^(?:-o|--options=)(.+)$/.exec(word)?.[1] ?? '');
    for (const item of list.split(',').filter((part) => part !== '')) setOption(options, item, 'on');
  }
  return options;
}

/** Options on a client's command line: `--a=1`, `--b`, and `--c 1` for the ones that need a value. */
export function optionsOfClient(argv: readonly string[]): GlusterfsOptions {
  const options = new Map<string, string>();
  for (const [index, word] of argv.entries()) {
    if (!word.startsWith('--')) continue;
    const needsValue = /^--(attribute|entry|negative)-timeout$/.test(word);
    setOption(options, word.slice(2), needsValue ? (argv[index + 1] ?? '') : 'on');
  }
  return options;
}

/**
 * Command line of the glusterfs process that serves a mount point, or null when none can be seen. After a lazy unmount the old one
 * may live on beside its successor: the youngest serves, and one of this process's mount namespace before any other.
 * Reads /proc only and never the mount, so it cannot hang.
 */
export async function readClientArguments(mountPoint: string, proc = '/proc'): Promise<readonly string[] | null> {
  const ownNamespace = await readlink(`${proc}/self/ns/mnt`).catch(() => null);
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name));
  const clients = await Promise.all(pids.map((pid) => readClient(`${proc}/${pid}`, mountPoint, ownNamespace)));
  const [best] = clients
    .filter((client) => client !== null)
    .sort((a, b) => Number(b.isNear) - Number(a.isNear) || b.startedAt - a.startedAt);
  return best?.argv ?? null;
}

interface Client {
  readonly argv: readonly string[];
  /** Clock ticks since boot. */
  readonly startedAt: number;
  readonly isNear: boolean;
}

async function readClient(directory: string, mountPoint: string, ownNamespace: string | null): Promise<Client | null> {
  try {
    const argv = (await readFile(`${directory}/cmdline`, 'utf8')).split('\0').slice(0, -1);
    if (path.basename(argv[0] ?? '') !== 'glusterfs' || argv.at(-1) !== mountPoint) return null;
    const stat = await readFile(`${directory}/stat`, 'utf8');
    // The 22nd field (proc(5)); the second, a name in parentheses, may hold spaces.
    const startedAt = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const namespace = await readlink(`${directory}/ns/mnt`).catch(() => null);
    return { argv, startedAt, isNear: namespace !== null && namespace === ownNamespace };
  } catch {
    return null; // the process ended meanwhile
  }
}

function setOption(options: Map<string, string>, item: string, withoutValue: string): void {
  const at = item.indexOf('=');
  if (at === -1) options.set(item, withoutValue);
  else options.set(item.slice(0, at), item.slice(at + 1));
}
