// The AMQP contract in types.
//
// Words: a *command* asks one worker for one step of one operation; a *result* answers it (or tells its *progress*);
// a *report* is a worker's heartbeat. *Attempt* counts how often a step was asked; *epoch* grows with every ask of any
// operation, so a worker can refuse what an older owner still sends. *Phase* tells doing from undoing. A *notice* tells one process
// what it is to know of itself.
// The JSON schemas are in api-spec/messages.yaml; the types here are derived from them, never the other way round.
import type * as wire from '../../../api-spec/generated/messages.js';
import type { Chain, Layer, ObservedLayer } from '../domain/chain.js';

export type Phase = wire.Phase;
export type CommandType = wire.CommandType;
export type WireError = wire.WireError;
export type Report = wire.Report;
export type Notice = wire.Notice;
export type PoolReportMessage = wire.PoolReport;
export type ShareAccessMessage = wire.ShareAccess;
export type DiskSpecMessage = wire.DiskSpec;
export type ObservedDiskMessage = wire.ObservedDisk;
export type ObservedServerMessage = wire.ObservedServer;

/** Parameters and output of every command type: one row per command. */
export interface CommandTable {
  'key.create': { params: wire.KeyCreateParams; output: wire.KeyOutput };
  'key.remove': { params: wire.KeyRemoveParams; output: wire.EmptyOutput };
  'image.create': { params: wire.ImageCreateParams; output: wire.LayerOutput };
  'image.copy': { params: wire.ImageCopyParams; output: wire.LayerOutput };
  /** The copy's parameters once more: does the target show what the source shows? */
  'image.compare': { params: wire.ImageCopyParams; output: wire.EmptyOutput };
  'image.convert': { params: wire.ImageConvertParams; output: wire.ImageConvertOutput };
  /** Length and hashes of one file, as somebody who downloads it would compute them. */
  'image.digest': { params: wire.ImageDigestParams; output: wire.ImageDigestOutput };
  'image.checksum': { params: wire.ImageChecksumParams; output: wire.ImageChecksumOutput };
  'image.extend': { params: wire.ImageExtendParams; output: wire.LayerOutput };
  'image.manage': { params: wire.ImageManageParams; output: wire.LayerOutput };
  'files.remove': { params: wire.FilesRemoveParams; output: wire.EmptyOutput };
  'overlay.prepare': { params: wire.OverlayPrepareParams; output: wire.LayerOutput };
  /** Prepared, read back and put on record in one go. */
  'overlay.append': { params: wire.OverlayAppendParams; output: wire.LayersOutput };
  'overlay.withdraw': { params: wire.OverlayWithdrawParams; output: wire.EmptyOutput };
  /** Two overlays above one layer: the volume's own and its copy's. */
  'overlay.fork': { params: wire.OverlayForkParams; output: wire.OverlayForkOutput };
  'overlay.unfork': { params: wire.OverlayUnforkParams; output: wire.EmptyOutput };
  'overlay.settle-fork': { params: wire.OverlaySettleForkParams; output: wire.OverlayForkOutput };
  'layer.commit': { params: wire.LayerCommitParams; output: wire.ChainOutput };
  'layer.flatten': { params: wire.LayerFlattenParams; output: wire.ChainOutput };
  'chain.measure': { params: wire.ChainMeasureParams; output: wire.ChainMeasureOutput };
  'chain.inspect': { params: wire.ChainVerifyParams; output: wire.ChainInspectOutput };
  'chain.verify': { params: wire.ChainVerifyParams; output: wire.LayersOutput };
  'chain.copy': { params: wire.ChainCopyParams; output: wire.LayersOutput };
  /** The copy's parameters once more: does each layer of the target show what the source's layer shows? */
  'chain.compare': { params: wire.ChainCopyParams; output: wire.EmptyOutput };
  'record.write': { params: wire.RecordWriteParams; output: wire.EmptyOutput };
  'share.scan': { params: wire.ShareScanParams; output: wire.ShareScanOutput };
  'files.settle': { params: wire.FilesRemoveParams; output: wire.EmptyOutput };
  'custody.write': { params: wire.CustodyWriteParams; output: wire.EmptyOutput };
  'export.look': { params: wire.ExportLookParams; output: wire.ExportLookOutput };
  'export.place': { params: wire.ExportPlaceParams; output: wire.EmptyOutput };
  /** Bytes from a client, by ticket, into a new file. */
  'transfer.receive': { params: wire.TransferReceiveParams; output: wire.TransferReceiveOutput };
  /** A file's bytes to a client, by ticket. */
  'transfer.send': { params: wire.TransferSendParams; output: wire.TransferSendOutput };
  /** An image's bytes from the image service, as a new file. */
  'glance.fetch': { params: wire.GlanceFetchParams; output: wire.TransferReceiveOutput };
  'glance.claim': { params: wire.GlanceImageParams; output: wire.EmptyOutput };
  /** A file's bytes to the image service. */
  'glance.send': { params: wire.GlanceSendParams; output: wire.EmptyOutput };
  'glance.discard': { params: wire.GlanceImageParams; output: wire.EmptyOutput };
  'backup.write': { params: wire.BackupWriteParams; output: wire.BackupWriteOutput };
  'backup.read': { params: wire.BackupReadParams; output: wire.LayersOutput };
  'backup.remove': { params: wire.BackupRemoveParams; output: wire.EmptyOutput };
  'backup.verify': { params: wire.BackupVerifyParams; output: wire.BackupVerifyOutput };
  'server.start': { params: wire.ServerStartParams; output: wire.ServerOutput };
  'server.stop': { params: wire.ServerStopParams; output: wire.EmptyOutput };
  'server.delete': { params: wire.ServerParams; output: wire.EmptyOutput };
  'server.inspect': { params: wire.ServerParams; output: wire.ServerOutput };
  'disk.attach': { params: wire.DiskAttachParams; output: wire.DiskOutput };
  'disk.detach': { params: wire.DiskDetachParams; output: wire.EmptyOutput };
  'guest.switch': { params: wire.GuestSwitchParams; output: wire.GuestSwitchOutput };
  'guest.close-overlays': { params: wire.GuestSwitchParams; output: wire.GuestSwitchOutput };
  'guest.merge': { params: wire.GuestMergeParams; output: wire.DiskOutput };
  'guest.flatten': { params: wire.GuestFlattenParams; output: wire.DiskOutput };
  'guest.resize': { params: wire.GuestResizeParams; output: wire.DiskOutput };
  'guest.mirror': { params: wire.GuestMirrorParams; output: wire.DiskOutput };
  /** Ends a mirror that shall not be; answers forward when the guest was switched already. */
  'guest.unmirror': { params: wire.GuestMirrorParams; output: wire.GuestUnmirrorOutput };
}

