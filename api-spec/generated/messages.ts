// Generated from api-spec by `npm run generate`; do not edit.
export type Uuid = string;
/**
 * A base name on a share; never a path.
 */
export type FileName = string;
export type Phase = 'do' | 'undo';
export type CommandType =
  | 'key.create'
  | 'key.remove'
  | 'image.create'
  | 'image.copy'
  | 'image.compare'
  | 'image.convert'
  | 'image.digest'
  | 'image.checksum'
  | 'image.extend'
  | 'image.manage'
  | 'files.remove'
  | 'overlay.prepare'
  | 'overlay.append'
  | 'overlay.withdraw'
  | 'overlay.fork'
  | 'overlay.unfork'
  | 'overlay.settle-fork'
  | 'layer.commit'
  | 'layer.flatten'
  | 'chain.measure'
  | 'chain.inspect'
  | 'chain.verify'
  | 'chain.copy'
  | 'chain.compare'
  | 'record.write'
  | 'share.scan'
  | 'custody.write'
  | 'export.look'
  | 'export.place'
  | 'backup.write'
  | 'backup.read'
  | 'backup.remove'
  | 'backup.verify'
  | 'files.settle'
  | 'transfer.receive'
  | 'transfer.send'
  | 'glance.fetch'
  | 'glance.claim'
  | 'glance.send'
  | 'glance.discard'
  | 'server.start'
  | 'server.stop'
  | 'server.delete'
  | 'server.inspect'
  | 'disk.attach'
  | 'disk.detach'
  | 'guest.switch'
  | 'guest.close-overlays'
  | 'guest.merge'
  | 'guest.flatten'
  | 'guest.resize'
  | 'guest.mirror'
  | 'guest.unmirror';
export type StepOutcome =
  | {
      kind: 'done';
      output: {};
    }
  | {
      kind: 'failed';
      error: WireError;
      /**
       * Something may have been left half done.
       */
      partial: boolean;
      /**
       * Nothing was done: the worker has just got hold of its queue and cannot know whether somebody else has answered this command. A step that is still wanted is asked again at once, with this text as the command's life; no try is counted.
       */
      askAgain?: string;
      /**
       * With askAgain - the command had been asked for an earlier life, which ended without an answer. That counts as a silence, so that a step which ends its worker every time becomes stuck, and is told.
       */
      askedBefore?: boolean;
    }
  | {
      kind: 'progress';
      percent: number;
    }
  | {
      kind: 'forward';
      output: {};
    };
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';
export type LayerFormat = 'raw' | 'qcow2';
export type Preallocation = 'off' | 'metadata' | 'falloc' | 'full';
/**
 * @minItems 1
 */
export type Chain = readonly Layer[];
export type ConvertibleFormat = 'raw' | 'qcow2' | 'vmdk' | 'vdi' | 'vhd' | 'vhdx';
export type Sha256 = string;
/**
 * So many layers at the beginning of the chain belong to other volumes.
 */
export type ForeignLayers = number;
/**
 * In both directions `file` is the layer that the chain loses. down: its data goes into the layer below it. up: its data goes into the layer above it, which takes its place in the chain. Default down.
 */
export type MergeDirection = 'down' | 'up';
/**
 * Most that the work may move; no limit without it.
 */
export type BytesPerSecond = number;
/**
 * SHA-256 of the ticket; the ticket itself never passes the broker.
 */
export type TicketSha256 = string;
/**
 * The transfer ends after so long without data, or with less than 1 KiB/s of it.
 */
export type IdleSeconds = number;
/**
 * One thing directly beneath a share, or one record of Saggar beside the data. Headers are told, never judged.
 */
export type ScanEntry =
  | {
      kind: 'file';
      name: string;
      sizeBytes: number;
      allocatedBytes: number;
      /**
       * Since 1970.
       */
      modifiedMs: number;
      /**
       * Permission bits.
       */
      mode: number;
      linkCount: number;
      verdict: FileVerdict;
    }
  | {
      kind: 'info';
      name: string;
      info: {
        active: string;
        snapshots: {
          [k: string]: string;
        };
      } | null;
      /**
       * Why it cannot be read.
       */
      reason: string | null;
    }
  | {
      kind: 'record';
      /**
       * Id of the volume.
       */
      name: string;
      text: string | null;
      reason: string | null;
    }
  | {
      kind: 'other';
      name: string;
      reason: string;
    };
