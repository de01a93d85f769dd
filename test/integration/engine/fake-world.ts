// Shares and guests in memory, behind the same command types that real workers serve. Strict where a real world is: it refuses
// to overwrite, to remove what another file names, and to work on files that a running guest has open.
import { placeOfMerge } from '../../../drivers/merge-place.js';
import { type Chain, encryptionOf, type Layer, type ObservedLayer } from '../../../services/core/domain/chain.js';
import { ServiceError } from '../../../services/core/domain/errors.js';
import { powerStates } from '../../../services/core/domain/server.js';
import type {
  Command,
  CommandOutput,
  CommandParams,
  CommandType,
  DiskSpecMessage,
} from '../../../services/core/messages/envelope.js';
import { type Blocks, contentOf, contentOfOpen, infoOf, type StoredFile } from './fake-contents.js';

interface Guest {
  running: boolean;
  /** Volume id to the files that the guest has open, oldest first. */
  readonly disks: Map<string, string[]>;
}

export type FakeAnswer = { readonly forward: object } | object;
type Handlers = { readonly [T in CommandType]: (params: CommandParams<T>) => object };

export class FakeWorld {
  readonly files = new Map<string, StoredFile>();
  /** Directory and name to the text beside it. */
  readonly exports = new Map<string, string>();
  /** What a scan of the share answers. */
  scanned: readonly object[] = [];
  /** What clients send when a transfer is opened; `bytes` null: as many as they may. */
  received: { bytes: number | null; virtualSizeBytes: number | null; detected: readonly string[] } = {
    bytes: null,
    virtualSizeBytes: null,
    detected: [],
  };
  /** Virtual sizes of what was backed up, by the backup's id. */
  readonly backups = new Map<string, number>();
  private readonly backedUp = new Map<string, Blocks>();
  readonly records = new Map<string, Chain>();
  readonly guests = new Map<string, Guest>();
  /** What files are said to take, by name; their virtual size when they are not here. */
  readonly allocatedBytes = new Map<string, number>();
  /** Overlays that nobody has written to. */
  readonly empty = new Set<string>();
  /** Records beside the data, by volume. */
  readonly custody = new Map<string, string>();

  /** Performs the command's effect; asked twice it answers the same. Throws ServiceError as a driver would. */
  perform(command: Command): FakeAnswer {
    const handler = this.handlers[command.type] as (params: Command['params']) => object;
    return handler(command.params);
  }

  /** What is found of a backup that is read to the end; null: it is whole. */
  damage: CommandOutput<'backup.verify'>['damage'] | null = null;
  /** Keys of encrypted volumes. */
  readonly keys = new Set<string>();

