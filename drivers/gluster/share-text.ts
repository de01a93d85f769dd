// The text that names a share (`server:/glvol` or `server:/glvol/sub/dir`) is its identity: pool name, `provider_location`, and
// the source of its mount path. Cinder's and Nova's rules are kept to the letter, so that both derive the same paths.
// Sources: Cinder's remotefs driver (address pattern), os-brick's remotefs client (MD5 of the UTF-8 text, lower-case hex).
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import path from 'node:path';

export const GLUSTERD_PORT = 24007;

export interface ShareName {
  readonly share: string;
  /** Host names or addresses in order of preference; IPv6 without brackets. */
  readonly hosts: readonly string[];
  readonly glusterVolumeName: string;
  /** Sub-directory of the Gluster volume; '' for its root. */
  readonly directory: string;
}

const MAX_SHARE_LENGTH = 1024;
/** What glusterd accepts as a volume name, but none that a command could take for an option. */
const volumeNamePattern = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;
const folderPattern = /^[A-Za-z0-9._-]+$/;
const hostNamePattern = /^[A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?$/;

/**
 * The parts of a share's text, or null when it is not `address:/volume`. By what is allowed, not by what is not: the text becomes a word
 * of mount's command line, and its parts JSON for QEMU, whose gluster options could name log files and sockets.
 */
export function tryParseShareText(share: string): ShareName | null {
  const at = share.lastIndexOf(':/');
  if (at < 1 || share.length > MAX_SHARE_LENGTH) return null;
  const names = share.slice(0, at).split(',');
  const [glusterVolumeName = '', ...folders] = share
    .slice(at + 2)
    .split('/')
    .filter((part) => part !== '');
  if (!names.every(isHostText) || share.startsWith('//', at + 1) || !volumeNamePattern.test(glusterVolumeName))
    return null;
  if (folders.some((folder) => folder === '..' || folder === '.' || !folderPattern.test(folder))) return null;
  const hosts = names.map((name) => name.replace(/^\[|\]$/g, ''));
  return { share, hosts, glusterVolumeName, directory: folders.join('/') };
}

/** A name or an address; no zone (`%eth0`), no user, no port, nothing that could be an option. */
function isHost(host: string): boolean {
  return hostNamePattern.test(host) || (isIPv6(host) && !host.includes('%'));
}

/** In brackets only an IPv6 address. */
function isHostText(text: string): boolean {
  const inner = /^\[([^\]]*)\]$/.exec(text)?.[1];
  return inner === undefined ? isHost(text) : isIPv6(inner) && isHost(inner);
}

/** Mount directory of a share: base directory, slash, MD5 of the share's text. */
export function mountPathOf(base: string, share: string): string {
  return path.join(base, createHash('md5').update(share, 'utf8').digest('hex'));
}

/** Hosts named by `backup-volfile-servers=a:b` and `backupvolfile-server=a` in mount arguments. */
export function backupServersOf(mountArguments: string | null): readonly string[] {
  const hosts: string[] = [];
  for (const match of (mountArguments ?? '').matchAll(/\bbackup-?volfile-servers?=([^\s,]+)/g)) {
    hosts.push(...splitHosts(match[1] ?? ''));
  }
  return hosts;
}

/** Colon-separated hosts in which IPv6 addresses stand in brackets. */
function splitHosts(text: string): string[] {
  return [...text.matchAll(/\[([^\]]+)\]|([^:[\]]+)/g)].map((match) => match[1] ?? match[2] ?? '').filter(isHost);
}
