// How deep a chain may get by instant copies. Set once when the pool is opened, as for notifications: it belongs to the process that
// accepts requests, and is stored with each operation that it decides about.
export interface InstantCopySettings {
  /** Layers of the copy's whole chain, those of other volumes included; below 2 every copy is made in full. */
  readonly maxLayers: number;
}

/** A chain as deep as 16 snapshots of one volume: what one guest's disk is measured to open without being noticed. */
export const defaultInstantCopies: InstantCopySettings = { maxLayers: 16 };

/** A pool, a transaction or a savepoint; what hangs on `client` is knex's configuration. */
interface Configured {
  readonly client: unknown;
}

interface Client {
  readonly config: { readonly userParams?: { readonly instantCopies?: InstantCopySettings } };
}

export function instantCopySettings(db: Configured): InstantCopySettings {
  return (db.client as Client).config.userParams?.instantCopies ?? defaultInstantCopies;
}
