// How much data images may have. Set once when the pool of connections is opened, as for instant copies.
import { GIB } from '../domain/size.js';

export interface ImageLimitSettings {
  /** Of one image, in bytes. */
  readonly maxBytes: number;
  /** Of all images of one project together, in bytes; -1: no limit. */
  readonly projectBytes: number;
}

export const defaultImageLimits: ImageLimitSettings = { maxBytes: 1024 * GIB, projectBytes: -1 };

/** A pool, a transaction or a savepoint; what hangs on `client` is knex's configuration. */
interface Configured {
  readonly client: unknown;
}

interface Client {
  readonly config: { readonly userParams?: { readonly imageLimits?: ImageLimitSettings } };
}

export function imageLimitSettings(db: Configured): ImageLimitSettings {
  return (db.client as Client).config.userParams?.imageLimits ?? defaultImageLimits;
}
