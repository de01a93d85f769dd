// The helper process: does every file call on ONE share, so that a hung mount blocks only itself. Started by ShareIo with the share's
// root as first argument and `mount` or `plain` as second. Its working directory is pinned to the root, so that a share that is
// unmounted under it gives errors instead of silently becoming the local disk below the mount point. Then it gives root up for the
// storage user (third argument: `uid:gid`, or `owner` for the owner of the share's root) and can never be root again.
// Must stay lean (tens of megabytes count once per share): imports node's own modules and pure parsers only.
import { enterShare, type Identity } from './enter-share.js';
import { scanPage, writeCustody } from './share-io-custody.js';
import { hasExport, placeExport } from './share-io-export.js';
import {
  dropPart,
  growFile,
  inspectFile,
  makeFile,
  measureFiles,
  moveFile,
  publishFile,
  readHead,
  readHeads,
  removeFile,
  replaceByStaged,
  replaceFile,
  setHeaderBit,
  settleFile,
  stageFile,
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
  readHeads: ({ files, bytes }) => readHeads(files, bytes),
  makeFile,
  publishFile: ({ file, padTo }) => publishFile(file, padTo),
  growFile: ({ file, sizeBytes }) => growFile(file, sizeBytes),
  settleFile: ({ file, padTo }) => settleFile(file, padTo),
  setHeaderBit: ({ file, offset, bit }) => setHeaderBit(file, offset, bit),
  replaceFile: ({ file, content, mode }) => replaceFile(file, content, mode),
  stageFile: ({ file, content, mode }) => stageFile(file, content, mode),
  replaceByStaged: ({ file }) => replaceByStaged(file),
  moveFile: ({ from, to, mode }) => moveFile(from, to, mode),
  dropPart: ({ file }) => dropPart(file),
  removeFile: ({ file }) => removeFile(file),
  findReferences: ({ files, except }) => findReferences(files, except),
  discardFiles: ({ files, nowMs, keep }) => discardFiles(files, nowMs, keep),
  emptyTrash: ({ olderThanMs }) => emptyTrash(olderThanMs),
  hasExport,
  placeExport,
  prepareShare,
  scanPage: ({ after, maxBytes }) => scanPage(after, maxBytes),
  writeCustody: ({ records, mode }) => writeCustody(records, mode),
  listFiles,
};

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
let identity: Identity = null;
const ready = enterShare(root, kind, user).then((become) => {
  identity = become;
});
ready.catch(() => undefined); // told to each caller
process.on('message', (request: ShareIoRequest) => void answer(ready, request));
process.on('disconnect', () => process.exit(0));
