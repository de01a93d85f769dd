// How much of a pool converted copies of images may take. Set once when the pool of connections is opened, as for instant copies.
export interface ImageCacheSettings {
  /** Copies in one pool. One more is made all the same where all of them are in use; it goes as soon as one may. */
  readonly maxEntries: number;
  /** GiB of them in one pool, by their virtual size. */
  readonly maxGib: number;
}

export const defaultImageCache: ImageCacheSettings = { maxEntries: 20, maxGib: 1024 };

/** A pool, a transaction or a savepoint; what hangs on `client` is knex's configuration. */
interface Configured {
  readonly client: unknown;
}

interface Client {
  readonly config: { readonly userParams?: { readonly imageCache?: ImageCacheSettings } };
}

export function imageCacheSettings(db: Configured): ImageCacheSettings {
  return (db.client as Client).config.userParams?.imageCache ?? defaultImageCache;
}
