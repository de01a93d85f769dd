// What a volume worker asks of a storage backend, verb by verb. A backend is a set of shares; every share is one pool.
//
// Rules for every verb:
// - idempotent: asked again with the same arguments after success, it succeeds and answers the same;
// - asked again after it was killed half-way, it finishes or starts over, and never leaves a second file;
// - formats, sizes and backing names are given, never found by probing; headers are parsed only to be compared;
// - bad names (a slash, a colon, a leading dot, NUL) are refused with `bad_request` before anything is touched;
// - nothing blocks the caller's own thread pool: file calls on a share run in a process that can be killed;
// - errors: `backend_offline` (share hung or not mounted; retry later), `no_space`, `chain_mismatch` (the files are not what
//   the record says; nothing was changed), `hostile_image`, `not_found` (source file missing), `cancelled`, `bad_request`.
//
// The driver knows no message, no database and no HTTP.

import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Chain, Layer, ObservedLayer } from '../services/core/domain/chain.js';
import type { ChainInspection } from '../services/core/domain/chain-check.js';
import type { MergeDirection } from '../services/core/domain/chain-merge.js';
import type { ScanEntry } from '../services/core/domain/custody/inventory.js';
import type { ConvertibleFormat } from '../services/core/domain/image-formats.js';
import type { OpenDisk } from './image/disk-access.js';

export type Preallocation = 'off' | 'metadata' | 'falloc' | 'full';

/** One server of a share, as QEMU's gluster driver and mount want it. */
export interface ShareServer {
  readonly host: string;
  readonly port: number;
}

/** How a guest reaches the files of a share. */
export interface ShareAccess {
  /** The share as configured, e.g. `10.0.0.1:/vols`; the pool name and Cinder's `provider_location`. */
  readonly share: string;
  readonly glusterVolumeName: string;
  /** Sub-directory of the Gluster volume that the share names; '' for its root. */
  readonly directory: string;
  readonly servers: readonly ShareServer[];
  readonly mountOptions: string | null;
}

export interface HealthFinding {
  /** Stable key, e.g. `options.strict-o-direct`, `mount.missing`, `quorum.off`. */
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly cure: string;
}

/** What the last looks at a share counted; what is not known, or does not apply, is absent. */
export interface PoolFigures {
  readonly bricks?: number;
  readonly bricksUp?: number;
  /** Entries that wait to be healed, without those in split brain. */
  readonly healPending?: number;
  readonly splitBrain?: number;
}

export interface PoolReport {
  readonly access: ShareAccess;
  readonly state: 'up' | 'down';
  /** Bytes of the file system behind the share; null when unknown (share down). */
  readonly totalBytes: number | null;
  readonly freeBytes: number | null;
  readonly findings: readonly HealthFinding[];
  readonly figures?: PoolFigures;
  /** The configuration names the share no more: its volumes go on, and it gets no new ones. */
  readonly retired?: boolean;
}

export interface DriverIdentity {
  readonly vendorName: string;
  readonly driverVersion: string;
  readonly storageProtocol: string;
}

/** Called at most a few times a second; percent is 0..100 and never falls. */
export type ProgressListener = (percent: number) => void;

export interface LongWork {
  readonly onProgress: ProgressListener;
  /**
   * Aborting ends the work within 5 s with `cancelled`. What it made is removed, or is such that a repeat goes on from it. With the
   * reason `handOver` (work-end.ts) only this worker ends: a job that a hypervisor does by itself is left running.
   */
  readonly signal: AbortSignal;
}

export interface CreateImageSpec {
  readonly share: string;
  readonly file: string;
  readonly format: Layer['format'];
  readonly sizeBytes: number;
  readonly preallocation: Preallocation;
  /** The key that it is encrypted with; then the format is qcow2. */
  readonly keyId?: string;
}

export interface CopyChainSpec {
  readonly share: string;
  /** The driver that serves `share`, when it is another backend of the same process. */
  readonly sourceDriver?: VolumeDriver;
  /** Layers that hold the source data, oldest first; read through the last one. All are frozen or idle meanwhile. */
  readonly source: Chain;
  readonly target: CreateImageSpec;
}

export interface CopyLayerSpec {
  readonly share: string;
  /** The driver that serves `share`, when it is another backend of the same process. */
  readonly sourceDriver?: VolumeDriver;
  /** Oldest first; the last layer is copied. All are frozen or idle meanwhile. */
  readonly source: Chain;
  /** The copy is the last layer; those below it are there and show what the source's lower layers show. At least two. */
  readonly target: { readonly share: string; readonly chain: Chain };
}

