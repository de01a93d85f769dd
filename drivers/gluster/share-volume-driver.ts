// The volume driver for image files on shares: puts the verbs together. Each verb lives in its own file; here is only who owns what:
// the provider mounts, OpenShares holds one helper process per share, QemuImg moves bulk data, the trash is emptied by a timer.
// The same class serves Gluster volumes and plain directories; `createVolumeDriver` (create-volume-driver.ts) chooses.
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { activeLayer, type Chain, type Layer, type ObservedLayer } from '../../services/core/domain/chain.js';
import type { ChainInspection } from '../../services/core/domain/chain-check.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { ByteRange } from '../image/chain-extents.js';
import { type OpenDisk, withDisk } from '../image/disk-access.js';
import { describeChainForQemu } from '../image/image-source.js';
import { KeyedTools } from '../image/keyed-tools.js';
import { isOldQcow2, QCOW2_VERSION_BYTES } from '../image/qcow2-header.js';
import { QemuImg } from '../image/qemu-img.js';
import { type KeyStore, noKeyStore } from '../key-store/key-store.js';
import type { CommandRunner } from '../process/command-runner.js';
import type {
  AppendOverlaySpec,
  CommitLayerSpec,
  ConvertedImage,
  ConvertImageSpec,
  CopyChainSpec,
  CopyLayerSpec,
  CreateImageSpec,
  DirectSource,
  DriverIdentity,
  ExportPlaceSpec,
  ExtendImageSpec,
  FileDigest,
  FlattenLayerSpec,
  LongWork,
  ManageImageSpec,
  MeasureChainSpec,
  MeasuredLayer,
  OutgoingBytes,
  PlaceExportSpec,
  PoolReport,
  PrepareOverlaySpec,
  ReadBytesSpec,
  ReceivedImage,
  ReceiveImageSpec,
  RemoveFilesSpec,
  ScanShareSpec,
  ShareScan,
  UseDiskSpec,
  VolumeDriver,
  WriteCustodySpec,
  WriteRecordSpec,
} from '../volume-driver.js';
import type { BackendOptions } from './backend-options.js';
import { observeChain, requireChain } from './chain-headers.js';
import { extendImage, manageImage } from './change-image.js';
import { commitLayer } from './commit-layer.js';
import { compareCopy } from './compare-copy.js';
import { convertImage } from './convert-image.js';
import { copyChain } from './copy-chain.js';
import { compareLayer, copyLayer } from './copy-layer.js';
import { holdsNothing } from './empty-layer.js';
import { recordNameOf, requireExportDirectory, requireFileName, requireSumLine } from './file-names.js';
import { inspectChain } from './inspect-chain.js';
import { createImage, type ImageTools, makeOverlayOnRecord, paddingOf, prepareOverlay } from './make-image.js';
import { type OpenShare, OpenShares } from './open-shares.js';
import { PoolReports } from './pool-reports.js';
import { flattenLayer } from './pull-layer.js';
import { digestFile, readBytes, sizeOfFile } from './read-bytes.js';
import { findReceived, receiveImage } from './receive-image.js';
import type { ShareProvider } from './share-provider.js';
import { refuseShared } from './shared-layer.js';
import { StorageUsers } from './storage-user.js';
import { formatVolumeRecord } from './volume-record.js';

/** Reading every header of a large share takes a while. */
const REMOVE_DEADLINE_MS = 120_000;
/** A page of some hundred headers takes a second or two over the network. */
const SCAN_DEADLINE_MS = 60_000;
/** Names and descriptions of all projects stand in these records. */
const CUSTODY_MODE = 0o600;
/** How long the start waits for the first look at the shares' settings, so that the first report names every server. */
const FIRST_LOOK_MS = 5_000;
const TRASH_ROUND_MS = 60_000;

/** A large file that was just written may take long to sync. */
function settleDeadlineMs(chain: Chain): number {
  return 60_000 + activeLayer(chain).virtualSizeBytes / (8 * 1024 * 1024);
}

export interface ShareVolumeDriverParts {
  readonly options: BackendOptions;
  readonly provider: ShareProvider;
  readonly runner: CommandRunner;
  /** Where keys of encrypted volumes are; without one such volumes cannot be served. */
  readonly keys?: KeyStore;
  /** Milliseconds since 1970; for the trash. */
  readonly now?: () => number;
  /** Milliseconds, by which shares are looked at now and then. */
  readonly monotonicMs?: () => number;
  /** Replaces the helper program in tests. */
  readonly ioModule?: URL;
  /** Told when a round in the background fails; nothing is thrown. */
  readonly onBackgroundError?: (error: unknown) => void;
}

