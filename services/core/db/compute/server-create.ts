// A new server in one transaction: quota, host, row, its disks taken by compare-and-swap, and the operation.
//
// Race: two requests boot from one volume. Both read `available`; the update that moves the status is what decides, and the
// loser's whole transaction is undone. Volumes are locked in order of id, so two requests never wait for each other, and taken in
// the order of the disks, which is the order of their rows and so the order in the guest.
import { ServiceError } from '../../domain/errors.js';
import { type AttachmentId, isUuid, newId, type ServerId } from '../../domain/ids.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { chooseComputeHost } from './compute-hosts.js';
import { guestDeviceName } from './device-name.js';
import type { FlavorRecord } from './flavors.js';
import { demandComputeQuota } from './quota.js';
import { takeVolume } from './take-volume.js';

export interface WantedDisk {
  readonly volumeId: string;
  /** 0 for the disk the guest boots from, null for one it does not. */
  readonly bootIndex: number | null;
  readonly deleteOnTermination: boolean;
  readonly tag: string | null;
}

export interface NewServer {
  readonly projectId: string;
  readonly userId: string;
  readonly requestId: string;
  readonly name: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly flavor: FlavorRecord;
  readonly zone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly userData: string | null;
  /** In the order in which the guest gets them. */
  readonly disks: readonly WantedDisk[];
}

async function insertServer(
  tx: Transaction,
  id: ServerId,
  server: NewServer,
  fields: Record<string, unknown>,
): Promise<void> {
  const { flavor } = server;
  await tx('servers').insert({
    id,
    project_id: server.projectId,
    user_id: server.userId,
    name: server.name,
    description: server.description,
    tags: JSON.stringify(server.tags),
    flavor_id: flavor.id,
    flavor: JSON.stringify({
      name: flavor.name,
      vcpus: flavor.vcpus,
      ram_mib: flavor.ramMib,
      disk_gib: flavor.diskGib,
    }),
    metadata: JSON.stringify(server.metadata),
    user_data: server.userData,
    ...fields,
  });
}

/** Nova accepts such a server and shows it in ERROR; no volume is touched. */
async function insertUnplacedServer(tx: Transaction, id: ServerId, server: NewServer): Promise<void> {
  const created = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const fault = { code: 500, message: 'No valid host was found. No compute worker is up.', created };
  await insertServer(tx, id, server, {
    vm_state: 'error',
    fault: JSON.stringify(fault),
    availability_zone: server.zone,
  });
}

async function takeDisks(tx: Transaction, id: ServerId, host: string, server: NewServer): Promise<void> {
  const ids = server.disks.map((disk) => disk.volumeId).filter(isUuid);
  await tx('volumes').whereIn('id', ids).orderBy('id').forUpdate().select('id');
  for (const [index, disk] of server.disks.entries()) {
    await takeVolume(tx, {
      attachmentId: newId<AttachmentId>(),
      volumeId: disk.volumeId,
      projectId: server.projectId,
      serverId: id,
      host,
      device: guestDeviceName(index),
      bootIndex: disk.bootIndex,
      deleteOnTermination: disk.deleteOnTermination,
      tag: disk.tag,
      refusalPrefix: 'Block Device Mapping is Invalid: ',
    });
  }
}

/** Returns the new server's id. Throws `bad_request` for a volume that cannot be had, `forbidden` for quota. */
export async function createServer(database: Database, server: NewServer): Promise<ServerId> {
  if (server.disks.length === 0) throw new ServiceError('bad_request', 'A server needs a volume to boot from.');
  const id = newId<ServerId>();
  await inTransaction(database, async (tx) => {
    const { vcpus, ramMib } = server.flavor;
    await demandComputeQuota(tx, server.projectId, { instances: 1, cores: vcpus, ram: ramMib });
    const place = await chooseComputeHost(tx, server.zone);
    if (place === null) return insertUnplacedServer(tx, id, server);
    await insertServer(tx, id, server, {
      vm_state: 'building',
      task_state: 'spawning',
      compute_host: place.host,
      availability_zone: place.zone,
    });
    await takeDisks(tx, id, place.host, server);
    const { projectId, userId, requestId, disks } = server;
    const volumeIds = disks.map((disk) => disk.volumeId);
    await acceptOperation(tx, {
      type: 'server-create',
      params: { serverId: id, volumeIds },
      projectId,
      userId,
      requestId,
    });
  });
  return id;
}