export interface ConvertImageSpec {
  readonly share: string;
  /** The driver that serves `share`, when it is another backend of the same process. */
  readonly sourceDriver?: VolumeDriver;
  /** A volume's layers, oldest first; or, with `sourceFormat`, the one file that holds an image. */
  readonly source: Chain;
  /** How an image's bytes are read. Its layer says `raw` of whatever nothing can stand on. */
  readonly sourceFormat?: ConvertibleFormat;
  /** A file of a foreign format is answered as a raw layer: its bytes are kept, and no guest has them. */
  readonly target: {
    readonly share: string;
    readonly file: string;
    readonly format: ConvertibleFormat;
    /** The key that it is encrypted with; then the format is qcow2. */
    readonly keyId?: string;
  };
  /** A larger disk is `image_too_large`, before anything is copied. */
  readonly maxSizeBytes?: number;
}

export interface ConvertedImage {
  readonly layer: Layer;
  /** Of the disk that is in it. */
  readonly diskBytes: number;
}

export interface PrepareOverlaySpec {
  readonly share: string;
  readonly chain: Chain;
  readonly overlayFile: string;
  /** Virtual size of an overlay larger than the active layer; default the same. Smaller is `bad_request`. */
  readonly sizeBytes?: number;
}

export interface AppendOverlaySpec {
  readonly share: string;
  /** Whose record is written. */
  readonly volumeId: string;
  /** With the overlay, which is the last layer. At least two. */
  readonly chain: Chain;
  /** So many layers at the beginning belong to other volumes, and are not on this one's record. */
  readonly foreignLayers: number;
}

export interface CommitLayerSpec {
  readonly share: string;
  readonly chain: Chain;
  /** File of the layer that the chain loses. No guest has the chain open. */
  readonly file: string;
  /** Where its data goes: into the layer below it (default) or above it. */
  readonly direction?: MergeDirection;
  /** Most bytes to move in a second; no limit without it. */
  readonly bytesPerSecond?: number;
}

export interface FlattenLayerSpec {
  readonly share: string;
  readonly chain: Chain;
  /** File of the layer that receives all that is below it. No guest has the chain open. */
  readonly file: string;
  /** Most bytes to move in a second; no limit without it. */
  readonly bytesPerSecond?: number;
}

export interface MeasuredLayer {
  readonly file: string;
  /** What the file takes on its share; holes take nothing. */
  readonly allocatedBytes: number;
  /** Of a qcow2 layer whose header is of this old version, and has no room for the mark of a merge. */
  readonly qcow2Version?: 2;
}

export interface MeasureChainSpec {
  readonly share: string;
  readonly chain: Chain;
  /** Files of the chain that are about to change: no file outside of it may stand on them. Default: none is asked for. */
  readonly changing?: readonly string[];
}

export interface ExtendImageSpec {
  readonly share: string;
  readonly chain: Chain;
  readonly newSizeBytes: number;
  /** What of the new end is allocated; default off. A volume with overlays grows thin whatever is said. */
  readonly preallocation?: Preallocation;
}

export interface RemoveFilesSpec {
  readonly share: string;
  /** Files that no header on the share may still name; moved to the trash directory first. */
  readonly files: readonly string[];
  /** They stay in the trash for so long at least; default the configured grace. */
  readonly keepSeconds?: number;
}

export interface WriteRecordSpec {
  readonly share: string;
  readonly volumeId: string;
  /** null removes the record. Written as Cinder's `volume-<id>.info`: {"active": file, "<snapshot id>": file}. */
  readonly chain: Chain | null;
}

export interface ScanShareSpec {
  readonly share: string;
  readonly after: string | null;
  readonly maxBytes: number;
}

export interface ShareScan {
  readonly entries: readonly ScanEntry[];
  readonly next: string | null;
}

export interface WriteCustodySpec {
  readonly share: string;
  /** Written as `.saggar/<volume id>.json`. */
  readonly records: readonly { readonly volumeId: string; readonly text: string | null }[];
}

export interface ExportPlaceSpec {
  readonly share: string;
  /** `leave-...`, directly beneath the share. */
  readonly directory: string;
  readonly name: string;
}

export interface PlaceExportSpec extends ExportPlaceSpec {
  /** A complete copy on the share, to be moved; null writes the text alone. */
  readonly file: string | null;
  /** Written last, as `<name>.json`: where it is, the export is complete. */
  readonly text: string;
  /** A line for `sha256sum -c`: the file relative to the directory, and its hash in hex. */
  readonly sum?: { readonly path: string; readonly sha256: string };
}

export interface ManageImageSpec {
  readonly share: string;
  /** Existing file directly beneath the share: a regular file, no link, link count 1. */
  readonly sourceFile: string;
  readonly targetFile: string;
  readonly format: Layer['format'];
}