/** The schema names (in api-spec/messages.yaml) of every command's parameters and output. */
export const commandSchemas = {
  'key.create': { params: 'KeyCreateParams', output: 'KeyOutput' },
  'key.remove': { params: 'KeyRemoveParams', output: 'EmptyOutput' },
  'image.create': { params: 'ImageCreateParams', output: 'LayerOutput' },
  'image.copy': { params: 'ImageCopyParams', output: 'LayerOutput' },
  'image.compare': { params: 'ImageCopyParams', output: 'EmptyOutput' },
  'image.convert': { params: 'ImageConvertParams', output: 'ImageConvertOutput' },
  'image.digest': { params: 'ImageDigestParams', output: 'ImageDigestOutput' },
  'image.checksum': { params: 'ImageChecksumParams', output: 'ImageChecksumOutput' },
  'image.extend': { params: 'ImageExtendParams', output: 'LayerOutput' },
  'image.manage': { params: 'ImageManageParams', output: 'LayerOutput' },
  'files.remove': { params: 'FilesRemoveParams', output: 'EmptyOutput' },
  'overlay.prepare': { params: 'OverlayPrepareParams', output: 'LayerOutput' },
  'overlay.append': { params: 'OverlayAppendParams', output: 'LayersOutput' },
  'overlay.withdraw': { params: 'OverlayWithdrawParams', output: 'EmptyOutput' },
  'overlay.fork': { params: 'OverlayForkParams', output: 'OverlayForkOutput' },
  'overlay.unfork': { params: 'OverlayUnforkParams', output: 'EmptyOutput' },
  'overlay.settle-fork': { params: 'OverlaySettleForkParams', output: 'OverlayForkOutput' },
  'layer.commit': { params: 'LayerCommitParams', output: 'ChainOutput' },
  'layer.flatten': { params: 'LayerFlattenParams', output: 'ChainOutput' },
  'chain.measure': { params: 'ChainMeasureParams', output: 'ChainMeasureOutput' },
  'chain.inspect': { params: 'ChainVerifyParams', output: 'ChainInspectOutput' },
  'chain.verify': { params: 'ChainVerifyParams', output: 'LayersOutput' },
  'chain.copy': { params: 'ChainCopyParams', output: 'LayersOutput' },
  'chain.compare': { params: 'ChainCopyParams', output: 'EmptyOutput' },
  'record.write': { params: 'RecordWriteParams', output: 'EmptyOutput' },
  'share.scan': { params: 'ShareScanParams', output: 'ShareScanOutput' },
  'files.settle': { params: 'FilesRemoveParams', output: 'EmptyOutput' },
  'custody.write': { params: 'CustodyWriteParams', output: 'EmptyOutput' },
  'export.look': { params: 'ExportLookParams', output: 'ExportLookOutput' },
  'export.place': { params: 'ExportPlaceParams', output: 'EmptyOutput' },
  'transfer.receive': { params: 'TransferReceiveParams', output: 'TransferReceiveOutput' },
  'transfer.send': { params: 'TransferSendParams', output: 'TransferSendOutput' },
  'glance.fetch': { params: 'GlanceFetchParams', output: 'TransferReceiveOutput' },
  'glance.claim': { params: 'GlanceImageParams', output: 'EmptyOutput' },
  'glance.send': { params: 'GlanceSendParams', output: 'EmptyOutput' },
  'glance.discard': { params: 'GlanceImageParams', output: 'EmptyOutput' },
  'backup.write': { params: 'BackupWriteParams', output: 'BackupWriteOutput' },
  'backup.read': { params: 'BackupReadParams', output: 'LayersOutput' },
  'backup.remove': { params: 'BackupRemoveParams', output: 'EmptyOutput' },
  'backup.verify': { params: 'BackupVerifyParams', output: 'BackupVerifyOutput' },
  'server.start': { params: 'ServerStartParams', output: 'ServerOutput' },
  'server.stop': { params: 'ServerStopParams', output: 'EmptyOutput' },
  'server.delete': { params: 'ServerParams', output: 'EmptyOutput' },
  'server.inspect': { params: 'ServerParams', output: 'ServerOutput' },
  'disk.attach': { params: 'DiskAttachParams', output: 'DiskOutput' },
  'disk.detach': { params: 'DiskDetachParams', output: 'EmptyOutput' },
  'guest.switch': { params: 'GuestSwitchParams', output: 'GuestSwitchOutput' },
  'guest.close-overlays': { params: 'GuestSwitchParams', output: 'GuestSwitchOutput' },
  'guest.merge': { params: 'GuestMergeParams', output: 'DiskOutput' },
  'guest.flatten': { params: 'GuestFlattenParams', output: 'DiskOutput' },
  'guest.resize': { params: 'GuestResizeParams', output: 'DiskOutput' },
  'guest.mirror': { params: 'GuestMirrorParams', output: 'DiskOutput' },
  'guest.unmirror': { params: 'GuestMirrorParams', output: 'GuestUnmirrorOutput' },
} as const satisfies Record<CommandType, { params: string; output: string }>;