/**
 * What the first bytes of a regular file say.
 */
export type FileVerdict =
  | {
      format: 'qcow2';
      version: 2 | 3;
      virtualSizeBytes: number;
      backingFile: string | null;
      backingFormat: string | null;
      /**
       * Why no tool may open it.
       */
      hostile: string | null;
      /**
       * As this service encrypts; absent: it is not.
       */
      encrypted?: true;
    }
  | {
      format: 'malformed';
      reason: string;
    }
  | {
      format: 'none';
      /**
       * The container that it looks like.
       */
      claims: string | null;
    };

export interface MessageSchemas {}
export interface Command {
  version: 1;
  kind: 'command';
  id: Uuid;
  operationId: Uuid;
  operationType: string;
  step: string;
  phase: Phase;
  attempt: number;
  epoch: number;
  /**
   * The worker's life (see askAgain) that is answered by this command; null when none is. Absent from a conductor of an earlier release.
   */
  life?: string | null;
  /**
   * The conductor asks again after this much silence.
   */
  timeoutMs: number;
  requestId: string;
  type: CommandType;
  /**
   * The schema of the same name as the type, e.g. ImageCreateParams.
   */
  params: {};
}
/**
 * Goes where commands go. The worker interrupts the commands of the operation that it runs, or that wait for their turn, if their epoch is not above this one; each answers failed with code cancelled, or done when it ended first. Nothing answers the message itself, and an unknown operation is ignored; so it is repeated while the command has not ended.
 */
export interface Cancel {
  version: 1;
  kind: 'cancel';
  operationId: Uuid;
  epoch: number;
}
export interface Result {
  version: 1;
  kind: 'result';
  operationId: Uuid;
  step: string;
  phase: Phase;
  attempt: number;
  epoch: number;
  /**
   * host@backend or compute host, and boot id.
   */
  worker: string;
  outcome: StepOutcome;
}
export interface WireError {
  /**
   * A code of the closed list in services/core/domain/errors.ts.
   */
  code: string;
  /**
   * Public text.
   */
  message: string;
  /**
   * For logs and operators only.
   */
  detail?: string;
}
export interface Report {
  version: 1;
  kind: 'report';
  service: {
    binary: 'saggar-volume' | 'saggar-compute';
    /**
     * host@backend for a volume worker, host for a compute worker.
     */
    host: string;
    zone: string;
    bootId: Uuid;
    /**
     * Base URL of the worker's own HTTP listener.
     */
    url: string | null;
    logLevel?: LogLevel;
    /**
     * The kind of its backup store; absent: it makes no backups.
     */
    backups?: 'directory' | 's3' | 'swift';
  };
  pools: readonly PoolReport[];
  servers: readonly ReportedServer[];
}
export interface PoolReport {
  access: ShareAccess;
  state: 'up' | 'down';
  totalBytes: number | null;
  freeBytes: number | null;
  findings: readonly HealthFinding[];
  /**
   * The shares file names the share no more.
   */
  retired?: boolean;
  /**
   * What the last looks at the share counted; what is not known, or does not apply, is absent.
   */
  figures?: {
    bricks?: number;
    bricksUp?: number;
    /**
     * Entries that wait to be healed, without those in split brain.
     */
    healPending?: number;
    splitBrain?: number;
  };
  capabilities: {
    volumeBackendName: string;
    vendorName: string;
    driverVersion: string;
    storageProtocol: string;
    reservedPercentage: number;
    maxOverSubscriptionRatio: number | 'auto';
    thinProvisioning: boolean;
    thickProvisioning: boolean;
    volumeFormat: LayerFormat;
    preallocation: Preallocation;
  };
}
export interface ShareAccess {
  share: string;
  glusterVolumeName: string;
  directory: string;
  servers: readonly ShareServer[];
  mountOptions: string | null;
}
export interface ShareServer {
  host: string;
  port: number;
}
export interface HealthFinding {
  code: string;
  severity: 'info' | 'warning' | 'error';
  text: string;
  cure: string;
}
export interface ReportedServer {
  serverId: Uuid;
  powerState: number;
  /**
   * What its block graph shows, for the audit; absent where it could not be read, or would make the report too long.
   */
  disks?: readonly ReportedDisk[];
}
export interface ReportedDisk {
  volumeId: Uuid;
  /**
   * Of its layers, oldest first.
   */
  files: readonly string[];
}
/**
 * The answer to a report that is not as the operator wishes it; repeated until a report shows that it was followed.
 */
