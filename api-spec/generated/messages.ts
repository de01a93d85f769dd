// Generated from api-spec by `npm run generate`; do not edit.
export type Uuid = string;
/**
 * A base name on a share; never a path.
 */
export type FileName = string;
export type Phase = 'do' | 'undo';
export type CommandType =
  | 'image.create'
  | 'image.copy'
  | 'image.compare'
  | 'image.extend'
  | 'image.manage'
  | 'files.remove'
  | 'overlay.prepare'
  | 'layer.commit'
  | 'chain.verify'
  | 'record.write'
  | 'server.start'
  | 'server.stop'
  | 'server.delete'
  | 'server.inspect'
  | 'disk.attach'
  | 'disk.detach'
  | 'guest.switch'
  | 'guest.close-overlays'
  | 'guest.merge'
  | 'guest.resize';
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
}
export interface ObservedLayer {
  file: string;
  format: LayerFormat;
  virtualSizeBytes: number;
  backingFile: string | null;
}
export interface ImageTarget {
  share: string;
  file: FileName;
  format: LayerFormat;
  sizeBytes: number;
  preallocation: Preallocation;
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
export interface ImageExtendParams {
  volumeId: Uuid;
  share: string;
  chain: Chain;
  newSizeBytes: number;
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
}
export interface OverlayPrepareParams {
  volumeId: Uuid;
  share: string;
  chain: Chain;
  overlayFile: FileName;
}
export interface LayerCommitParams {
  volumeId: Uuid;
  share: string;
  chain: Chain;
  file: FileName;
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
export interface RecordWriteParams {
  volumeId: Uuid;
  share: string;
  /**
   * null removes the record.
   */
  chain: Chain | null;
}
export interface EmptyOutput {}
export interface DiskSpec {
  volumeId: Uuid;
  serial: string;
  access: ShareAccess;
  chain: Chain;
  readOnly: boolean;
  bootIndex: number | null;
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
}
export interface GuestMergeParams {
  serverId: Uuid;
  volumeId: Uuid;
  chain: Chain;
  file: FileName;
}
export interface GuestResizeParams {
  serverId: Uuid;
  volumeId: Uuid;
  chain: Chain;
  newSizeBytes: number;
}