export class ShareVolumeDriver implements VolumeDriver {
  readonly identity: DriverIdentity;
  private readonly users: StorageUsers;
  private readonly shares: OpenShares;
  private readonly reports: PoolReports;
  private readonly tools: ImageTools;
  private readonly graceMs: number;
  private trashTimer: NodeJS.Timeout | null = null;

  constructor(private readonly parts: ShareVolumeDriverParts) {
    const { options, provider } = parts;
    this.identity = { vendorName: 'Open Source', driverVersion: '2.0.0', storageProtocol: provider.storageProtocol };
    this.users = new StorageUsers(parts.runner);
    this.shares = new OpenShares(provider, {
      ioDeadlineMs: options.ioDeadlineMs,
      storageUser: options.storageUser,
      users: this.users,
      ioModule: parts.ioModule ?? null,
    });
    this.reports = new PoolReports(provider, this.shares, parts.monotonicMs);
    const keys = parts.keys ?? noKeyStore;
    const runner = new KeyedTools(this.users, keys);
    this.tools = {
      qemuImg: new QemuImg(runner),
      runner,
      keys,
      fileMode: options.fileMode,
      now: parts.now ?? Date.now,
    };
    this.graceMs = options.trashGraceSeconds * 1000;
  }

  async setup(): Promise<void> {
    const reports = await this.reportPools();
    const looks = reports.map(({ access }) => this.parts.provider.lookAt(access.share));
    await Promise.race([Promise.all(looks), sleep(FIRST_LOOK_MS, undefined, { ref: false })]);
    await this.emptyTrash();
    this.trashTimer = setInterval(() => void this.emptyTrash(), TRASH_ROUND_MS);
    this.trashTimer.unref();
  }

  reportPools(): Promise<readonly PoolReport[]> {
    return this.reports.report();
  }

  async createImage(spec: CreateImageSpec): Promise<Layer> {
    return createImage(await this.shares.get(spec.share), spec, this.tools);
  }

  async copyChain(spec: CopyChainSpec, work: LongWork): Promise<Layer> {
    const [source, target] = await this.endsOf(spec);
    return copyChain(source, target, spec, this.tools, this.limited(work));
  }

  async compareCopy(spec: CopyChainSpec, work: LongWork): Promise<void> {
    const [source, target] = await this.endsOf(spec);
    await compareCopy(source, target, spec, this.tools, work);
  }

  async copyLayer(spec: CopyLayerSpec, work: LongWork): Promise<Layer> {
    const [source, target] = await this.endsOf(spec);
    return copyLayer(source, target, spec, this.tools, this.limited(work));
  }

  async compareLayer(spec: CopyLayerSpec, work: LongWork): Promise<void> {
    const [source, target] = await this.endsOf(spec);
    await compareLayer(source, target, spec, this.tools, work);
  }

  async convertImage(spec: ConvertImageSpec, work: LongWork): Promise<ConvertedImage> {
    const [source, target] = await this.endsOf(spec);
    return convertImage(source, target, spec, this.tools, this.limited(work));
  }

  async extendImage(spec: ExtendImageSpec): Promise<Layer> {
    return extendImage(await this.coherent(spec.share), spec, this.tools);
  }

  async manageImage(spec: ManageImageSpec): Promise<Layer> {
    return manageImage(await this.coherent(spec.share), spec, this.tools);
  }

  async prepareOverlay(spec: PrepareOverlaySpec): Promise<Layer> {
    return prepareOverlay(await this.coherent(spec.share), spec, this.tools);
  }

  async appendOverlay({ share, volumeId, chain, foreignLayers }: AppendOverlaySpec): Promise<readonly ObservedLayer[]> {
    const [below, overlay] = [chain.slice(0, -1), activeLayer(chain)];
    if (below.length === 0) throw new ServiceError('bad_request', 'An overlay needs a layer below it.');
    const { file: overlayFile, virtualSizeBytes: sizeBytes } = overlay;
    const spec = { share, chain: below, overlayFile, sizeBytes };
    const opened = await this.coherent(share);
    const content = formatVolumeRecord(chain.slice(foreignLayers));
    const record = { file: recordNameOf(volumeId), content, mode: this.tools.fileMode };
    return makeOverlayOnRecord(opened, spec, record, this.tools);
  }