export interface Notice {
  version: 1;
  kind: 'notice';
  logLevel: LogLevel;
}
export interface Layer {
  file: FileName;
  format: LayerFormat;
  virtualSizeBytes: number;
  snapshotId: string | null;
  /**
   * Of the key that the layer is encrypted with; a layer without it is not encrypted.
   */
  keyId?: string;
}
export interface ObservedLayer {
  file: string;
  format: LayerFormat;
  virtualSizeBytes: number;
  backingFile: string | null;
  /**
   * Only where it is.
   */
  encrypted?: true;
}
export interface ImageTarget {
  share: string;
  file: FileName;
  format: LayerFormat;
  sizeBytes: number;
  preallocation: Preallocation;
  /**
   * The key that it is encrypted with; without it the file is not encrypted.
   */
  keyId?: string;
}
export interface KeyCreateParams {
  volumeId: Uuid;
  /**
   * What is asked for; the store may choose another one.
   */
  keyId: string;
  bits: 256 | 512;
}
/**
 * Under which id the key is to be found. The key itself is never told.
 */
export interface KeyOutput {
  keyId: Uuid;
}
export interface KeyRemoveParams {
  volumeId: Uuid;
  keyId: Uuid;
}
export interface ImageCreateParams {
  volumeId: Uuid;
  target: ImageTarget;
}
export interface ImageCopyParams {
  volumeId: Uuid;
  sourceShare: string;
  /**
   * The backend (host@backend) of the source share, when it is another one of the same worker.
   */
  sourceBackend?: string;
  source: Chain;
  target: ImageTarget;
}
/**
 * A copy layer by layer: the first layer of the copy holds what the source shows through its first own layer, each further one holds what the source's layer at the same place holds. The source may be the frozen part of a disk that a guest writes to.
 */
export interface ChainCopyParams {
  volumeId: Uuid;
  sourceShare: string;
  /**
   * The backend (host@backend) of the source share, when it is another one of the same worker.
   */
  sourceBackend?: string;
  source: Chain;
  /**
   * So many layers at the beginning of the source belong to other volumes.
   */
  foreignLayers: number;
  target: {
    share: string;
    chain: Chain;
    preallocation: Preallocation;
  };
}
/**
 * From the format that an image has to one that guests can have (then `source` is one layer, read as `sourceFormat`), or the other way round.
 */
export interface ImageConvertParams {
  volumeId: Uuid;
  sourceShare: string;
  /**
   * The backend (host@backend) of the source share, when it is another one of the same worker.
   */
  sourceBackend?: string;
  source: Chain;
  sourceFormat?: ConvertibleFormat;
  target: {
    share: string;
    file: FileName;
    format: ConvertibleFormat;
    /**
     * The key that it is encrypted with, as the source is; then it is qcow2. Without it the file is not encrypted.
     */
    keyId?: string;
  };
  /**
   * A larger disk is refused before anything is copied.
   */
  maxSizeBytes?: number;
}
export interface ImageConvertOutput {
  layer: Layer;
  /**
   * Size of the disk that the file shows, whatever its format.
   */
  diskBytes: number;
}
export interface ImageDigestParams {
  volumeId: Uuid;
  share: string;
  file: FileName;
}
export interface ImageDigestOutput {
  sizeBytes: number;
  md5: string;
  sha512: string;
}
export interface ImageChecksumParams {
  volumeId: Uuid;
  share: string;
  file: FileName;
}
export interface ImageChecksumOutput {
  sizeBytes: number;
  sha256: Sha256;
}
export interface ImageExtendParams {
  volumeId: Uuid;
  share: string;
  chain: Chain;
  newSizeBytes: number;
  preallocation?: Preallocation;
}
export interface ImageManageParams {
  volumeId: Uuid;
  share: string;
  sourceFile: FileName;
  targetFile: FileName;
  format: LayerFormat;
}
export interface LayerOutput {
  layer: Layer;
}
export interface FilesRemoveParams {
  volumeId: Uuid;
  share: string;
  files: readonly FileName[];
  /**
   * They stay in the trash for so long at least; default the configured grace.
   */
  keepSeconds?: number;
}
export interface OverlayPrepareParams {
  volumeId: Uuid;
  share: string;
  chain: Chain;
  overlayFile: FileName;
  /**
   * Of an overlay larger than what is below it; default the size below.
   */
  sizeBytes?: number;
  /**
   * The last layer of this chain is made as well, above the same layer.
   */
  copy?: ForkedCopy;
}
export interface ForkedCopy {
  volumeId: Uuid;
  chain: Chain;
  foreignLayers: ForeignLayers;
}
/**
 * Makes the last layer of the chain, an empty overlay, reads all headers back, compares, and writes the record of the volume's own layers. For a volume that no guest has open. A difference fails with chain_mismatch.
 */
