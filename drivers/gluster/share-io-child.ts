// The helper process: does every file call on ONE share, so that a hung mount blocks only itself. Started by ShareIo with the share's
// root as first argument and `mount` or `plain` as second. Its working directory is pinned to the root, so that a share that is
// unmounted under it gives errors instead of silently becoming the local disk below the mount point. Then it gives root up for the
// storage user (third argument: `uid:gid`, or `owner` for the owner of the share's root) and can never be root again.
// Must stay lean (tens of megabytes count once per share): imports node's own modules and pure parsers only.
import { constants, type Stats } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { scanPage, writeCustody } from './share-io-custody.js';
import { hasExport, placeExport } from './share-io-export.js';
import {
  dropPart,
  errno,
  growFile,
  inspectFile,
  makeFile,
  measureFiles,
  moveFile,
  publishFile,
  readHead,
  removeFile,
  replaceFile,
  setHeaderBit,
  settleFile,
} from './share-io-files.js';
import { measure, probeWrite, survey } from './share-io-health.js';
import type { ShareIoCallName, ShareIoCalls, ShareIoRequest } from './share-io-protocol.js';
import { discardFiles, emptyTrash, findReferences, listFiles, prepareShare } from './share-io-trash.js';

type Handlers = { [N in ShareIoCallName]: (params: ShareIoCalls[N]['params']) => Promise<ShareIoCalls[N]['value']> };

const handlers: Handlers = {
  measure,
  probeWrite,
  survey,
  identify: () => Promise.resolve(identity),
  inspect: ({ file }) => inspectFile(file),
  measureFiles: ({ files }) => measureFiles(files),
  readHead: ({ file, bytes, tailBytes }) => readHead(file, bytes, tailBytes),
  makeFile,
  publishFile: ({ file, padTo }) => publishFile(file, padTo),
  growFile: ({ file, sizeBytes }) => growFile(file, sizeBytes),
  settleFile: ({ file, padTo }) => settleFile(file, padTo),
  setHeaderBit: ({ file, offset, bit }) => setHeaderBit(file, offset, bit),
  replaceFile: ({ file, content, mode }) => replaceFile(file, content, mode),
  moveFile: ({ from, to, mode }) => moveFile(from, to, mode),
  dropPart: ({ file }) => dropPart(file),
  removeFile: ({ file }) => removeFile(file),
  findReferences: ({ file }) => findReferences([file], [file]),
  discardFiles: ({ files, nowMs, keep }) => discardFiles(files, nowMs, keep),
  emptyTrash: ({ olderThanMs }) => emptyTrash(olderThanMs),
  hasExport,
  placeExport,
  prepareShare,
  scanPage: ({ after, maxBytes }) => scanPage(after, maxBytes),
  writeCustody: ({ records, mode }) => writeCustody(records, mode),
  listFiles,
};

/** Pins the working directory; for a mount, proves that it is one (its device differs from its parent's). */
async function enterShare(root: string, kind: string, user: string): Promise<void> {
  process.chdir(root);
  const [here, above] = await Promise.all([stat('.'), stat('..')]);
  if (kind === 'mount' && here.dev === above.dev) throw errno('ENOTCONN', 'the share is not mounted');
  identity = becomeStorageUser(user, here);
  if (identity === null) return;
  // By its path, as the image tools will: every directory above must let the user pass.
  await access(root, constants.R_OK | constants.W_OK | constants.X_OK).catch(() => {
    throw errno('EACCES', `the user ${identity?.uid} may not use ${root}, or may not pass a directory above it`);
  });
}

/** Null when this process is no root that could become another, or is to stay root. */
function becomeStorageUser(user: string, root: Stats): { uid: number; gid: number } | null {
  const [uid = 0, gid = 0] = user === 'owner' ? [root.uid, root.gid] : user.split(':').map(Number);
  const now = process.getuid?.() ?? 0;
  if (now !== 0 && user !== 'owner' && uid !== now) throw errno('EPERM', 'only root can become the storage user');
  if (now !== 0 || uid === 0) return null;
  process.setgroups?.([]);
  process.setgid?.(gid);
  process.setuid?.(uid);
  return { uid, gid };
}

async function answer(ready: Promise<void>, { id, call }: ShareIoRequest): Promise<void> {
  try {
    await ready;
    // The table above proves per name that handler and parameters fit; TypeScript cannot see it through the index.
    const handle = handlers[call.name] as (params: unknown) => Promise<unknown>;
    process.send?.({ id, value: await handle(call.params) });
  } catch (thrown) {
    const { code = 'UNKNOWN', message = String(thrown) } = thrown as NodeJS.ErrnoException;
    process.send?.({ id, failure: { code, message } });
  }
}

const [root = '/nonexistent', kind = 'mount', user = 'owner'] = process.argv.slice(2);
process.umask(0o077);
let identity: { uid: number; gid: number } | null = null;
const ready = enterShare(root, kind, user);
ready.catch(() => undefined); // told to each caller
process.on('message', (request: ShareIoRequest) => void answer(ready, request));
process.on('disconnect', () => process.exit(0));
