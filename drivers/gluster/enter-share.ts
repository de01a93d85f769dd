// How a helper process comes to be on its share: working directory first, then it gives root up for the storage user and can never be root
// again. For all helpers alike: the one that does file calls, and those that stream the bytes of one file.
import { constants, type Stats } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { errno } from './share-io-files.js';

/** Null when the process is no root that could become another, or is to stay root. */
export type Identity = { readonly uid: number; readonly gid: number } | null;

/**
 * Pins the working directory, so that a share that is unmounted under it gives errors instead of silently becoming the local disk below the
 * mount point; for a mount, proves that it is one (its device differs from its parent's). `user`: `uid:gid`, or `owner` for the owner of the
 * share's root. Throws ENOTCONN, EACCES, EPERM.
 */
export async function enterShare(root: string, kind: string, user: string): Promise<Identity> {
  process.chdir(root);
  const [here, above] = await Promise.all([stat('.'), stat('..')]);
  if (kind === 'mount' && here.dev === above.dev) throw errno('ENOTCONN', 'the share is not mounted');
  const identity = becomeStorageUser(user, here);
  if (identity === null) return null;
  // By its path, as the image tools will: every directory above must let the user pass.
  await access(root, constants.R_OK | constants.W_OK | constants.X_OK).catch(() => {
    throw errno('EACCES', `the user ${identity.uid} may not use ${root}, or may not pass a directory above it`);
  });
  return identity;
}

function becomeStorageUser(user: string, root: Stats): Identity {
  const [uid = 0, gid = 0] = user === 'owner' ? [root.uid, root.gid] : user.split(':').map(Number);
  const now = process.getuid?.() ?? 0;
  if (now !== 0 && user !== 'owner' && uid !== now) throw errno('EPERM', 'only root can become the storage user');
  if (now !== 0 || uid === 0) return null;
  process.setgroups?.([]);
  process.setgid?.(gid);
  process.setuid?.(uid);
  return { uid, gid };
}
