// The disks of a new server: volumes that are there are taken, and those that are not are made, of an image, of a snapshot or blank, in the
// transaction that makes the server.
//
//   volume-create (one behind the other)  ->  server-create        a volume that could not be made fails the server, which takes all of them away

import { ServiceError } from '../../domain/errors.js';
import { type AttachmentId, isUuid, newId, type OperationId } from '../../domain/ids.js';
import { bytesToGib } from '../../domain/size.js';
import { findImage, resolveImage } from '../block-storage/image-source.js';
import type { Requester } from '../block-storage/requester.js';
import { type AcceptedVolume, createVolumeWith, type VolumeWish } from '../block-storage/volume-create.js';
import type { Transaction } from '../connection.js';
import { guestDeviceName } from './device-name.js';
import { takeVolume } from './take-volume.js';

export type DiskSource =
  | { readonly kind: 'volume'; readonly id: string }
  /** sizeGib null: as large as its source. */
  | { readonly kind: 'image' | 'snapshot'; readonly id: string; readonly sizeGib: number | null }
  | { readonly kind: 'blank'; readonly sizeGib: number };

export interface WantedDisk {
  readonly source: DiskSource;
  /** 0 for the disk the guest boots from, null for one it does not. */
  readonly bootIndex: number | null;
  readonly deleteOnTermination: boolean;
  readonly tag: string | null;
}

export interface DisksOf {
  readonly serverId: string;
  readonly host: string;
  readonly who: Requester;
  readonly isAdmin: boolean;
  /** Name of the server, for names of volumes. */
  readonly name: string;
  readonly disks: readonly WantedDisk[];
}

export interface TakenDisks {
  readonly volumeIds: readonly string[];
  readonly madeVolumeIds: readonly string[];
  /** At whose end all of them are there, or never will be; null: they are there. */
  readonly lastMade: OperationId | null;
}

/** No pool would have a volume that the server needs: Nova shows such a server in ERROR, and no volume is left. */
export class DiskNotPlaced extends Error {}

function invalid(text: string): ServiceError {
  return new ServiceError('bad_request', `Block Device Mapping is Invalid: ${text}`);
}

/** An image says how large its disk is once it has been looked at; where it does not, its bytes do. */
async function imageWish(tx: Transaction, source: DiskSource & { kind: 'image' }, who: Requester) {
  const id = await resolveImage(tx, source.id, who).catch((thrown: unknown) => {
    throw thrown instanceof ServiceError && thrown.code === 'bad_request'
      ? new ServiceError('bad_request', `Image ${source.id} could not be found.`)
      : thrown;
  });
  const image = await findImage(tx, id, who);
  const least = Math.max(1, image?.min_disk ?? 0, bytesToGib(image?.virtual_size ?? image?.size ?? 0));
  return { source: { kind: 'image', id } as const, sizeGib: source.sizeGib ?? least };
}

async function wishOf(
  tx: Transaction,
  source: Exclude<DiskSource, { kind: 'volume' }>,
  { name, who }: DisksOf,
): Promise<VolumeWish> {
  const plain = { description: null, type: null, zone: null, metadata: {} };
  switch (source.kind) {
    case 'image':
      return { ...plain, name: '', ...(await imageWish(tx, { ...source, kind: 'image' }, who)) };
    case 'snapshot':
      return { ...plain, name: '', source: { kind: 'snapshot', id: source.id }, sizeGib: source.sizeGib };
    case 'blank':
      return { ...plain, name: `${name}-blank-vol`.slice(0, 255), source: null, sizeGib: source.sizeGib };
  }
}

/** Nova answers its own codes for what Cinder refuses. Source: nova/api/openstack/compute/servers.py, create. */
function asNova(thrown: unknown): unknown {
  if (!(thrown instanceof ServiceError)) return thrown;
  if (thrown.code === 'over_quota') return new ServiceError('forbidden', thrown.message);
  if (thrown.code === 'not_found') return invalid(`failed to get snapshot: ${thrown.message}`);
  return thrown.code === 'volume_state' || thrown.code === 'snapshot_state' ? invalid(thrown.message) : thrown;
}

interface Place {
  readonly attachmentId: string;
  readonly volumeId: string;
  readonly device: string;
}

async function insertAttachment(tx: Transaction, of: DisksOf, disk: WantedDisk, place: Place): Promise<void> {
  await tx('attachments').insert({
    id: place.attachmentId,
    volume_id: place.volumeId,
    project_id: of.who.projectId,
    instance_uuid: of.serverId,
    managed_server_id: of.serverId,
    attached_host: of.host,
    mountpoint: place.device,
    attach_mode: 'rw',
    status: 'attaching',
    boot_index: disk.bootIndex,
    delete_on_termination: disk.deleteOnTermination,
    tag: disk.tag,
  });
  await tx('volumes').where({ id: place.volumeId }).update({ attach_status: 'attaching' });
}

/** Throws `bad_request`, `volume_state`, `forbidden` (quota), DiskNotPlaced. */
export async function takeDisks(tx: Transaction, of: DisksOf): Promise<TakenDisks> {
  const { serverId, host, who, isAdmin, disks } = of;
  const existing = disks.flatMap(({ source }) => (source.kind === 'volume' && isUuid(source.id) ? [source.id] : []));
  await tx('volumes').whereIn('id', existing).orderBy('id').forUpdate().select('id');
  const volumeIds: string[] = [];
  const madeVolumeIds: string[] = [];
  let lastMade: OperationId | null = null;
  for (const [index, disk] of disks.entries()) {
    const { source } = disk;
    const [attachmentId, device] = [newId<AttachmentId>(), guestDeviceName(index)];
    if (source.kind === 'volume') {
      volumeIds.push(source.id);
      await takeVolume(tx, {
        ...{ attachmentId, volumeId: source.id, projectId: who.projectId, serverId, host, device },
        bootIndex: disk.bootIndex,
        deleteOnTermination: disk.deleteOnTermination,
        tag: disk.tag,
        refusalPrefix: 'Block Device Mapping is Invalid: ',
      });
      continue;
    }
    const wish = await wishOf(tx, source, of);
    const made: AcceptedVolume = await createVolumeWith(tx, wish, isAdmin, who, null, lastMade).catch(
      (thrown: unknown) => {
        throw asNova(thrown);
      },
    );
    if (made.operationId === null) throw new DiskNotPlaced();
    lastMade = made.operationId;
    volumeIds.push(made.id);
    madeVolumeIds.push(made.id);
    await insertAttachment(tx, of, disk, { attachmentId, volumeId: made.id, device });
  }
  return { volumeIds, madeVolumeIds, lastMade };
}