export interface UseDiskSpec {
  readonly share: string;
  /** Read through its last layer; no guest writes to any of them. */
  readonly chain: Chain;
  /** The last layer may be written, and nobody else has it open. */
  readonly writable: boolean;
}

/** Of bytes that go between a connection and the share without passing this process. */
export interface StreamMove {
  /** So far. */
  readonly bytes: number;
  /** By the share, and not by whoever is at the other end. */
  readonly heldUp: boolean;
}

/** A client's connection itself, for as long as the driver has it: nobody else reads of it or writes to it meanwhile. Never one with TLS. */
export interface DirectConnection {
  readonly connection: Socket;
  /** Told a few times a second. */
  readonly onMove: (move: StreamMove) => void;
}

/** Bytes that begin with what was read of a connection already. */
export interface DirectSource extends DirectConnection {
  readonly first: Buffer;
  /** Exactly so many come by the connection. */
  readonly restBytes: number;
}

export interface ReceiveImageSpec {
  readonly share: string;
  readonly file: string;
  /** What the sender says that it is; `opaque`: another format, kept as a raw layer that no image tool may ever open. */
  readonly format: Layer['format'] | 'opaque';
  readonly maxBytes: number;
  /** Exactly so many, when they were announced. */
  readonly expectedBytes?: number;
  readonly maxVirtualSizeBytes?: number;
  /** In the place of MD5 and SHA-512, which are what images are known by and take five times as long. */
  readonly hash?: 'sha256';
}

export interface ReceivedImage {
  /** As the file lies there, padded to whole sectors or clusters. */
  readonly layer: Layer;
  /** That were received. */
  readonly bytes: number;
  /** Hex, of the bytes as they were received: SHA-256 where the spec says so, the other two otherwise. */
  readonly md5?: string;
  readonly sha512?: string;
  readonly sha256?: string;
  /** Every format that the bytes claim to be. */
  readonly detected: readonly string[];
}

/** A part of a file on its way out. */
export interface OutgoingBytes {
  /** Empty where the bytes go to a connection. */
  readonly stream: Readable;
  /** Resolves when all was read from the share and taken by the connection, if there is one, with the hashes of exactly these bytes where wanted. */
  readonly result: Promise<FileDigest>;
  /** Ends it; also after success. */
  close(): void;
}

export interface FileDigest {
  readonly bytes: number;
  /** Hex; absent when not wanted. */
  readonly md5?: string;
  readonly sha512?: string;
  readonly sha256?: string;
}

export interface ReadBytesSpec {
  readonly share: string;
  readonly file: string;
  readonly start: number;
  readonly bytes: number;
  /** With the SHA-256 of these bytes. */
  readonly digest: boolean;
  /** Where they go, asked when the share has answered; without it they are in `stream`. */
  readonly to?: () => Promise<DirectConnection>;
}

export interface VolumeDriver {
  readonly identity: DriverIdentity;

  /** Reads the shares file, mounts what is missing, adopts mounts that are there. A share that fails is reported, not thrown. */
  setup(): Promise<void>;
  /** One report per share, configured or retired; re-reads the shares file, so edits need no restart. Never hangs: a hung share is `down`. */
  reportPools(): Promise<readonly PoolReport[]>;

  /** Makes a blank image file, durable (fsync of file and directory) when the promise resolves. */
  createImage(spec: CreateImageSpec): Promise<Layer>;
  /** A complete, independent copy; sparse stays sparse; may grow to the target's size. */
  copyChain(spec: CopyChainSpec, work: LongWork): Promise<Layer>;
  /** Reads the source and its finished copy, every byte that a guest could read. Errors: `chain_mismatch` when they differ. */
  compareCopy(spec: CopyChainSpec, work: LongWork): Promise<void>;
  /** Copies what one overlay holds, and nothing of the layers below it, into a new overlay above other layers. */
  copyLayer(spec: CopyLayerSpec, work: LongWork): Promise<Layer>;
  /** Reads both chains through their last layers to the end. Errors: `chain_mismatch` when they differ. */
  compareLayer(spec: CopyLayerSpec, work: LongWork): Promise<void>;
  /** A complete, independent copy in another format. */
  convertImage(spec: ConvertImageSpec, work: LongWork): Promise<ConvertedImage>;
  /** Grows the active layer; shrinking is `bad_request`. No guest has the chain open. */
  extendImage(spec: ExtendImageSpec): Promise<Layer>;
  /** Takes an existing file as `targetFile` by renaming it; refuses references, links and unknown formats. */
  manageImage(spec: ManageImageSpec): Promise<Layer>;