  private readonly handlers: Handlers = {
    'key.create': ({ keyId }) => {
      this.keys.add(keyId);
      return { keyId };
    },
    'key.remove': ({ keyId }) => {
      this.keys.delete(keyId);
      return {};
    },
    'files.settle': ({ files }) => {
      for (const file of files) this.need(file);
      return {};
    },
    'export.look': ({ directory, name }) => ({ present: this.exports.has(`${directory}/${name}`) }),
    'image.checksum': ({ file }) => {
      this.need(file);
      return { sizeBytes: 1024, sha256: '0'.repeat(64) };
    },
    'export.place': ({ directory, name, file, text }) => {
      if (file !== null) this.files.delete(file);
      this.exports.set(`${directory}/${name}`, text);
      return {};
    },
    'backup.write': ({ source, backup, parent }) => {
      this.verify(source);
      if (parent !== null && !this.backups.has(parent.backupId)) throw new ServiceError('not_found', 'No such parent.');
      this.backups.set(backup.backupId, source.at(-1)?.virtualSizeBytes ?? 0);
      this.backedUp.set(backup.backupId, this.content(source));
      const manifestSha256 = '0'.repeat(64);
      const facts = { manifestSha256, objectCount: 1, storedBytes: 1024, readBytes: 1024 };
      return { service: 'directory', ...facts, ...encryptionOf(source.at(-1) ?? {}) };
    },
    'backup.read': ({ backup, chain }) => {
      if (!this.backups.has(backup.backupId))
        throw new ServiceError('not_found', 'An object of the backup is missing.');
      const top = chain.at(-1);
      if (top === undefined) throw new ServiceError('bad_request', 'A chain has a layer.');
      this.refuseWhenOpen(top.file);
      const blocks = this.backedUp.get(backup.backupId);
      this.make(top.file, top.format, top.virtualSizeBytes, chain.at(-2)?.file ?? null, blocks);
      return { layers: this.verify(chain) };
    },
    'backup.remove': ({ backup }) => {
      this.backups.delete(backup.backupId);
      return {};
    },
    'backup.verify': ({ backup, deep }) => {
      const sizeBytes = this.backups.get(backup.backupId);
      if (sizeBytes === undefined) throw new ServiceError('not_found', 'An object of the backup is missing.');
      const volumeId = '11111111-1111-4111-8111-111111111111';
      const facts = { volumeId, sizeBytes, manifestSha256: '0'.repeat(64), objectCount: 1, storedBytes: 1024 };
      const whole = { checkedChunks: 1, damagedChunks: 0, stretches: [] };
      return { service: 'directory', needs: [], ...facts, ...(deep ? { damage: this.damage ?? whole } : {}) };
    },
    'share.scan': () => ({ entries: this.scanned, next: null }),
    'custody.write': ({ records }) => {
      for (const { volumeId, text } of records) {
        if (text === null) this.custody.delete(volumeId);
        else this.custody.set(volumeId, text);
      }
      return {};
    },
    'transfer.receive': ({ file, format, maxBytes }) => {
      const { bytes, virtualSizeBytes, detected } = { ...this.received, bytes: this.received.bytes ?? maxBytes };
      if (bytes > maxBytes) throw new ServiceError('body_too_large', 'More was sent than was announced.');
      const layer = this.make(file, format === 'qcow2' ? 'qcow2' : 'raw', virtualSizeBytes ?? bytes, null);
      return { layer, bytes, md5: '0'.repeat(32), sha512: '0'.repeat(128), detected };
    },
    'transfer.send': ({ file }) => ({ sentBytes: this.need(file).virtualSizeBytes, complete: true }),
    'glance.fetch': ({ file, format, maxBytes }) => {
      const { bytes, virtualSizeBytes, detected } = { ...this.received, bytes: this.received.bytes ?? maxBytes };
      const layer = this.make(file, format === 'qcow2' ? 'qcow2' : 'raw', virtualSizeBytes ?? bytes, null);
      return { layer, bytes, md5: '0'.repeat(32), sha512: '0'.repeat(128), detected };
    },
    'glance.claim': () => ({}),
    'glance.send': ({ file }) => {
      this.need(file);
      return {};
    },
    'glance.discard': () => ({}),
    'image.create': ({ target }) => ({ layer: this.make(target.file, target.format, target.sizeBytes, null) }),
    'image.copy': ({ source, target }) => {
      this.verify(source);
      return { layer: this.make(target.file, target.format, target.sizeBytes, null, this.content(source)) };
    },
    'image.convert': ({ source, sourceFormat, target }) => {
      const read = this.need(source.at(-1)?.file);
      if (sourceFormat === undefined) this.verify(source);
      const format = target.format === 'qcow2' ? 'qcow2' : 'raw';
      const { virtualSizeBytes } = read;
      const layer = this.make(target.file, format, virtualSizeBytes, null, this.content(source));
      return { layer: { ...layer, ...encryptionOf(target) }, diskBytes: virtualSizeBytes };
    },
    'image.digest': ({ file }) => {
      const sizeBytes = this.need(file).virtualSizeBytes;
      return { sizeBytes, md5: '0'.repeat(32), sha512: '0'.repeat(128) };
    },
    'image.compare': ({ source, target }) => {
      this.verify(source);
      this.need(target.file);
      return {};
    },
    'chain.copy': ({ source, foreignLayers, target }) => {
      this.verify(source);
      if (source.length - foreignLayers !== target.chain.length)
        throw new ServiceError('bad_request', 'A layer for each of its own.');
      this.refuseWhenWritten(source.at(-1)?.file);
      const own = source.slice(foreignLayers);
      for (const [index, { file, format, virtualSizeBytes }] of target.chain.entries()) {
        const from = own[index]?.file ?? '';
        const blocks = index === 0 ? contentOf(this.files, from) : this.files.get(from)?.blocks;
        this.make(file, format, virtualSizeBytes, target.chain[index - 1]?.file ?? null, blocks);
      }
      return { layers: this.verify(target.chain) };
    },
    'chain.compare': ({ source, target }) => {
      this.verify(source);
      this.verify(target.chain);
      return {};
    },
    'image.extend': ({ chain, newSizeBytes }) => {
      const active = this.need(chain.at(-1)?.file);
      this.refuseWhenOpen(chain.at(-1)?.file);
      active.virtualSizeBytes = Math.max(active.virtualSizeBytes, newSizeBytes);
      return { layer: { ...chain.at(-1), virtualSizeBytes: newSizeBytes } };
    },
    'image.manage': ({ sourceFile, targetFile, format }) => {
      const present = this.files.get(targetFile) ?? this.need(sourceFile);
      this.files.set(targetFile, present);
      this.files.delete(sourceFile);
      return { layer: { file: targetFile, format, virtualSizeBytes: present.virtualSizeBytes, snapshotId: null } };
    },
    'files.remove': ({ files }) => {
      for (const file of files) {
        for (const [other, { backingFile }] of this.files)
          if (backingFile === file) throw new ServiceError('chain_mismatch', `${other} names ${file}.`);
        this.refuseWhenOpen(file);
        this.files.delete(file);
      }
      return {};
    },
    'overlay.prepare': ({ chain, overlayFile, sizeBytes, copy }) => {
      const active = chain.at(-1);
      const first = copy?.chain.at(-1);
      if (first !== undefined) this.make(first.file, 'qcow2', first.virtualSizeBytes, active?.file ?? null);
      const layer = this.make(overlayFile, 'qcow2', sizeBytes ?? active?.virtualSizeBytes ?? 0, active?.file ?? null);
      return { layer: { ...layer, snapshotId: null } };
    },
    'overlay.append': (params) => ({ layers: this.append(params) }),
    'overlay.withdraw': ({ volumeId, share, chain, foreignLayers, overlayFile }) => {
      const own = chain.slice(foreignLayers);
      if (own.length === 0) this.records.delete(volumeId);
      else this.records.set(volumeId, own);
      return this.handlers['files.remove']({ volumeId, share, files: [overlayFile] });
    },
    'overlay.fork': ({ volumeId, chain, foreignLayers, copy, belowEmpty }) => {
      if (belowEmpty !== undefined && this.empty.has(chain.at(-2)?.file ?? '')) {
        return { layers: [], copyLayers: this.append({ volumeId: copy.volumeId, ...belowEmpty }), reused: true };
      }
      return { layers: this.append({ volumeId, chain, foreignLayers }), copyLayers: this.append(copy) };
    },
    'overlay.settle-fork': ({ volumeId, chain, foreignLayers, copy }) => {
      const answer = { layers: this.verify(chain), copyLayers: this.verify(copy.chain) };
      this.records.set(volumeId, chain.slice(foreignLayers));
      this.records.set(copy.volumeId, copy.chain.slice(copy.foreignLayers));
      return answer;
    },
    'overlay.unfork': ({ copy, ...own }) => {
      this.records.delete(copy.volumeId);
      this.handlers['files.remove']({ volumeId: copy.volumeId, share: own.share, files: [copy.file] });
      return this.handlers['overlay.withdraw'](own);
    },
    'layer.commit': ({ chain, file, direction }) => {
      this.refuseWhenOpen(file);
      return { chain: this.merge(chain, file, direction) };
    },
    'layer.flatten': ({ chain, file }) => {
      this.refuseWhenOpen(file);
      return { chain: this.flatten(chain, file) };
    },
    'chain.measure': ({ chain, changing = [] }) => {
      for (const [other, { backingFile }] of this.files) {
        if (backingFile === null || !changing.includes(backingFile) || chain.some(({ file }) => file === other))
          continue;
        throw new ServiceError('chain_mismatch', `${other} names ${backingFile}.`);
      }
      const bytes = (file: string) => this.allocatedBytes.get(file) ?? this.need(file).virtualSizeBytes;
      return { layers: chain.map(({ file }) => ({ file, allocatedBytes: bytes(file) })) };
    },
    'chain.inspect': ({ volumeId, chain }) => {
      const files = chain.map((layer) => {
        const { format = null, virtualSizeBytes = null, backingFile = null } = this.files.get(layer.file) ?? {};
        const kind = this.files.has(layer.file) ? 'file' : 'missing';
        const below = this.files.get(backingFile ?? '')?.format ?? null;
        const sizes = { sizeBytes: 196_608, allocatedBytes: 196_608, linkCount: 1, mode: 0o660 };
        return {
          file: layer.file,
          kind,
          format,
          virtualSizeBytes,
          backingFile,
          backingFormat: below,
          ...sizes,
          problem: null,
        };
      });
      return { files, info: infoOf(this.records.get(volumeId)), infoProblem: null };
    },
    'chain.verify': ({ chain }) => ({ layers: this.verify(chain) }),
    'record.write': ({ volumeId, chain }) => {
      if (chain === null) this.records.delete(volumeId);
      else this.records.set(volumeId, chain);
      return {};
    },
    'server.start': ({ serverId, disks }) => {
      const guest = this.guests.get(serverId) ?? { running: false, disks: new Map<string, string[]>() };
      if (!guest.running) {
        guest.disks.clear();
        for (const disk of disks) this.open(guest, disk);
      }
      guest.running = true;
      this.guests.set(serverId, guest);
      return this.inspect(serverId);
    },
    'server.stop': ({ serverId }) => {
      const guest = this.guests.get(serverId);
      if (guest !== undefined) guest.running = false;
      guest?.disks.clear();
      return {};
    },
    'server.delete': ({ serverId }) => {
      this.guests.delete(serverId);
      return {};
    },
    'server.inspect': ({ serverId }) => this.inspect(serverId),
    'disk.attach': ({ serverId, disk }) => ({ disk: this.open(this.needGuest(serverId), disk) }),
    'disk.detach': ({ serverId, volumeId }) => {
      this.guests.get(serverId)?.disks.delete(volumeId);
      return {};
    },
    'guest.switch': ({ serverId, disks }) => {
      const guest = this.needGuest(serverId);
      for (const disk of disks) {
        this.verify(disk.chain);
        guest.disks.set(disk.volumeId, [...disk.chain.map((layer) => layer.file), disk.overlayFile]);
      }
      return { disks: disks.map((disk) => this.disk(guest, disk.volumeId)) };
    },
    'guest.close-overlays': ({ serverId, disks }) => {
      const guest = this.guests.get(serverId);
      const switched = disks.some((disk) => guest?.disks.get(disk.volumeId)?.includes(disk.overlayFile) === true);
      const seen = { disks: guest === undefined ? [] : disks.map((disk) => this.disk(guest, disk.volumeId)) };
      return switched ? { forward: seen } : seen;
    },
    'guest.merge': ({ serverId, volumeId, chain, file, direction }) => {
      const guest = this.needGuest(serverId);
      const result = this.merge(chain, file, direction);
      guest.disks.set(
        volumeId,
        result.map((layer) => layer.file),
      );
      return { disk: this.disk(guest, volumeId) };
    },
    'guest.flatten': ({ serverId, volumeId, chain, file }) => {
      const guest = this.needGuest(serverId);
      guest.disks.set(
        volumeId,
        this.flatten(chain, file).map((layer) => layer.file),
      );
      return { disk: this.disk(guest, volumeId) };
    },
    'guest.mirror': ({ serverId, volumeId, chain, target }) => {
      const guest = this.needGuest(serverId);
      const present = guest.disks.get(volumeId)?.at(-1);
      const copy = this.need(target.chain.at(-1)?.file);
      if (present !== target.chain.at(-1)?.file) {
        this.verify(chain);
        copy.blocks = { ...this.need(present).blocks };
      }
      this.verify(target.chain);
      guest.disks.set(
        volumeId,
        target.chain.map((layer) => layer.file),
      );
      return { disk: this.disk(guest, volumeId) };
    },
    'guest.unmirror': ({ serverId, volumeId, target }) => {
      const guest = this.guests.get(serverId);
      if (guest?.disks.get(volumeId)?.at(-1) !== target.chain.at(-1)?.file) return {};
      return { forward: { disk: guest === undefined ? {} : this.disk(guest, volumeId) } };
    },
    'guest.resize': ({ serverId, volumeId, chain, newSizeBytes }) => {
      this.need(chain.at(-1)?.file).virtualSizeBytes = newSizeBytes;
      return { disk: this.disk(this.needGuest(serverId), volumeId) };
    },
  };

