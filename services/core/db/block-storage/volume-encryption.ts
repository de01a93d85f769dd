// How volumes of a type are encrypted: what the type's record asks for, if it can be had. Encrypted volumes are qcow2 files whose layers QEMU
// encrypts as LUKS with AES in XTS (decisions/0050). The texts are ours: Cinder accepts any words here and fails later, on a host.
import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../domain/errors.js';
import type { Executor } from '../connection.js';
import { demandedFormat } from './file-layout.js';
import { isMultiattach } from './type-demands.js';
import type { VolumeTypeRecord } from './volume-types.js';

/** Bits of the key: 256 is AES-128, 512 is AES-256, as XTS takes two keys. */
export interface TypeEncryption {
  readonly bits: 256 | 512;
}

/**
 * Names by which clients know LUKS. Those of its second version ask for the same: which header a layer has is ours alone (decisions/0055).
 * Source: os_brick/encryptors/__init__.py and nova/volume/encryptors.
 */
const providers: readonly string[] = [
  'luks',
  'luks2',
  'LuksEncryptor',
  'Luks2Encryptor',
  'os_brick.encryptors.luks.LuksEncryptor',
  'os_brick.encryptors.luks.Luks2Encryptor',
  'nova.volume.encryptors.luks.LuksEncryptor',
];
const CIPHER = 'aes-xts-plain64';
const DEFAULT_BITS = 256;

interface Row {
  readonly provider: string;
  readonly control_location: string;
  readonly cipher: string | null;
  readonly key_size: number | null;
}

/** null for a type whose volumes are not encrypted. Throws `bad_request` for a record that asks for what is not served. */
export async function encryptionOfType(db: Executor, type: VolumeTypeRecord): Promise<TypeEncryption | null> {
  if (!type.is_encrypted) return null;
  const row: Row | undefined = await db('volume_type_encryption')
    .where({ volume_type_id: type.id })
    .first('provider', 'control_location', 'cipher', 'key_size');
  if (row === undefined) return null;
  const refuse = (why: string) =>
    new ServiceError('bad_request', `Invalid volume type: volumes of type ${type.name} cannot be encrypted: ${why}.`);
  if (!providers.includes(row.provider)) throw refuse(`the provider must be ${providers[0]}, not ${row.provider}`);
  if (row.control_location !== 'front-end') throw refuse('control_location must be front-end');
  if (![null, '', CIPHER].includes(row.cipher)) throw refuse(`the cipher must be ${CIPHER}, not ${row.cipher}`);
  const bits = row.key_size ?? DEFAULT_BITS;
  if (bits !== 256 && bits !== 512) throw refuse(`key_size must be 256 or 512, not ${bits}`);
  const multiattach = isMultiattach(type.extra_specs);
  if (multiattach) throw refuse('several servers cannot share an encrypted volume');
  if (demandedFormat(type.extra_specs, multiattach) === 'raw') throw refuse('its extra specs ask for raw files');
  return { bits };
}

/** What a new row of such a volume says. The key is made by the worker before anything is written with it. */
export function encryptionColumns(encryption: TypeEncryption | null): Record<string, unknown> {
  return encryption === null ? {} : { encrypted: true, encryption_key_id: randomUUID(), base_format: 'qcow2' };
}

/** What clients may know of a volume's encryption. Source: cinder/db, volume_encryption_metadata_get. */
export interface EncryptionMetadata {
  readonly encryption_key_id: string | null;
  readonly control_location?: string;
  readonly cipher?: string | null;
  readonly key_size?: number | null;
  readonly provider?: string;
}

export async function loadEncryptionMetadata(db: Executor, volumeId: string): Promise<EncryptionMetadata> {
  const row: (Row & { encryption_key_id: string | null }) | undefined = await db('volumes as v')
    .leftJoin('volume_type_encryption as e', 'e.volume_type_id', 'v.volume_type_id')
    .where({ 'v.id': volumeId })
    .first('v.encryption_key_id', 'e.control_location', 'e.cipher', 'e.key_size', 'e.provider');
  if (row === undefined || row.encryption_key_id === null) return { encryption_key_id: null };
  return row;
}

/**
 * As clients know an image of an encrypted volume. Told, never believed: which key opens an image's data is on record with that.
 * Source: cinder/api/contrib/volume_actions.py.
 */
export const keyProperties = ['cinder_encryption_key_id', 'cinder_encryption_key_deletion_policy'] as const;

export function keyPropertiesOf(keyId: string): Record<(typeof keyProperties)[number], string> {
  return { cinder_encryption_key_id: keyId, cinder_encryption_key_deletion_policy: 'on_image_deletion' };
}

/** Throws `volume_state`: what is asked would put the plain contents, or contents without their key, somewhere else. */
export async function demandPlain(db: Executor, volumeId: string, deed: string): Promise<void> {
  const row: { encrypted: boolean } | undefined = await db('volumes').where({ id: volumeId }).first('encrypted');
  if (row?.encrypted !== true) return;
  throw new ServiceError('volume_state', `Invalid volume: ${deed} encrypted volumes is not supported.`);
}
