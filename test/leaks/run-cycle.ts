// One cycle: a volume is made, plugged into the running guest, frozen by a snapshot, merged under the guest, unplugged and deleted.

import type { BenchClient } from '../bench/api-client.js';
import { waitFor } from '../harness/wait-for.js';
import type { WholeStack } from '../harness/whole-stack.js';

const LIMIT_MS = 120_000;

export async function runCycle(stack: WholeStack, compute: BenchClient): Promise<void> {
  const { volume: volumes, serverId } = stack;
  const made = (await volumes.expect(202, 'POST', '/volumes', { volume: { size: 1 } })) as { volume: { id: string } };
  const { id } = made.volume;
  await stack.settled('volumes', id, ['available']);
  const attachments = `/servers/${serverId}/os-volume_attachments`;
  await compute.expect(200, 'POST', attachments, { volumeAttachment: { volumeId: id } });
  await stack.settled('volumes', id, ['in-use']);
  const body = { snapshot: { volume_id: id, force: true } };
  const { snapshot } = (await volumes.expect(202, 'POST', '/snapshots', body)) as { snapshot: { id: string } };
  await stack.settled('snapshots', snapshot.id, ['available']);
  await volumes.expect(202, 'DELETE', `/snapshots/${snapshot.id}`);
  await stack.settled('snapshots', snapshot.id, ['gone']);
  await compute.expect(202, 'DELETE', `${attachments}/${id}`);
  await waitFor(
    'the guest to let the disk go',
    async () => {
      const answer = await volumes.call('GET', `/volumes/${id}`);
      return (answer.body as { volume: { status: string } }).volume.status === 'available';
    },
    { timeoutMs: LIMIT_MS, intervalMs: 50 },
  );
  await volumes.expect(202, 'DELETE', `/volumes/${id}`);
  await stack.settled('volumes', id, ['gone']);
}
