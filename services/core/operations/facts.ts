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
  /** Oldest first; empty while the volume is being created. */
  readonly chain: Chain;
  /** Rows of snapshots exist, internal ones of a clone included, whether or not they reached the chain. */
  readonly hasSnapshots: boolean;
  /** Rows of attachments exist, reserved ones included. */
  readonly hasAttachments: boolean;
  readonly format: LayerFormat;
  readonly preallocation: 'off' | 'metadata' | 'falloc' | 'full';
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

export interface OperationFacts {
  /** The volume that the operation is about. */
  readonly volume: VolumeFacts | null;
  /** The volume that data is copied from. */
  readonly source: VolumeFacts | null;
  /** The server that has (or shall get) the volume, or that the operation is about. */
  readonly server: ServerFacts | null;
  /** Where a volume is moved from and to; null for every other operation. */
  readonly places: PlacesFacts | null;
}
