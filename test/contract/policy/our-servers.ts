// Servers of ours for the block-storage tests: a row, a running guest in the world in memory, and volumes attached through the code of the
// compute API, as a user would.
import { randomUUID } from 'node:crypto';
import { attachVolume } from '../../../services/core/db/compute/volume-attachments.js';
import { type BlockRig, type Person, projectOf } from '../block-storage/block-rig.js';

/** A running server of the person's project. */
export async function ourServer(rig: BlockRig, owner: Person): Promise<string> {
  const id = randomUUID();
  await rig.database('servers').insert({
    id,
    project_id: projectOf(owner),
    user_id: 'u',
    name: 's',
    flavor_id: '1',
    flavor: '{"vcpus":1,"ram_mib":64}',
    vm_state: 'active',
    power_state: 1,
    compute_host: 'node1',
  });
  rig.engine.world.guests.set(id, { running: true, disks: new Map() });
  return id;
}

/** Accepts the attachment and returns its id; the engine has not moved yet. */
export async function beginAttach(rig: BlockRig, volumeId: string, serverId: string): Promise<string> {
  const who = { visibleProjectId: null, userId: 'u', requestId: 'req-test' };
  const wish = { volumeId, serverId, device: null, tag: null };
  return (await attachVolume(rig.database, wish, who)).attachmentId;
}

export async function attachToOurs(rig: BlockRig, volumeId: string, serverId: string): Promise<string> {
  const id = await beginAttach(rig, volumeId, serverId);
  await rig.engine.settle();
  return id;
}

/** True when the guest has the volume's files open. */
export function guestHas(rig: BlockRig, serverId: string, volumeId: string): boolean {
  return rig.engine.world.guests.get(serverId)?.disks.has(volumeId) ?? false;
}

/** Ends all servers of the tests. Their volumes must be detached, or are cut loose here. */
export async function endServers(rig: BlockRig): Promise<void> {
  rig.engine.world.guests.clear();
  await rig.database('attachments').delete();
  await rig.database('servers').delete();
}