export type CommandParams<T extends CommandType> = CommandTable[T]['params'];
export type CommandOutput<T extends CommandType> = CommandTable[T]['output'];

export interface Command<T extends CommandType = CommandType> {
  readonly version: 1;
  readonly kind: 'command';
  readonly id: string;
  readonly operationId: string;
  readonly operationType: string;
  readonly step: string;
  readonly phase: Phase;
  readonly attempt: number;
  readonly epoch: number;
  /** The worker's life that wanted to be asked again; null: nobody did. Not in commands of the release before. */
  readonly life?: string | null;
  readonly timeoutMs: number;
  readonly requestId: string;
  readonly type: T;
  readonly params: CommandParams<T>;
}

/** Asks the worker to interrupt what it runs for an operation; goes the way of commands. */
export interface Cancel {
  readonly version: 1;
  readonly kind: 'cancel';
  readonly operationId: string;
  /** Commands of a higher epoch were asked after this was sent, and go on. */
  readonly epoch: number;
}

export interface FailedOutcome {
  readonly kind: 'failed';
  readonly error: WireError;
  readonly partial: boolean;
  /** Nothing was done, and nothing has failed: the worker's life that is to be asked again if the step is still wanted. */
  readonly askAgain?: string;
  /** With `askAgain`: it was asked for an earlier life already, which has ended without an answer. */
  readonly askedBefore?: boolean;
}

export type StepOutcome =
  | { readonly kind: 'done'; readonly output: object }
  | FailedOutcome
  | { readonly kind: 'progress'; readonly percent: number }
  | { readonly kind: 'forward'; readonly output: object };

export const isAskAgain = (outcome: StepOutcome): boolean =>
  outcome.kind === 'failed' && outcome.askAgain !== undefined;

export interface Result {
  readonly version: 1;
  readonly kind: 'result';
  readonly operationId: string;
  readonly step: string;
  readonly phase: Phase;
  readonly attempt: number;
  readonly epoch: number;
  readonly worker: string;
  readonly outcome: StepOutcome;
}

/** The answer to a command, with the command's identity copied over. */
export function resultOf(command: Command, worker: string, outcome: StepOutcome): Result {
  const { operationId, step, phase, attempt, epoch } = command;
  return { version: 1, kind: 'result', operationId, step, phase, attempt, epoch, worker, outcome };
}

/** Routing keys; also queue names, behind the configured prefix. */
export const routingKeys = {
  volume: (backendHost: string) => `commands.volume.${backendHost}`,
  compute: (host: string) => `commands.compute.${host}`,
  results: 'results',
  reports: 'reports',
  notices: (bootId: string) => `notices.${bootId}`,
  parked: 'parked',
} as const;

// Proof at compile time that the domain's chain types are what goes over the wire.
type Assignable<A, B> = [A] extends [B] ? true : never;
export const domainMatchesWire: [
  Assignable<Layer, Readonly<wire.Layer>>,
  Assignable<wire.Layer, Layer>,
  Assignable<ObservedLayer, Readonly<wire.ObservedLayer>>,
  Assignable<wire.ObservedLayer, ObservedLayer>,
  Assignable<wire.Chain, Chain>,
] = [true, true, true, true, true];