  /** A guest's write to a disk that it has open; false when it has not. */
  write(serverId: string, volumeId: string, block: string, word: string): boolean {
    const guest = this.guests.get(serverId);
    const active = guest?.running === true ? guest.disks.get(volumeId)?.at(-1) : undefined;
    if (active === undefined) return false;
    const stored = this.need(active);
    stored.blocks = { ...stored.blocks, [block]: word };
    return true;
  }

  /** What a guest reads from a disk that it has open. */
  readOpen(serverId: string, volumeId: string): Blocks {
    return contentOfOpen(this.files, this.guests.get(serverId)?.disks.get(volumeId) ?? []);
  }

  private content(chain: Chain): Blocks {
    return contentOf(this.files, chain.at(-1)?.file ?? '');
  }

  private make(
    file: string,
    format: Layer['format'],
    virtualSizeBytes: number,
    backingFile: string | null,
    blocks: Blocks = {},
  ): Layer {
    const present = this.files.get(file);
    if (present !== undefined && present.backingFile !== backingFile)
      throw new ServiceError('chain_mismatch', `${file} is there with another backing file.`);
    this.files.set(file, present ?? { format, virtualSizeBytes, backingFile, blocks: { ...blocks } });
    return { file, format, virtualSizeBytes, snapshotId: null };
  }

