// After a failed mount: what could be checked without touching the share, in words for an operator. Never throws, never waits
// longer than its connection attempts.
import { connect } from 'node:net';
import { GLUSTERD_PORT } from './share-text.js';
import type { ConfiguredShare } from './shares-file.js';

const CONNECT_TIMEOUT_MS = 2_000;

export async function findLikelyCauses(share: ConfiguredShare, stderr: string): Promise<readonly string[]> {
  const causes: string[] = [];
  if (/unknown filesystem type|mount\.glusterfs.*not found/i.test(stderr)) {
    causes.push('mount.glusterfs is missing: install the package glusterfs-client');
  }
  const reachable = await Promise.all(share.name.hosts.map((host) => canConnect(host)));
  for (const [index, host] of share.name.hosts.entries()) {
    if (reachable[index] === false)
      causes.push(`no answer from ${host} port ${GLUSTERD_PORT}: host down, name unknown or firewall`);
  }
  if (causes.length === 0) {
    causes.push(
      `glusterd answers; check that the Gluster volume ${share.name.glusterVolumeName} exists and is started, ` +
        'that auth.allow admits this host, and that the sub-directory exists',
    );
  }
  return causes;
}

function canConnect(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: GLUSTERD_PORT });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
