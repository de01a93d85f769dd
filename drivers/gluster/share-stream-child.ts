// The process that moves the bytes of one file between a share and a pipe, or the client's own connection. Started with the task (JSON) and what share-io-child.ts is
// started with: root, kind and storage user.
// Never gives a file its name: what it has written is complete only when its parent, which knows whether the sender was done, says so.
import { enterShare } from './enter-share.js';
import { receiveStream } from './receive-stream.js';
import { sendStream } from './send-stream.js';
import type { StreamFacts, StreamTask, TellMove } from './share-stream-protocol.js';
import { startHashes } from './stream-hashes.js';

const tell: TellMove = (moved) => void process.send?.({ moved });

function perform(task: StreamTask): Promise<StreamFacts> {
  const hashes = startHashes(task.hashes);
  return task.task === 'receive' ? receiveStream(task, hashes, tell) : sendStream(task, hashes, tell);
}

process.umask(0o077);
process.on('disconnect', () => process.exit(0));
const [taskText = '{}', root = '/nonexistent', kind = 'mount', user = 'owner'] = process.argv.slice(2);
try {
  await enterShare(root, kind, user);
  process.send?.({ value: await perform(JSON.parse(taskText) as StreamTask) });
} catch (thrown) {
  const { code = 'UNKNOWN', message = String(thrown) } = thrown as NodeJS.ErrnoException;
  process.send?.({ failure: { code, message } });
}
