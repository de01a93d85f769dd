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
  readonly format: LayerFormat;
  readonly preallocation: 'off' | 'metadata' | 'falloc' | 'full';
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
}
