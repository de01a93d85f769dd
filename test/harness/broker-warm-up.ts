// Makes a fresh broker's first quorum queue, and waits until it takes and gives a message.
//
// RabbitMQ 3.10 may confirm the declaration of the very first quorum queue of a node before the queue's process is there: the consume
// that follows ends the whole connection ({badmatch,{error,noproc}} in rabbit_quorum_queue:consume), or the first message is refused.
// The services begin again then, as after every lost connection; a test that counts messages and connections cannot. Later queues of
// the node are sound, so each run pays for the first one here.
import amqp from 'amqplib';
import { waitFor } from './wait-for.js';

const QUEUE = 'test-warm-up';
const LIMIT_MS = 30_000;

/** Throws when the broker does not become sound within half a minute. */
export async function warmUpBroker(url: string): Promise<void> {
  await waitFor('the first quorum queue', () => roundTrip(url), { timeoutMs: LIMIT_MS, intervalMs: 100 });
}

async function roundTrip(url: string): Promise<boolean> {
  const connection = await amqp.connect(url);
  // The broker may end the connection; without a listener that would end the process.
  connection.on('error', () => undefined);
  try {
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    await channel.assertQueue(QUEUE, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    channel.sendToQueue(QUEUE, Buffer.from('x'), { persistent: true });
    await channel.waitForConfirms();
    const got = new Promise<boolean>((resolve) => {
      connection.once('close', () => resolve(false));
      channel.consume(QUEUE, (message) => resolve(message !== null), { noAck: false }).catch(() => resolve(false));
    });
    if (!(await got)) return false;
    await channel.deleteQueue(QUEUE);
    return true;
  } finally {
    await connection.close().catch(() => undefined);
  }
}