export interface OverlayAppendParams {
  volumeId: Uuid;
  share: string;
  chain: Chain;
  foreignLayers: ForeignLayers;
}
/**
 * Writes the record of the chain, which is that without the file (a volume that has no layer of its own then has no record), and removes the file. Takes back what overlay.append did, and ends a merge.
 */
export interface OverlayWithdrawParams {
  volumeId: Uuid;
  share: string;
  chain: Chain;
  foreignLayers: ForeignLayers;
  overlayFile: FileName;
}
/**
 * Makes two empty overlays above the same layer, the last but one of both chains: the volume's own, and the first layer of a copy of it. Headers of both chains are read back and compared; then both records are written. For a volume that no guest has open. A difference fails with chain_mismatch.
 */
export interface OverlayForkParams {
  volumeId: Uuid;
  share: string;
  chain: Chain;
  foreignLayers: ForeignLayers;
  copy: ForkedCopy;
  /**
   * The copy's chain when the volume's active layer (the last but one of its chain) holds nothing. Then no overlay of the volume is made; the copy stands on the layer below.
   */
  belowEmpty?: {
    chain: Chain;
    foreignLayers: ForeignLayers;
  };
}
/**
 * Both overlays of a fork are there, and a guest writes to the volume's own. Headers of both chains are read back and compared; then both records are written. Makes no file. A difference fails with chain_mismatch.
 */
export interface OverlaySettleForkParams {
  volumeId: Uuid;
  share: string;
  chain: Chain;
  foreignLayers: ForeignLayers;
  copy: ForkedCopy;
}
export interface OverlayForkOutput {
  /**
   * The copy stands below the active layer; nothing of the volume has changed.
   */
  reused?: true;
  layers: readonly ObservedLayer[];
  copyLayers: readonly ObservedLayer[];
}
/**
 * Takes back what overlay.fork did. The chain is the volume's without the overlay; the copy then has neither file nor record.
 */
export interface OverlayUnforkParams {
  volumeId: Uuid;
  share: string;
  chain: Chain;
  foreignLayers: ForeignLayers;
  overlayFile: FileName;
  copy: {
    volumeId: Uuid;
    file: FileName;
  };
}
export interface LayerCommitParams {
  volumeId: Uuid;
  share: string;
  chain: Chain;
  file: FileName;
  direction?: MergeDirection;
  bytesPerSecond?: BytesPerSecond;
}
/**
 * Pulls all that is below `file` into `file`, which has no backing file afterwards. The output is the chain from `file` up. No guest has the chain open.
 */
export interface LayerFlattenParams {
  volumeId: Uuid;
  share: string;
  chain: Chain;
  file: FileName;
  bytesPerSecond?: BytesPerSecond;
}
export interface ChainMeasureParams {
  volumeId: Uuid;
  share: string;
  chain: Chain;
  /**
   * Files of the chain that are about to change. When a file outside of it stands on one of them, the answer is `chain_mismatch`.
   */
  changing?: readonly string[];
}
export interface ChainMeasureOutput {
  layers: readonly MeasuredLayer[];
}
export interface MeasuredLayer {
  file: string;
  /**
   * What the file takes on its share, holes left out.
   */
  allocatedBytes: number;
  /**
   * Of a qcow2 layer whose header has no room for the mark of a merge; absent: it has.
   */
  qcow2Version?: 2;
}
/**
 * What is there, unjudged. A missing or hostile file is an answer.
 */
