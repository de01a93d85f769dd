// Mount options as they are wanted and as they are in force. Pure.
//   - servers that were found for the share are added to the operator's `backup-volfile-servers`, so that a mount works while any one lives
//   - whether a mount has the options that the shares file names now: known for a mount that was made here; for one that was found, read
//     from the command line of its client, which tells what is there but not what was taken out of the file since
import { isIPv6 } from 'node:net';
import { type GlusterfsOptions, optionsOfMountWords } from './mount-coherence.js';
import { backupServersOf } from './share-text.js';

const SERVERS_OPTION = /(^|,)(backup-?volfile-servers?=)([^,\s]+)/;

/** The words with servers appended that the operator does not name. */
export function addBackupServers(
  words: readonly string[],
  own: readonly string[],
  found: readonly string[],
): readonly string[] {
  const said = new Set([...own, ...words.flatMap((word) => backupServersOf(word))]);
  const more = [...new Set(found)].filter((host) => !said.has(host)).map((host) => (isIPv6(host) ? `[${host}]` : host));
  if (more.length === 0) return words;
  const at = words.findIndex((word) => SERVERS_OPTION.test(word) && !word.includes('backupvolfile-server='));
  if (at === -1) return [...words, '-o', `backup-volfile-servers=${more.join(':')}`];
  return words.map((word, index) =>
    index === at
      ? word.replace(
          SERVERS_OPTION,
          (_all, before: string, name: string, hosts: string) => `${before}${name}${[hosts, ...more].join(':')}`,
        )
      : word,
  );
}

/** Options of mount.glusterfs that reach the client's command line under another name, or not at all. */
const notOnTheCommandLine = new Set([
  'backup-volfile-servers',
  'backupvolfile-server',
  'backup-volfile-server',
  'fetch-attempts',
  'transport',
  'volume-name',
  'rw',
  'ro',
  '_netdev',
  'defaults',
  'noatime',
  'nodiratime',
  'nodev',
  'nosuid',
  'noexec',
  'context',
  'xlator-option',
  'volfile-max-fetch-attempts',
  'server-port',
  'volume-id',
]);

/** How the options in force differ from those wanted, in words; null when nothing is seen to differ. */
export function findOptionDifference(wantedWords: readonly string[], client: GlusterfsOptions): string | null {
  for (const [name, wanted] of optionsOfMountWords(wantedWords)) {
    if (notOnTheCommandLine.has(name)) continue;
    const actual = client.get(name);
    if (actual === undefined) return `${name} is not in force`;
    if (!isSame(actual, wanted)) return `${name} is ${actual}, not ${wanted}`;
  }
  return null;
}

const onWords = new Set(['on', 'yes', 'true', 'enable', '1']);

/** mount.glusterfs rewrites words for "on", and units of time stay as they are. */
function isSame(actual: string, wanted: string): boolean {
  const [a, b] = [actual.toLowerCase(), wanted.toLowerCase()];
  return a === b || (onWords.has(a) && onWords.has(b));
}
