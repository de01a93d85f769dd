// A new server in one transaction: quota, host, row, its disks taken by compare-and-swap, and the operation.
//
// Race: two requests boot from one volume. Both read `available`; the update that moves the status is what decides, and the
// loser's whole transaction is undone. Volumes are locked in order of id, so two requests never wait for each other, and taken in
// the order of the disks, which is the order of their rows and so the order in the guest.
import { ServiceError } from '../../domain/errors.js';
import { newId, type ServerId } from '../../domain/ids.js';
import { foreseeImage } from '../block-storage/image-source.js';
import type { RemoteImages } from '../block-storage/remote-images.js';
import type { Requester } from '../block-storage/requester.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { chooseComputeHost } from './compute-hosts.js';
import type { FlavorRecord } from './flavors.js';
import { demandComputeQuota } from './quota.js';
import { DiskNotPlaced, takeDisks, type WantedDisk } from './server-disks.js';

export interface NewServer {
  readonly projectId: string;
  readonly userId: string;
  readonly requestId: string;
  readonly isAdmin: boolean;
  /** Images are kept by a service of their own. */
  readonly images?: RemoteImages;
  /** What its root disk is made of, as Nova shows it; null: a volume is its root. */
  readonly imageId: string | null;
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
    image_id: server.imageId,
    ...fields,
  });
}

const noHost = 'No valid host was found. No compute worker is up.';
const noBackend = 'Build of the server aborted: No storage backend has a place for its disks.';

/** Nova accepts such a server and shows it in ERROR; no volume is touched. */
async function insertUnplacedServer(tx: Transaction, id: ServerId, server: NewServer, message: string): Promise<void> {
  const created = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const fault = { code: 500, message, created };
  await insertServer(tx, id, server, {
    vm_state: 'error',
    fault: JSON.stringify(fault),
    availability_zone: server.zone,
  });
}

function requesterOf({ projectId, userId, requestId, images }: NewServer): Requester {
  const who = { visibleProjectId: projectId, projectId, userId, requestId, isService: false };
  return images === undefined ? who : { ...who, images };
}

async function accept(tx: Transaction, id: ServerId, server: NewServer): Promise<void> {
  const { flavor, projectId, userId, requestId, isAdmin, name, disks } = server;
  await demandComputeQuota(tx, projectId, { instances: 1, cores: flavor.vcpus, ram: flavor.ramMib });
  const place = await chooseComputeHost(tx, server.zone);
  if (place === null) return insertUnplacedServer(tx, id, server, noHost);
  await insertServer(tx, id, server, {
    vm_state: 'building',
    task_state: 'spawning',
    compute_host: place.host,
    availability_zone: place.zone,
  });
  const who = requesterOf(server);
  const taken = await takeDisks(tx, { serverId: id, host: place.host, who, isAdmin, name, disks });
  const { volumeIds, madeVolumeIds, lastMade } = taken;
  await acceptOperation(tx, {
    type: 'server-create',
    params: { serverId: id, volumeIds, ...(madeVolumeIds.length === 0 ? {} : { madeVolumeIds }) },
    projectId,
    userId,
    requestId,
    // Whether they could be made is looked at when it begins.
    ...(lastMade === null ? {} : { after: { operationId: lastMade, mode: 'end' } as const }),
  });
}

/** Returns the new server's id. Throws `bad_request` for a volume that cannot be had, `forbidden` for quota. */
export async function createServer(database: Database, server: NewServer): Promise<ServerId> {
  if (server.disks.length === 0) throw new ServiceError('bad_request', 'A server needs a volume to boot from.');
  for (const { source } of server.disks) {
    if (source.kind === 'image') await foreseeImage(database, source.id, requesterOf(server));
  }
  const id = newId<ServerId>();
  try {
    await inTransaction(database, (tx) => accept(tx, id, server));
  } catch (thrown) {
    if (!(thrown instanceof DiskNotPlaced)) throw thrown;
    await inTransaction(database, (tx) => insertUnplacedServer(tx, id, server, noBackend));
  }
  return id;
}
