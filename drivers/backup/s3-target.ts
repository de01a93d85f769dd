// Backups in an S3 store: objects `<container>/<backup id>/<object>` in one bucket. Requests are signed by aws4fetch (Signature Version 4); a PUT
// carries the SHA-256 of its body and is whole or not there. Path-style addresses, which every S3 store takes.
// Source: the S3 API reference (PutObject, GetObject, ListObjectsV2, DeleteObject).
import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { XMLParser } from 'fast-xml-parser';
import { type BackupPlace, type BackupTarget, objectMissing, objectTooLong, requirePlace } from './backup-target.js';
import { type AnswerLimit, askStore, type StoreAnswer } from './http-store.js';

export interface S3Options {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** No entities: what comes from a store is data. */
const parser = new XMLParser({ processEntities: false, parseTagValue: false, isArray: (name) => name === 'Contents' });

export class S3Target implements BackupTarget {
  readonly kind = 's3';
  private readonly client: AwsClient;
  private readonly root: string;

  constructor(options: S3Options) {
    const { accessKeyId, secretAccessKey, region } = options;
    // Tries are ours (http-store.ts), as for every store.
    this.client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
    this.root = `${options.endpoint}/${options.bucket}`;
  }

  async put(place: BackupPlace, name: string, bytes: Uint8Array): Promise<void> {
    requirePlace(place, name);
    await this.demandThere(await this.ask('PUT', `/${keyOf(place, name)}`, [200], bytes));
  }

  async get(place: BackupPlace, name: string, maxBytes: number): Promise<Buffer> {
    requirePlace(place, name);
    const most = { bytes: maxBytes, refusal: () => objectTooLong(name) };
    const { status, bytes } = await this.ask('GET', `/${keyOf(place, name)}`, [200], undefined, most);
    if (status === 404) throw objectMissing(name);
    return bytes;
  }

  async list(place: BackupPlace): Promise<readonly string[]> {
    requirePlace(place);
    const prefix = `${place.container}/${place.backupId}/`;
    const names: string[] = [];
    for (let token: string | null = null; ; ) {
      const query = new URLSearchParams({ 'list-type': '2', prefix });
      if (token !== null) query.set('continuation-token', token);
      const answer = await this.ask('GET', `?${query.toString()}`, [200]);
      await this.demandThere(answer);
      const { keys, next } = readListing(answer.bytes);
      names.push(...keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)));
      if (next === null) return names.sort();
      token = next;
    }
  }

  async removeAll(place: BackupPlace): Promise<void> {
    // The manifest first (it comes first by name): what is left of a deletion that was cut off is no backup any more.
    for (const name of await this.list(place)) await this.ask('DELETE', `/${keyOf(place, name)}`, [204, 200]);
  }

  private ask(
    method: string,
    path: string,
    fine: readonly number[],
    body?: Uint8Array,
    most?: AnswerLimit,
  ): Promise<StoreAnswer> {
    const hash = createHash('sha256')
      .update(body ?? '')
      .digest('hex');
    const headers = { 'X-Amz-Content-Sha256': hash };
    return askStore(
      async (signal) => {
        const init = { method, headers, redirect: 'error' as const, ...(body === undefined ? {} : { body }) };
        const signed = await this.client.sign(`${this.root}${path}`, init);
        return fetch(signed, { signal });
      },
      fine,
      most,
    );
  }

  /** 404 for anything but an object means that there is no such bucket. */
  private demandThere({ status }: StoreAnswer): Promise<void> {
    return status === 404 ? Promise.reject(objectMissing('the bucket')) : Promise.resolve();
  }
}

function keyOf({ container, backupId }: BackupPlace, name: string): string {
  return `${container}/${backupId}/${name}`;
}

interface Listing {
  readonly ListBucketResult?: {
    readonly Contents?: readonly { readonly Key?: string }[];
    readonly NextContinuationToken?: string;
  };
}

function readListing(bytes: Buffer): { readonly keys: readonly string[]; readonly next: string | null } {
  const { ListBucketResult: result } = parser.parse(bytes) as Listing;
  const keys = (result?.Contents ?? []).flatMap(({ Key }) => (typeof Key === 'string' ? [Key] : []));
  return { keys, next: result?.NextContinuationToken ?? null };
}