  async holdsNothing({ share, chain }: { readonly share: string; readonly chain: Chain }): Promise<boolean> {
    const { io } = await this.coherent(share);
    return holdsNothing(io, chain);
  }

  async commitLayer(spec: CommitLayerSpec, work: LongWork): Promise<Chain> {
    return commitLayer(await this.coherent(spec.share), spec, this.tools, work);
  }

  async flattenLayer(spec: FlattenLayerSpec, work: LongWork): Promise<Chain> {
    return flattenLayer(await this.coherent(spec.share), spec, this.tools, work);
  }

  async measureChain(spec: MeasureChainSpec): Promise<readonly MeasuredLayer[]> {
    const { io } = await this.shares.get(spec.share);
    await refuseShared(io, spec.chain, spec.changing ?? []);
    const files = spec.chain.map(({ file }) => requireFileName(file));
    const bytes = await io.call('measureFiles', { files });
    const heads = await io.call('readHeads', { files, bytes: QCOW2_VERSION_BYTES });
    return spec.chain.map(({ file, format }, index) => {
      const old = format === 'qcow2' && isOldQcow2(heads[index]?.head ?? new Uint8Array());
      return { file, allocatedBytes: bytes[index] ?? 0, ...(old ? { qcow2Version: 2 as const } : {}) };
    });
  }

  async inspectChain(spec: {
    readonly share: string;
    readonly volumeId: string;
    readonly chain: Chain;
  }): Promise<ChainInspection> {
    const { io } = await this.coherent(spec.share);
    return inspectChain(io, spec.volumeId, spec.chain);
  }

  async readChain(spec: { readonly share: string; readonly chain: Chain }): Promise<readonly ObservedLayer[]> {
    const share = await this.coherent(spec.share);
    return (await observeChain(share.io, spec.chain)).map(({ observed }) => observed);
  }

  async removeFiles(spec: RemoveFilesSpec): Promise<void> {
    for (const file of spec.files) requireFileName(file);
    if (spec.files.length === 0) return;
    const share = await this.coherent(spec.share);
    // The time in the name is the one from which the grace counts.
    const laterMs = Math.max(0, (spec.keepSeconds ?? 0) * 1000 - this.graceMs);
    const params = { files: spec.files, nowMs: this.tools.now() + laterMs, keep: this.graceMs + laterMs > 0 };
    const references = await share.io.call('discardFiles', params, REMOVE_DEADLINE_MS);
    if (references.length > 0) {
      throw new ServiceError('chain_mismatch', 'The file is still the base of another image file.', {
        context: { references },
      });
    }
  }

  async writeRecord(spec: WriteRecordSpec): Promise<void> {
    const file = recordNameOf(spec.volumeId);
    const { io } = await this.shares.get(spec.share);
    if (spec.chain === null) await io.call('removeFile', { file });
    else await io.call('replaceFile', { file, content: formatVolumeRecord(spec.chain), mode: this.tools.fileMode });
  }

  async settleFiles(spec: { readonly share: string; readonly files: readonly string[] }): Promise<void> {
    const { io } = await this.coherent(spec.share);
    for (const file of spec.files)
      await io.call('settleFile', { file: requireFileName(file), padTo: paddingOf('qcow2') });
  }

  async scanShare({ share, after, maxBytes }: ScanShareSpec): Promise<ShareScan> {
    const { io } = await this.coherent(share);
    return io.call('scanPage', { after, maxBytes }, SCAN_DEADLINE_MS);
  }

  async writeCustody({ share, records }: WriteCustodySpec): Promise<void> {
    const { io } = await this.shares.get(share);
    await io.call('writeCustody', { records, mode: CUSTODY_MODE }, SCAN_DEADLINE_MS);
  }

  async useDisk<T>(spec: UseDiskSpec, signal: AbortSignal, use: (disk: OpenDisk) => Promise<T>): Promise<T> {
    const { io, path } = await this.coherent(spec.share);
    await requireChain(io, spec.chain);
    const source = describeChainForQemu(path, spec.chain);
    const map = (part: ByteRange) => this.tools.qemuImg.map(source, part, signal);
    const user = await io.call('identify', {});
    const answer = await withDisk(this.tools.runner, { source, writable: spec.writable, user, map, signal }, use);
    if (spec.writable) {
      const { file, format } = activeLayer(spec.chain);
      await io.call('settleFile', { file, padTo: paddingOf(format) }, settleDeadlineMs(spec.chain));
    }
    return answer;
  }