export interface ChainInspectOutput {
  files: readonly InspectedFile[];
  /**
   * Of volume-<id>.info; null when it is not there or cannot be read.
   */
  info: {
    active: string;
    snapshots: {
      [k: string]: string;
    };
  } | null;
  infoProblem: string | null;
}
export interface InspectedFile {
  file: string;
  kind: 'file' | 'missing' | 'other';
  format: 'raw' | 'qcow2' | null;
  virtualSizeBytes: number | null;
  backingFile: string | null;
  backingFormat: string | null;
  sizeBytes: number;
  allocatedBytes: number;
  linkCount: number;
  mode: number;
  problem: string | null;
}
export interface ChainOutput {
  chain: Chain;
}
export interface ChainVerifyParams {
  volumeId: Uuid;
  share: string;
  chain: Chain;
}
export interface LayersOutput {
  layers: readonly ObservedLayer[];
}
/**
 * Opens the worker's data server for one upload: PUT /transfers/<transferId> with the ticket as bearer token. The command ends when the bytes lie on the share under the name of `file`, durable and judged, or fails with transfer_interrupted when nobody sends. It is repeatable: what an earlier attempt had received is given up, and the same ticket counts again.
 */
export interface TransferReceiveParams {
  volumeId: Uuid;
  transferId: Uuid;
  share: string;
  file: FileName;
  /**
   * What the sender says that it is. raw: plain data, which claims to be no container. qcow2: judged as every header is; names no other file. opaque: whatever else, kept as it comes as a raw layer, which no image tool may ever open.
   */
  format: 'raw' | 'qcow2' | 'opaque';
  /**
   * Whose transfer it is: streams of one project have a limit.
   */
  project?: string;
  ticketSha256: TicketSha256;
  /**
   * More are refused on the way.
   */
  maxBytes: number;
  /**
   * Exactly so many
   */
  expectedBytes?: number;
  /**
   * A disk that is larger fails with bad_request.
   */
  maxVirtualSizeBytes?: number;
  /**
   * In the place of MD5 and SHA-512, which images are known by.
   */
  hash?: 'sha256';
  idleSeconds: IdleSeconds;
}
/**
 * Fetches the data of an image from the image service with the worker's own account, as a new file. It is judged as what clients send is, and has to be what the image service says of it.
 */
export interface GlanceFetchParams {
  volumeId: Uuid;
  share: string;
  file: FileName;
  imageId: Uuid;
  /**
   * The disk format, in the words of the image service; the bytes have to show it.
   */
  declared: string | null;
  /**
   * As in TransferReceiveParams.
   */
  format: 'raw' | 'qcow2' | 'opaque';
  maxBytes: number;
  expectedBytes?: number;
  md5?: string;
  sha512?: string;
}
/**
 * claim: the image must be there. discard: it is deleted, with the data that it may have got; one that is not there is success.
 */
export interface GlanceImageParams {
  volumeId: Uuid;
  imageId: Uuid;
}
/**
 * Sends a file as the data of an image that waits for it. An image that has these bytes already is success.
 */
export interface GlanceSendParams {
  volumeId: Uuid;
  share: string;
  file: FileName;
  imageId: Uuid;
  bytes: number;
  md5: string;
  sha512: string;
}
export interface TransferReceiveOutput {
  layer: Layer1;
  /**
   * That were received; the file may be longer by its padding.
   */
  bytes: number;
  md5?: string;
  sha512?: string;
  sha256?: Sha256;
  /**
   * Every format that the bytes claim to be, e.g. vmdk, iso, gpt.
   */
  detected: readonly string[];
}
/**
 * The file as it lies there, padded with zeros to whole sectors (raw) or clusters (qcow2).
 */
export interface Layer1 {
  file: FileName;
  format: LayerFormat;
  virtualSizeBytes: number;
  snapshotId: string | null;
  /**
   * Of the key that the layer is encrypted with; a layer without it is not encrypted.
   */
  keyId?: string;
}
/**
 * Opens the worker's data server for one download of a file as it is: GET and HEAD /transfers/<transferId>, with ranges, as often as wanted, until the reader ends it with DELETE, has read all of it in one piece, or moves nothing for idleSeconds.
 */
