// Images that are kept by an image service of its own (a Glance): what a request asks of it, for whom it asks, and what a copy of such an image
// is remembered by. How it is asked is not known here: whoever serves requests brings a `RemoteImages` that speaks with the caller's own token,
// so that the service itself says what the caller may see and make.
import { createHash } from 'node:crypto';
import type { RemoteImageData } from '../../operations/params.js';

/** An image as the image service shows it. Sizes in bytes, min_disk in GiB, min_ram in MiB. */
export interface RemoteImage {
  readonly id: string;
  readonly owner: string;
  readonly name: string | null;
  readonly status: string;
  readonly visibility: string;
  readonly container_format: string | null;
  readonly disk_format: string | null;
  readonly min_disk: number;
  readonly min_ram: number;
  readonly size: number | null;
  readonly virtual_size: number | null;
  readonly checksum: string | null;
  readonly os_hash_algo: string | null;
  readonly os_hash_value: string | null;
  readonly properties: Record<string, string>;
}

/** What is said of an image that is to be made of a volume. */
export interface RemoteImageWish {
  readonly name: string;
  readonly diskFormat: string;
  readonly containerFormat: string;
  readonly visibility: string;
  readonly isProtected: boolean;
  readonly properties: Readonly<Record<string, string>>;
}

/** All methods throw `image_service_offline`; and `forbidden`, `over_quota`, `bad_request`, `conflict` in the service's words. */
export interface RemoteImages {
  /** null: there is none, or the caller does not see it. */
  find(id: string): Promise<RemoteImage | null>;
  /** Of those in the caller's list, at most two. */
  named(name: string): Promise<readonly RemoteImage[]>;
  /** Answers the id; the image waits for its data. */
  create(wish: RemoteImageWish): Promise<string>;
  /** Takes back what was created a moment ago. Never rejects. */
  withdraw(id: string): Promise<void>;
}

/** What a worker has to know to fetch the image's bytes, and to see that it got the right ones. */
export function remoteDataOf(image: RemoteImage): RemoteImageData {
  const { id, size, checksum, disk_format: declared, os_hash_algo: algorithm, os_hash_value: hash } = image;
  return {
    imageId: id,
    declared,
    ...(size === null ? {} : { bytes: size }),
    ...(checksum === null ? {} : { md5: checksum }),
    ...(algorithm === 'sha512' && hash !== null ? { sha512: hash } : {}),
  };
}

/**
 * The id under which a copy is remembered. Made of the content's hash too: an image may be deleted, and made again under its old id with other
 * content.
 */
export function copyIdOf({ id, os_hash_value, checksum, disk_format, size }: RemoteImage): string {
  const text = [id, os_hash_value ?? checksum ?? '', disk_format, size].join('\n');
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
