// The other end of a measured transfer, as a process of its own, as every real client is: `put URL TRANSFER TICKET FILE` sends a file,
// `get URL TRANSFER TICKET` reads all of it and keeps nothing. Prints how long that took in milliseconds, without its own start.
import { createReadStream, statSync } from 'node:fs';
import { pipeFromWorker, pipeToWorker, type TransferTarget } from '../../services/api/transfer/worker-transfer.js';

const MIB = 1024 * 1024;

async function get(target: TransferTarget): Promise<void> {
  const { body } = await pipeFromWorker(target, { digest: true });
  await new Promise<void>((resolve, reject) => {
    body.once('end', resolve).once('error', reject).resume();
  });
}

const [verb = '', url = '', transferId = '', ticket = '', file = ''] = process.argv.slice(2);
const target = { transferId, ticket, workerUrl: () => Promise.resolve(url) };
const startedAt = performance.now();
if (verb === 'put') {
  const contentLength = statSync(file).size;
  await pipeToWorker(createReadStream(file, { highWaterMark: MIB }), target, { contentLength });
} else await get(target);
process.stdout.write(`${performance.now() - startedAt}\n`);
