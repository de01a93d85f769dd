// A directory with encrypted volumes in it, the drivers that serve them, and a hypervisor: what the tests of encryption stand on. Contents are
// written and read through the driver, as a guest would see them; what lies on the share is looked at as bytes.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseBackendOptions } from '../../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../../drivers/gluster/create-volume-driver.js';
import { directoryShareName } from '../../../drivers/gluster/directory-share-provider.js';
import type { ShareVolumeDriver } from '../../../drivers/gluster/share-volume-driver.js';
import type { DiskSpec } from '../../../drivers/hypervisor-driver.js';
import { openFileKeyStore } from '../../../drivers/key-store/file-key-store.js';
import type { KeyBits, KeyStore } from '../../../drivers/key-store/key-store.js';
import type { CommandRunner } from '../../../drivers/process/command-runner.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import type { LongWork } from '../../../drivers/volume-driver.js';
import { type Chain, overlayFileName, volumeFileName } from '../../../services/core/domain/chain.js';

export const MIB = 1024 ** 2;
export const DISK_BYTES = 64 * MIB;
/** Stands in what guests write, and must stand nowhere on the share. */
export const CANARY = 'CANARY-plain-text-of-a-guest-';

export interface EncryptedPlace {
  readonly directory: string;
  readonly share: string;
  readonly shareName: string;
  readonly keys: KeyStore;
  readonly driver: ShareVolumeDriver;
  /** Every argument vector that was started. */
  readonly commands: readonly string[];
  /** What each file was when it was last looked through, by its name. */
  readonly lookedThrough: Map<string, string>;
  close(): Promise<void>;
}

export async function openEncryptedPlace(): Promise<EncryptedPlace> {
  const directory = mkdtempSync(path.join(tmpdir(), 'sgr-enc-'));
  const share = path.join(directory, 'share');
  mkdirSync(share);
  const masterKeyFile = path.join(directory, 'master-key');
  writeFileSync(masterKeyFile, randomUUID() + randomUUID(), { mode: 0o600 });
  const keys = openFileKeyStore({ directory: path.join(directory, 'keys'), masterKeyFile });
  const commands: string[] = [];
  const runner: CommandRunner = {
    run: (argv, options) => {
      commands.push(argv.join(' '));
      return systemCommandRunner.run(argv, options);
    },
  };
  const options = parseBackendOptions('test', { driver: 'directory', saggar_directories: [share] });
  const driver = createVolumeDriver(options, { runner, keys });
  await driver.setup();
  return {
    directory,
    share,
    shareName: directoryShareName(share),
    keys,
    driver,
    commands,
    lookedThrough: new Map(),
    close: async () => {
      await driver.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export const work = (): LongWork => ({ onProgress: () => undefined, signal: new AbortController().signal });

/** Writes the mark as text over the MiB, through the chain's last layer. */
export async function write(place: EncryptedPlace, chain: Chain, mark: string, mib: number): Promise<void> {
  const spec = { share: place.shareName, chain, writable: true };
  await place.driver.useDisk(spec, new AbortController().signal, (disk) => disk.write(mib * MIB, textOf(mark)));
}

/** What the MiB begins with, as the mark that was written there; '' for zeros. */
export async function read(place: EncryptedPlace, chain: Chain, mib: number): Promise<string> {
  const spec = { share: place.shareName, chain, writable: false };
  const bytes = await place.driver.useDisk(spec, new AbortController().signal, (disk) => disk.read(mib * MIB, MIB));
  if (bytes.every((byte) => byte === 0)) return '';
  const mark = bytes.toString('latin1', CANARY.length, bytes.indexOf(';'));
  assert.ok(textOf(mark).equals(bytes), `MiB ${mib} is not one mark throughout`);
  return mark;
}

function textOf(mark: string): Buffer {
  const text = `${CANARY}${mark};`;
  return Buffer.alloc(MIB, text);
}

export interface MadeVolume {
  readonly volumeId: string;
  readonly keyId: string;
  readonly chain: Chain;
}

/** A volume with so many overlays. Layer n writes its number over MiB n, and over MiB 32. */
export async function makeVolume(place: EncryptedPlace, overlays: number, bits: KeyBits = 512): Promise<MadeVolume> {
  const volumeId = randomUUID();
  const keyId = await place.keys.ensureKey(randomUUID(), bits);
  const { driver, shareName: share } = place;
  const file = volumeFileName(volumeId);
  const base = { share, file, format: 'qcow2', sizeBytes: DISK_BYTES, preallocation: 'off', keyId } as const;
  let chain: Chain = [await driver.createImage(base)];
  for (let layer = 0; ; layer += 1) {
    await write(place, chain, `${layer}`, layer);
    await write(place, chain, `${layer}`, 32);
    if (layer === overlays) return { volumeId, keyId, chain };
    chain = await addOverlay(place, volumeId, chain);
  }
}

export async function addOverlay(place: EncryptedPlace, volumeId: string, chain: Chain): Promise<Chain> {
  const snapshotId = randomUUID();
  const overlayFile = overlayFileName(volumeId, snapshotId);
  const layer = await place.driver.prepareOverlay({ share: place.shareName, chain, overlayFile });
  return [...chain, { ...layer, snapshotId }];
}

export async function expectMarks(place: EncryptedPlace, chain: Chain, layers: number): Promise<void> {
  for (let layer = 0; layer < layers; layer += 1) assert.equal(await read(place, chain, layer), `${layer}`);
  assert.equal(await read(place, chain, 32), `${layers - 1}`);
}

export function diskOf(place: EncryptedPlace, { volumeId, chain }: MadeVolume): DiskSpec {
  return {
    volumeId,
    serial: volumeId.slice(0, 20),
    access: { share: place.shareName, glusterVolumeName: '', directory: '', servers: [], mountOptions: null },
    chain,
    readOnly: false,
    bootIndex: null,
  };
}

/**
 * Nothing of a guest, and no key, is to be read on the share, in its trash, in what was started. A file that has not changed since it
 * was last looked through is passed over: it cannot have got what was made later, and looking for every key in every file after each
 * test takes minutes.
 */
export async function expectNothingDisclosed(place: EncryptedPlace, keyIds: readonly string[]): Promise<void> {
  const secrets = await Promise.all(keyIds.map(async (id) => (await place.keys.readKey(id)).reveal()));
  const files = readdirSync(place.directory, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  assert.ok(files.length > keyIds.length);
  for (const one of files) {
    const name = path.join(one.parentPath, one.name);
    const { ino, size, ctimeNs } = statSync(name, { bigint: true });
    const state = `${ino} ${size} ${ctimeNs}`;
    if (place.lookedThrough.get(name) === state) continue;
    const bytes = readFileSync(name);
    assert.ok(!bytes.includes(CANARY), `${name} shows what a guest wrote`);
    for (const secret of secrets) {
      assert.ok(!bytes.includes(secret) && !bytes.includes(Buffer.from(secret, 'hex')), `${name} holds a key`);
    }
    place.lookedThrough.set(name, state);
  }
  for (const line of place.commands)
    for (const secret of secrets) assert.ok(!line.includes(secret), 'a key in an argument');
}
