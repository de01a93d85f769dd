// What a guest's presence costs: attach, live snapshot, a copy of what it has in use, the end of its server. The guest has no operating system;
// it stands at its firmware, so that what is measured is Saggar's and QEMU's part. How long a writing guest stands still is `--pause`.
// Times in milliseconds.
import type { BenchClient } from './api-client.js';
import { deleteVolumes, pause, postVolume, type Resource, settle } from './measurements.js';

export interface GuestTimes {
  /** From the request until the volume is `in-use`. */
  readonly attach: number[];
  readonly snapshot: number[];
  /** DELETE of that snapshot until 404: the merge under the guest included. */
  readonly snapshotGone: number[];
  readonly clone: number[];
  /** DELETE of the server until 404. */
  readonly serverGone: number;
}

async function bootServer(compute: BenchClient, volumeId: string): Promise<string> {
  const disk = { source_type: 'volume', destination_type: 'volume', uuid: volumeId, boot_index: 0 };
  const wish = { server: { name: 'bench', flavorRef: '1', block_device_mapping_v2: [disk] } };
  const { server } = (await compute.expect(202, 'POST', '/servers', wish)) as { server: Resource };
  for (;;) {
    const answer = await compute.call('GET', `/servers/${server.id}`);
    const { status } = (answer.body as { server: Resource }).server;
    if (status === 'ACTIVE') return server.id;
    if (status === 'ERROR') throw new Error(`the server could not be made: ${JSON.stringify(answer.body)}`);
    await pause(20);
  }
}

async function removeServer(compute: BenchClient, id: string): Promise<number> {
  const start = performance.now();
  await compute.expect(204, 'DELETE', `/servers/${id}`);
  while ((await compute.call('GET', `/servers/${id}`)).status !== 404) await pause(5);
  return performance.now() - start;
}

/** One volume is attached, snapshotted and copied, again and again; every copy is deleted before the next. */
export async function measureGuest(volumes: BenchClient, compute: BenchClient, rounds: number): Promise<GuestTimes> {
  const boot = await postVolume(volumes, 'bench-boot');
  await settle(volumes, 'volume', boot, 'available');
  const serverId = await bootServer(compute, boot);
  const made = [boot];
  const times: Omit<GuestTimes, 'serverGone'> = { attach: [], snapshot: [], snapshotGone: [], clone: [] };
  for (let round = 0; round < rounds; round += 1) {
    let start = performance.now();
    const body = { snapshot: { volume_id: boot, force: true } };
    const { snapshot } = (await volumes.expect(202, 'POST', '/snapshots', body)) as { snapshot: Resource };
    await settle(volumes, 'snapshot', snapshot.id, 'available');
    times.snapshot.push(performance.now() - start);
    start = performance.now();
    await volumes.expect(202, 'DELETE', `/snapshots/${snapshot.id}`);
    await settle(volumes, 'snapshot', snapshot.id, 'gone');
    times.snapshotGone.push(performance.now() - start);
    start = performance.now();
    const wish = { volume: { source_volid: boot, name: 'bench-live-clone' } };
    const { volume } = (await volumes.expect(202, 'POST', '/volumes', wish)) as { volume: Resource };
    await settle(volumes, 'volume', volume.id, 'available');
    times.clone.push(performance.now() - start);
    await deleteVolumes(volumes, [volume.id]);
    // As many disks as a guest has slots for.
    if (round >= 16) continue;
    const data = await postVolume(volumes, 'bench-data');
    await settle(volumes, 'volume', data, 'available');
    made.push(data);
    start = performance.now();
    const attachment = { volumeAttachment: { volumeId: data } };
    await compute.expect(200, 'POST', `/servers/${serverId}/os-volume_attachments`, attachment);
    await settle(volumes, 'volume', data, 'in-use');
    times.attach.push(performance.now() - start);
  }
  const serverGone = await removeServer(compute, serverId);
  await deleteVolumes(volumes, made);
  return { ...times, serverGone };
}
