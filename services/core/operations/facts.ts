// What a step may know: facts read from the database in the transaction that sends the step's command.
// Plain data; a worker needs nothing else, because a command carries all that its step needs.
import type { Chain, LayerFormat } from '../domain/chain.js';
import type { ShareAccessMessage } from '../messages/envelope.js';

export interface VolumeFacts {
  readonly id: string;
  readonly sizeGib: number;
  /** `host@backend`: which volume worker owns it. */
  readonly backendHost: string;
  readonly access: ShareAccessMessage;
  /** The full chain, oldest first: layers of other volumes that it stands on, then its own. Empty while the volume is being created. */
  readonly chain: Chain;
  /** How many layers at the beginning of the chain belong to other volumes; they are never changed or removed by an operation on this one. */
  readonly foreignLayers: number;
  /** Its type insists on a raw base, as one for several servers does. */
  readonly baseMustBeRaw: boolean;
  /** Rows of snapshots exist, internal ones of a clone included, whether or not they reached the chain. */
  readonly hasSnapshots: boolean;
  /** Rows of attachments exist, reserved ones included. */
  readonly hasAttachments: boolean;
  /** How many there are. */
  readonly attachmentCount?: number;
  readonly format: LayerFormat;
  readonly preallocation: 'off' | 'metadata' | 'falloc' | 'full';
  /** Only of an encrypted one. */
  readonly encryption?: EncryptionFacts;
}

export interface EncryptionFacts {
  readonly keyId: string;
  readonly bits: 256 | 512;
  /** Others need that key, or may: copies that have stood, or stand, on this one's layers, and backups. */
  readonly keyIsShared: boolean;
}

/** A copy that stands on layers has their key: both are encrypted, with keys of one length, or neither is. */
export function mayShareLayers(
  copy: Pick<VolumeFacts, 'encryption'>,
  source: Pick<VolumeFacts, 'encryption'>,
): boolean {
  return copy.encryption?.bits === source.encryption?.bits;
}

/** A pool, as far as a copy from or into it must know it. */
export interface PoolFacts {
  readonly name: string;
  readonly backendHost: string;
  readonly access: ShareAccessMessage;
  readonly zone: string;
}

/** The two pools of a move. The volume itself is in the first one until the pivot, then in the second. */
export interface PlacesFacts {
  readonly from: PoolFacts;
  readonly to: PoolFacts;
}

export interface AttachedDiskFacts {
  readonly volume: VolumeFacts;
  readonly attachmentId: string;
  readonly readOnly: boolean;
  readonly bootIndex: number | null;
}

export interface ServerFacts {
  readonly id: string;
  readonly name: string;
  readonly computeHost: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly disks: readonly AttachedDiskFacts[];
}

/** One volume of an operation about several. */
export interface MemberFacts {
  readonly volume: VolumeFacts;
  /** The server of ours that may have it open. */
  readonly server: { readonly id: string; readonly computeHost: string } | null;
}

/** A backup in its store. */
export interface BackupFacts {
  readonly id: string;
  /** By which its objects are named in the store. */
  readonly objectsOf: string;
  readonly container: string;
  /** As its record says. */
  readonly sizeGib: number;
  /** null: it was never finished. */
  readonly manifestSha256: string | null;
  /** The client's snapshot that it was made of; null: of the volume. */
  readonly snapshotId: string | null;
  /** Another backup has the same objects, or they are not known to be ours: an imported record that was never confirmed. */
  readonly objectsAreShared: boolean;
  /** Of a backup of an encrypted volume: the key that its objects are sealed with, and whether anything else needs that. */
  readonly encryption: Pick<EncryptionFacts, 'keyId' | 'keyIsShared'> | null;
  /** What it was compared with; of a parent always null. */
  readonly parent: BackupFacts | null;
  /** A volume worker that reaches the store, `host@backend`; null: none is up. */
  readonly worker: string | null;
}

export interface OperationFacts {
  /** The volume that the operation is about. */
  readonly volume: VolumeFacts | null;
  /** The volume that data is copied from. */
  readonly source: VolumeFacts | null;
  /** The server that has (or shall get) the volume, or that the operation is about. */
  readonly server: ServerFacts | null;
  /** Where a volume is moved from and to; null for every other operation. */
  readonly places: PlacesFacts | null;
  /** Of an operation about several volumes, in the order of its parameters; null stands for one that is gone. */
  readonly members?: readonly (MemberFacts | null)[];
  /** The backup that the operation is about; null when it is gone. */
  readonly backup?: BackupFacts | null;
  /** Of a move that leaves a key behind: somebody names it (again). */
  readonly keyLeftIsNeeded?: boolean;
  /** What is written beside the data of volumes; null text: nothing is to be there. */
  readonly custody?: readonly { readonly volumeId: string; readonly text: string | null }[];
}