export interface TransferSendParams {
  volumeId: Uuid;
  transferId: Uuid;
  share: string;
  file: FileName;
  /**
   * How many of the file; default all. An image has what was received, without padding.
   */
  bytes?: number;
  /**
   * Whose transfer it is: streams of one project have a limit.
   */
  project?: string;
  ticketSha256: TicketSha256;
  idleSeconds: IdleSeconds;
  /**
   * It ends after so long whatever is still read.
   */
  lifeSeconds: number;
}
export interface TransferSendOutput {
  /**
   * In all answers together.
   */
  sentBytes: number;
  /**
   * The reader has said so, or has read the whole in one piece.
   */
  complete: boolean;
}
export interface RecordWriteParams {
  volumeId: Uuid;
  share: string;
  /**
   * null removes the record.
   */
  chain: Chain | null;
}
export interface ShareScanParams {
  share: string;
  /**
   * The `next` of the page before; null for the first.
   */
  after: string | null;
  /**
   * Of the entries as JSON; a page has at least one entry.
   */
  maxBytes: number;
}
export interface ShareScanOutput {
  entries: readonly ScanEntry[];
  /**
   * null behind the last page.
   */
  next: string | null;
}
export interface CustodyWriteParams {
  share: string;
  records: {
    volumeId: Uuid;
    /**
     * null removes the record.
     */
    text: string | null;
  }[];
}
export interface ExportLookParams {
  volumeId: Uuid;
  share: string;
  directory: string;
  name: FileName;
}
export interface ExportLookOutput {
  /**
   * It is there, complete.
   */
  present: boolean;
}
export interface ExportPlaceParams {
  volumeId: Uuid;
  share: string;
  directory: string;
  name: FileName;
  /**
   * Of the share, to be moved there; null writes the text alone.
   */
  file: string | null;
  /**
   * Written last, as <name>.json.
   */
  text: string;
  /**
   * A line of SHA256SUMS in the directory.
   */
  sum?: {
    /**
     * Relative to the directory.
     */
    path: string;
    sha256: Sha256;
  };
}
/**
 * One backup's part of the backup store.
 */