  private need(file: string | undefined): StoredFile {
    const stored = this.files.get(file ?? '');
    if (stored === undefined) throw new ServiceError('not_found', `${file} is not on the share.`);
    return stored;
  }

  private needGuest(serverId: string): Guest {
    const guest = this.guests.get(serverId);
    if (guest?.running !== true) throw new ServiceError('guest_not_running', 'The guest is not running.');
    return guest;
  }

  private refuseWhenOpen(file: string | undefined): void {
    for (const [id, guest] of this.guests)
      for (const files of guest.disks.values())
        if (guest.running && files.includes(file ?? ''))
          throw new ServiceError('chain_mismatch', `${file} is open in the guest ${id}.`);
  }

  /** Below an overlay that no guest knows of, a guest would go on writing. */
  private refuseWhenWritten(file: string | undefined): void {
    for (const [id, guest] of this.guests)
      for (const files of guest.disks.values())
        if (guest.running && files.at(-1) === file)
          throw new ServiceError('chain_mismatch', `${file} is written by the guest ${id}.`);
  }

  private append(params: {
    readonly volumeId: string;
    readonly chain: Chain;
    readonly foreignLayers: number;
  }): ObservedLayer[] {
    const { volumeId, chain, foreignLayers } = params;
    const [below, overlay] = chain.slice(-2);
    this.refuseWhenWritten(below?.file);
    this.make(overlay?.file ?? '', 'qcow2', overlay?.virtualSizeBytes ?? 0, below?.file ?? null);
    const layers = this.verify(chain);
    this.records.set(volumeId, chain.slice(foreignLayers));
    return layers;
  }

