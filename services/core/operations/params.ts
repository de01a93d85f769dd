// What is stored with each operation when it is accepted: ids only (and what the client chose); everything else is read as
// facts when a step is sent, because an operation may wait for a lock while the world changes.

import type { ConvertibleFormat } from '../domain/image-formats.js';

export interface OperationParams {
  'volume-create': {
    readonly volumeId: string;
    readonly source: VolumeSource | null;
    /** It may stand on the source's layers instead of copying them, when its chain has at most so many layers then. */
    readonly instant?: { readonly maxLayers: number };
  };
  /** Makes a copy of an image in another pool or format, for volumes to stand on. */
  'image-cache-fill': {
    readonly volumeId: string;
    /** null: the data is fetched from an image service. */
    readonly source: VolumeSource | null;
    readonly remote?: RemoteImageData;
    /** How the image's bytes are read. */
    readonly sourceFormat: ConvertibleFormat;
    /** Of the volume that it is made for: an image of some KiB may say any size, and nothing is promised to what nobody can use. */
    readonly maxSizeGib?: number;
  };
  /** A copy of a volume at rest: the internal snapshot is made in the same step. */
  'volume-clone': {
    readonly volumeId: string;
    readonly source: { readonly volumeId: string; readonly snapshotId: string };
  };
  'volume-to-image': {
    /** The hidden volume that gets the image's data. */
    readonly volumeId: string;
    readonly imageId: string;
    /** snapshotId null: the volume itself, which is at rest. */
    readonly source: VolumeSource;
    readonly format: ConvertibleFormat;
    /** The image is one of an image service, which gets the data; the hidden volume goes again. */
    readonly remote?: true;
  };
  'volume-reimage': {
    readonly volumeId: string;
    readonly source: VolumeSource;
    readonly newFile: string;
    /** Somebody has reserved it, and waits for the new content. */
    readonly reserved: boolean;
    readonly imageMetadata: Readonly<Record<string, string>>;
    /** It may stand on the image's layers when its chain has at most so many layers then. */
    readonly instant?: { readonly maxLayers: number };
  };
  'volume-flatten': {
    readonly volumeId: string;
    /** null: as fast as it goes. */
    readonly bytesPerSecond: number | null;
  };
  'volume-manage': { readonly volumeId: string; readonly sourceFile: string };
  'volume-delete': { readonly volumeId: string };
  'volume-receive': {
    readonly volumeId: string;
    readonly transferId: string;
    /** Whose transfer it is: streams of one project have a limit. */
    readonly project?: string;
    readonly ticketSha256: string;
    readonly idleSeconds: number;
    /** What the client says that it sends. */
    readonly format: 'raw' | 'qcow2';
    /** The volume gets a copy of it, in its own format and allocation. */
    readonly convert: boolean;
    readonly expectedBytes: number | null;
  };
  'volume-send': {
    readonly volumeId: string;
    /** The client's, or an internal one. */
    readonly snapshotId: string;
    readonly transferId: string;
    /** Whose transfer it is: streams of one project have a limit. */
    readonly project?: string;
    readonly ticketSha256: string;
    readonly idleSeconds: number;
    readonly lifeSeconds: number;
    /** Of the file that goes out. */
    readonly format: 'raw' | 'qcow2';
  };
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
    /** The copy gets this key (null: is not encrypted); missing: it is encrypted as the volume is. */
    readonly newKey?: { readonly keyId: string; readonly bits: 256 | 512 } | null;
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
  'server-create': {
    readonly serverId: string;
    readonly volumeIds: readonly string[];
    /** Those among them that are made for this server, and go when it cannot be. */
    readonly madeVolumeIds?: readonly string[];
  };
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
    /** The file is read to its end, and its SHA-256 written down; default not, as before there was one. */
    readonly checksum?: boolean;
  };
  'backup-create': {
    readonly backupId: string;
    readonly volumeId: string;
    /** What is backed up: the client's, or one that was made for it. */
    readonly snapshotId: string;
  };
  'backup-restore': {
    readonly backupId: string;
    readonly volumeId: string;
    /** The new file is named after it; null: into the one file of a volume that is new and empty. */
    readonly nameId: string | null;
  };
  'backup-delete': { readonly backupId: string };
  'backup-verify': {
    readonly backupId: string;
    /** All objects are read, not the manifest alone. */
    readonly deep: boolean;
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
  'image-upload': {
    /** The hidden volume. */
    readonly volumeId: string;
    readonly imageId: string;
    readonly transferId: string;
    /** Whose transfer it is: streams of one project have a limit. */
    readonly project?: string;
    readonly ticketSha256: string;
    readonly idleSeconds: number;
    readonly maxBytes: number;
    /** As the client has announced it. */
    readonly expectedBytes?: number;
    /** How the bytes are judged and kept. */
    readonly format: 'raw' | 'qcow2' | 'opaque';
    /** The disk format that the bytes have to show; null: nothing can show it. */
    readonly declared: string | null;
  };
  'image-download': {
    readonly volumeId: string;
    readonly imageId: string;
    readonly transferId: string;
    /** Whose transfer it is: streams of one project have a limit. */
    readonly project?: string;
    readonly ticketSha256: string;
    readonly idleSeconds: number;
    readonly lifeSeconds: number;
    /** Those that the client had sent, without padding. */
    readonly bytes: number;
  };
  'image-delete': { readonly volumeId: string; readonly imageId: string };
}

/** The data of an image that another image service keeps. What is known of it beforehand has to be found again in what comes. */
export interface RemoteImageData {
  readonly imageId: string;
  /** Its disk format, in the words of the image service. */
  readonly declared: string | null;
  readonly bytes?: number;
  /** Hex. */
  readonly md5?: string;
  readonly sha512?: string;
}

/** Where the data of a new volume comes from: always frozen layers, a snapshot's (a clone makes an internal one first) or an image's. */
export interface VolumeSource {
  readonly volumeId: string;
  /** null: all layers of a volume that holds an image's data, and never changes. */
  readonly snapshotId: string | null;
}

export type OperationType = keyof OperationParams;