  /** Makes the empty overlay file above the active layer; the record and the active layer do not change yet. */
  prepareOverlay(spec: PrepareOverlaySpec): Promise<Layer>;
  /** The same, and then the record; answers all headers, read when the overlay was durable. No guest has the chain open. */
  appendOverlay(spec: AppendOverlaySpec): Promise<readonly ObservedLayer[]>;
  /** True when a copy of the whole chain could as well stand below its active layer: that one maps nothing. No guest has the chain open. */
  holdsNothing(spec: { readonly share: string; readonly chain: Chain }): Promise<boolean>;
  /** Offline merge of a layer into a neighbour; the layer above (if any) then names the one below. The merged file stays. */
  commitLayer(spec: CommitLayerSpec, work: LongWork): Promise<Chain>;
  /** Pulls all that is below the layer into it; answers the chain from it up. The files below stay, unchanged. */
  flattenLayer(spec: FlattenLayerSpec, work: LongWork): Promise<Chain>;
  /**
   * What each file of the chain takes, oldest first. Reads no file but its header, so it is cheap whatever their size. Errors: `chain_mismatch` when a
   * file that is not named after the chain's stands on one of `changing`; for that every header of the share is read.
   */
  measureChain(spec: MeasureChainSpec): Promise<readonly MeasuredLayer[]>;
  /** What is there of the chain and its record, unjudged: a missing or hostile file is an answer. Changes nothing. */
  inspectChain(spec: {
    readonly share: string;
    readonly volumeId: string;
    readonly chain: Chain;
  }): Promise<ChainInspection>;
  /**
   * Headers of the chain, oldest first. Only layers below the active one are exact while a guest runs (the active one's
   * header may lag until the guest flushes, but its backing name does not).
   */
  readChain(spec: { readonly share: string; readonly chain: Chain }): Promise<readonly ObservedLayer[]>;
  /** Moves files to the trash after checking that no header names them; absent files are success. */
  removeFiles(spec: RemoveFilesSpec): Promise<void>;
  writeRecord(spec: WriteRecordSpec): Promise<void>;

  /** Rounds the lengths of qcow2 files up to whole clusters, durable; nobody has them open. Errors: `not_found`. */
  settleFiles(spec: { readonly share: string; readonly files: readonly string[] }): Promise<void>;

  /**
   * What lies directly beneath the share, a page at a time, oldest name first; reads names and headers only. `after` is the `next` of the
   * page before (null: the first); a page has at most `maxBytes` of JSON, or one entry.
   */
  scanShare(spec: ScanShareSpec): Promise<ShareScan>;
  /** Writes (or, with null, removes) this service's own records of volumes, durable. Absent is success. */
  writeCustody(spec: WriteCustodySpec): Promise<void>;

  /**
   * Shows the chain as a disk of bytes for as long as `use` takes. What was written is durable once the promise has resolved. Errors: those
   * of `use`, `cancelled`, `chain_mismatch`, `backend_offline`, `no_space`.
   */
  useDisk<T>(spec: UseDiskSpec, signal: AbortSignal, use: (disk: OpenDisk) => Promise<T>): Promise<T>;

  /** Whether an export is there, complete. */
  hasExport(spec: ExportPlaceSpec): Promise<boolean>;
  /** Moves a copy into a directory of exports and says beside it what it is; complete already is success. */
  placeExport(spec: PlaceExportSpec): Promise<void>;

  /**
   * Takes all of `source` as a new image file, judged before it gets its name; refused or cut off, it leaves nothing. Errors besides the
   * usual: `body_too_large`, `bad_request` (empty, not as long as announced, a disk too large), `transfer_interrupted` when the source
   * fails, `hostile_image`. The source then stands still and is the caller's to end.
   */
  receiveImage(spec: ReceiveImageSpec, source: Readable | DirectSource, signal: AbortSignal): Promise<ReceivedImage>;
  /** What receiveImage answered for a file that is there, complete; null when it has to be received. */
  findReceived(spec: { readonly share: string; readonly file: string }): Promise<ReceivedImage | null>;
  /** Errors: `not_found`. */
  sizeOfFile(spec: { readonly share: string; readonly file: string }): Promise<number>;
  /** Opens bytes of a file as they lie there. Nobody writes to it meanwhile. */
  readBytes(spec: ReadBytesSpec): Promise<OutgoingBytes>;
  /** MD5 and SHA-512 of the first so many bytes, or their SHA-256 alone. */
  digestFile(
    spec: { readonly share: string; readonly file: string; readonly bytes: number; readonly sha256?: boolean },
    signal: AbortSignal,
  ): Promise<FileDigest>;

  /** Ends helper processes. Mounts stay. */
  close(): Promise<void>;
}
