// What is stored with each operation when it is accepted: ids only (and what the client chose); everything else is read as
// facts when a step is sent, because an operation may wait for a lock while the world changes.

export interface OperationParams {
  'volume-create': {
    readonly volumeId: string;
    readonly source: VolumeSource | null;
    /** It may stand on the source's layers instead of copying them, when its chain has at most so many layers then. */
    readonly instant?: { readonly maxLayers: number };
  };
  'volume-flatten': {
    readonly volumeId: string;
    /** null: as fast as it goes. */
    readonly bytesPerSecond: number | null;
  };
  'volume-manage': { readonly volumeId: string; readonly sourceFile: string };
  'volume-delete': { readonly volumeId: string };
  'volume-extend': { readonly volumeId: string; readonly newSizeGib: number };
  'volume-migrate': {
    readonly volumeId: string;
    /** Pool names. */
    readonly fromPool: string;
    readonly toPool: string;
    /** The copy's file is `volume-<nameId>`. */
    readonly nameId: string;
    /** The type that the volume gets with the move; null keeps its own. */
    readonly newTypeId: string | null;
    /** Of the copy. */
    readonly format: 'raw' | 'qcow2';
    readonly preallocation: 'off' | 'metadata' | 'falloc' | 'full';
  };
  'volume-revert': { readonly volumeId: string; readonly snapshotId: string; readonly newFile: string };
  'volume-unmanage': { readonly volumeId: string };
  'snapshot-create': { readonly volumeId: string; readonly snapshotId: string };
  'group-snapshot-create': {
    readonly groupSnapshotId: string;
    /** One instant was promised, so the volumes must not be at several servers. */
    readonly consistent: boolean;
    readonly members: readonly { readonly volumeId: string; readonly snapshotId: string }[];
  };
  'snapshot-delete': { readonly volumeId: string; readonly snapshotId: string };
  'attachment-create': { readonly volumeId: string; readonly attachmentId: string; readonly serverId: string };
  'attachment-delete': { readonly volumeId: string; readonly attachmentId: string; readonly serverId: string };
  'server-create': { readonly serverId: string; readonly volumeIds: readonly string[] };
  'server-start': { readonly serverId: string };
  'server-stop': { readonly serverId: string };
  'server-delete': { readonly serverId: string };
  'assisted-snapshot-create': { readonly volumeId: string; readonly snapshotId: string; readonly newFile: string };
  'assisted-snapshot-delete': { readonly volumeId: string; readonly snapshotId: string; readonly fileToMerge: string };
  'volume-export': {
    readonly volumeId: string;
    /** null: the volume itself, which is at rest. */
    readonly sourceSnapshotId: string | null;
    readonly directory: string;
    readonly name: string;
    readonly format: 'raw' | 'qcow2';
    /** Of the copy's file while it is made; null when the volume's one file stays where it is. */
    readonly exportId: string | null;
    /** What is written beside it. */
    readonly text: string;
  };
  'orphan-remove': {
    /** Pool name. */
    readonly pool: string;
    /** The volume that the files are named after; there is none of that id. */
    readonly orphanOf: string;
    readonly files: readonly string[];
  };
  'snapshot-manage': {
    readonly volumeId: string;
    readonly snapshotId: string;
    /** The overlay, and the snapshot that it was made for. */
    readonly file: string;
    readonly oldId: string;
  };
  'snapshot-unmanage': { readonly volumeId: string; readonly snapshotId: string };
  'chain-check': { readonly volumeId: string };
  'share-scan': {
    /** Pool name. */
    readonly pool: string;
    readonly scanId: string;
    readonly page: number;
    /** The page before ended here; null for the first. */
    readonly after: string | null;
  };
  'volume-settle': { readonly volumeId: string };
  'custody-write': { readonly pool: string; readonly recordsOf: readonly string[] };
}

/** Where the data of a new volume comes from: always a snapshot's frozen layers (a clone makes an internal snapshot first). */
export interface VolumeSource {
  readonly volumeId: string;
  readonly snapshotId: string;
}

export type OperationType = keyof OperationParams;