  private verify(chain: Chain): ObservedLayer[] {
    return chain.map((layer, index) => {
      const { format, virtualSizeBytes, backingFile } = this.need(layer.file);
      const below = chain[index - 1]?.file ?? null;
      if (backingFile !== below || virtualSizeBytes !== layer.virtualSizeBytes || format !== layer.format)
        throw new ServiceError('chain_mismatch', `${layer.file} is not as on record.`);
      return { file: layer.file, format, virtualSizeBytes, backingFile };
    });
  }

  private flatten(chain: Chain, file: string): Chain {
    const flat = this.need(file);
    flat.blocks = contentOf(this.files, file);
    flat.backingFile = null;
    return chain.slice(chain.findIndex((layer) => layer.file === file));
  }

  /** The removed file stays, as with `qemu-img commit`; the layer above names the one below. */
  private merge(chain: Chain, file: string, direction: 'down' | 'up' = 'down'): Chain {
    if (direction === 'up') {
      const { removed, receiver, below, result } = placeOfMerge(chain, file, direction);
      const upper = this.need(receiver.file);
      upper.blocks = { ...this.need(removed.file).blocks, ...upper.blocks };
      upper.backingFile = below?.file ?? null;
      return result;
    }
    const index = chain.findIndex((layer) => layer.file === file);
    const base = this.need(chain[index - 1]?.file);
    const grown = Math.max(base.virtualSizeBytes, chain[index]?.virtualSizeBytes ?? 0);
    base.virtualSizeBytes = grown;
    const top = this.files.get(file);
    if (top !== undefined && top.isMerged !== true) {
      base.blocks = { ...base.blocks, ...top.blocks };
      top.isMerged = true;
    }
    const child = chain[index + 1];
    if (child !== undefined) this.need(child.file).backingFile = chain[index - 1]?.file ?? null;
    return chain
      .filter((layer) => layer.file !== file)
      .map((layer, position) => (position === index - 1 ? { ...layer, virtualSizeBytes: grown } : layer));
  }

  private open(guest: Guest, disk: DiskSpecMessage): object {
    this.verify(disk.chain);
    for (const [id, other] of this.guests)
      if (other !== guest && other.running && other.disks.has(disk.volumeId))
        throw new ServiceError('chain_mismatch', `The volume is open in the guest ${id}.`);
    guest.disks.set(
      disk.volumeId,
      disk.chain.map((layer) => layer.file),
    );
    return this.disk(guest, disk.volumeId);
  }

  private disk(guest: Guest, volumeId: string): object {
    const layers = (guest.disks.get(volumeId) ?? []).map((file) => ({ file, ...this.need(file) }));
    return { volumeId, layers };
  }

  private inspect(serverId: string): object {
    const guest = this.guests.get(serverId);
    if (guest === undefined) return { server: null };
    const powerState = guest.running ? powerStates.running : powerStates.shutdown;
    const disks = guest.running ? [...guest.disks.keys()].map((id) => this.disk(guest, id)) : [];
    return { server: { serverId, powerState, disks } };
  }
}