  async hasExport({ share, directory, name }: ExportPlaceSpec): Promise<boolean> {
    const { io } = await this.shares.get(share);
    return io.call('hasExport', { directory: requireExportDirectory(directory), name: requireFileName(name) });
  }

  async placeExport({ share, directory, name, file, text, sum }: PlaceExportSpec): Promise<void> {
    if (file !== null) requireFileName(file);
    const place = { directory: requireExportDirectory(directory), name: requireFileName(name) };
    const { io } = await this.coherent(share);
    const line = sum === undefined ? null : requireSumLine(sum);
    await io.call('placeExport', { ...place, file, text, sum: line, mode: this.tools.fileMode });
  }

  async receiveImage(
    spec: ReceiveImageSpec,
    source: Readable | DirectSource,
    signal: AbortSignal,
  ): Promise<ReceivedImage> {
    return receiveImage(await this.coherent(spec.share), spec, source, this.tools, signal);
  }

  async findReceived(spec: { readonly share: string; readonly file: string }): Promise<ReceivedImage | null> {
    return findReceived(await this.coherent(spec.share), spec.file);
  }

  async sizeOfFile({ share, file }: { readonly share: string; readonly file: string }): Promise<number> {
    const { io } = await this.coherent(share);
    return sizeOfFile(io, file);
  }

  async readBytes({ share, ...part }: ReadBytesSpec): Promise<OutgoingBytes> {
    return readBytes((await this.coherent(share)).io, part);
  }

  async digestFile(
    {
      share,
      ...what
    }: { readonly share: string; readonly file: string; readonly bytes: number; readonly sha256?: boolean },
    signal: AbortSignal,
  ): Promise<FileDigest> {
    return digestFile((await this.coherent(share)).io, what, signal);
  }

  /** Removes what has lain in the trash of every open share for longer than the grace time. Never rejects. */
  async emptyTrash(): Promise<void> {
    const { provider } = this.parts;
    try {
      const { shares } = await provider.list();
      await Promise.all(shares.filter((share) => this.shares.isOpen(share)).map((share) => this.emptyTrashOf(share)));
    } catch (thrown) {
      this.parts.onBackgroundError?.(thrown);
    }
  }

  /** Process ids of the helpers by share, for supervision and tests. */
  helperPids(): ReadonlyMap<string, number> {
    return this.shares.helperPids();
  }

  async close(): Promise<void> {
    if (this.trashTimer !== null) clearInterval(this.trashTimer);
    await this.shares.close();
    this.parts.provider.close();
  }

  /** Work at the rate that the backend's options allow. */
  private limited(work: LongWork): LongWork & { readonly bytesPerSecond?: number } {
    const { copyBytesPerSecond } = this.parts.options;
    return copyBytesPerSecond === null ? work : { ...work, bytesPerSecond: copyBytesPerSecond };
  }

  private async endsOf(
    spec: Pick<CopyChainSpec, 'share' | 'sourceDriver'> & { readonly target: { readonly share: string } },
  ): Promise<[OpenShare, OpenShare]> {
    const from = spec.sourceDriver ?? this;
    if (!(from instanceof ShareVolumeDriver)) {
      throw new ServiceError('bad_request', 'A copy between these two kinds of backends is not possible.');
    }
    const ends = await Promise.all([from.coherent(spec.share), this.coherent(spec.target.share)]);
    this.users.knowOther(ends[0].path, ends[0].io);
    return ends;
  }

  /** For all work that believes what a file says: refused where that may be old, because it would end in silent corruption. */
  private async coherent(share: string): Promise<OpenShare> {
    const opened = await this.shares.get(share);
    if (opened.incoherence === null) return opened;
    throw new ServiceError('backend_offline', 'The share is mounted in a way that can show old data.', {
      context: { share, reason: opened.incoherence },
    });
  }

  private async emptyTrashOf(share: string): Promise<void> {
    const { io, incoherence } = await this.shares.get(share);
    if (incoherence !== null) return;
    await io.call('emptyTrash', { olderThanMs: this.tools.now() - this.graceMs }, REMOVE_DEADLINE_MS);
  }
}