export interface BackupPlace {
  backupId: Uuid;
  container: string;
}
export interface BackupWriteParams {
  volumeId: Uuid;
  share: string;
  source: Chain;
  backup: BackupPlace;
  /**
   * What an incremental backup is compared with; null: all is stored.
   */
  parent: BackupParent | null;
}
export interface BackupParent {
  backupId: Uuid;
  container: string;
  manifestSha256: Sha256;
  /**
   * So many layers at the beginning of the source show together what the parent holds; 0: nothing is known.
   */
  unchangedLayers: number;
}
export interface BackupWriteOutput {
  service: 'directory' | 's3' | 'swift';
  manifestSha256: Sha256;
  objectCount: number;
  storedBytes: number;
  /**
   * Of the volume.
   */
  readBytes: number;
  /**
   * Of the encrypted volume; its objects are sealed with a key made of it. Absent: it is not encrypted.
   */
  keyId?: Uuid;
}
export interface BackupReadParams {
  volumeId: Uuid;
  share: string;
  backup: BackupPlace;
  manifestSha256: Sha256;
  /**
   * The last layer is made (or, when an earlier attempt has made it, filled again) and holds the backup; nobody reads it yet.
   */
  chain: Chain;
  preallocation: 'off' | 'metadata' | 'falloc' | 'full';
}
export interface BackupVerifyParams {
  backup: BackupPlace;
  manifestSha256: Sha256 | null;
  /**
   * Every object is read, too; else the manifest alone.
   */
  deep: boolean;
  /**
   * A manifest of a larger disk is none. Absent: as large as any disk.
   */
  maxDiskBytes?: number;
}
export interface BackupVerifyOutput {
  service: 'directory' | 's3' | 'swift';
  volumeId: Uuid;
  sizeBytes: number;
  manifestSha256: Sha256;
  objectCount: number;
  storedBytes: number;
  /**
   * The key of an encrypted volume that the manifest is sealed with. Absent: none.
   */
  keyId?: Uuid;
  /**
   * What of it cannot be given back; absent when not every object was asked for.
   */
  damage?: BackupDamage;
  /**
   * Other backups whose objects hold a part of it.
   */
  needs: readonly Uuid[];
}
export interface BackupDamage {
  /**
   * Chunks that are no zeros.
   */
  checkedChunks: number;
  damagedChunks: number;
  /**
   * The first ones.
   *
   * @maxItems 64
   */
  stretches: readonly BackupDamagedStretch[];
}
export interface BackupDamagedStretch {
  /**
   * Of the disk.
   */
  firstByte: number;
  bytes: number;
  backupId: Uuid;
  /**
   * The object of that backup in the store that holds it, or should.
   */
  object: string;
  reason: 'missing' | 'damaged';
}
export interface BackupRemoveParams {
  backup: BackupPlace;
}
export interface EmptyOutput {}
export interface DiskSpec {
  volumeId: Uuid;
  serial: string;
  access: ShareAccess;
  chain: Chain;
  readOnly: boolean;
  bootIndex: number | null;
  /**
   * So many layers at the beginning of the chain belong to other volumes, and are opened for reading only. Default 0.
   */
  foreignLayers?: number;
}
export interface ObservedDisk {
  volumeId: Uuid;
  layers: readonly ObservedLayer[];
}
export interface ObservedServer {
  serverId: Uuid;
  powerState: 0 | 1 | 3 | 4 | 6 | 7;
  disks: readonly ObservedDisk[];
}
export interface ServerStartParams {
  serverId: Uuid;
  name: string;
  vcpus: number;
  memoryMib: number;
  disks: readonly DiskSpec[];
}
export interface ServerStopParams {
  serverId: Uuid;
  graceMs: number;
}
export interface ServerParams {
  serverId: Uuid;
}
export interface ServerOutput {
  /**
   * null when this host has no such server.
   */
  server: ObservedServer | null;
}
export interface DiskAttachParams {
  serverId: Uuid;
  disk: DiskSpec;
}
export interface DiskOutput {
  disk: ObservedDisk;
}
export interface DiskDetachParams {
  serverId: Uuid;
  volumeId: Uuid;
}
export interface GuestSwitchParams {
  serverId: Uuid;
  disks: readonly SwitchDisk[];
  /**
   * `try`: the guest's agent, when there is one, freezes the guest's file systems for the moment of the switch. Default `none`.
   *
   */
  freeze?: 'none' | 'try';
}
/**
 * The chain before the switch, and the overlay prepared above it.
 */
export interface SwitchDisk {
  volumeId: Uuid;
  chain: Chain;
  overlayFile: FileName;
}
export interface GuestSwitchOutput {
  disks: readonly ObservedDisk[];
  freeze?: FreezeReport;
}
/**
 * Whether the guest's file systems were frozen at the moment of the switch, and why not.
 */
export interface FreezeReport {
  frozen: boolean;
  /**
   * How many the agent says it froze; 0 when the guest has none mounted.
   */
  fileSystems: number;
  /**
   * null when frozen.
   */
  reason: 'not_asked' | 'no_agent' | 'agent_silent' | 'agent_refused' | 'too_slow' | 'unknown' | null;
}
export interface GuestMergeParams {
  serverId: Uuid;
  volumeId: Uuid;
  chain: Chain;
  file: FileName;
  direction?: MergeDirection;
  bytesPerSecond?: BytesPerSecond;
}
/**
 * The live form of layer.flatten. The output is the disk as the guest has it open afterwards.
 */
export interface GuestFlattenParams {
  serverId: Uuid;
  volumeId: Uuid;
  chain: Chain;
  file: FileName;
  bytesPerSecond?: BytesPerSecond;
}
/**
 * The guest's disk goes from the files of one share to those of another, while it runs. All layers of the target are there; its active one takes what the disk's active layer holds, and what the guest writes meanwhile. The output is the disk as the guest has it open then.
 */
export interface GuestMirrorParams {
  serverId: Uuid;
  volumeId: Uuid;
  chain: Chain;
  foreignLayers: number;
  target: {
    access: ShareAccess;
    chain: Chain;
  };
  bytesPerSecond?: BytesPerSecond;
}
/**
 * The disk, when the guest has it open on the other share already.
 */
export interface GuestUnmirrorOutput {
  disk?: ObservedDisk;
}
export interface GuestResizeParams {
  serverId: Uuid;
  volumeId: Uuid;
  chain: Chain;
  newSizeBytes: number;
}
