// Whether this process tells the outside what happens, and under which host. Set once when the pool is opened, because it belongs to the
// process, and statements deep inside a transaction ask for it.
export interface NotificationSettings {
  /** Publisher of what no backend does: API requests, and failures to place a volume. */
  readonly hostName: string;
}

/** A pool, a transaction or a savepoint; what hangs on `client` is knex's configuration. */
interface Configured {
  readonly client: unknown;
}

interface Client {
  readonly config: { readonly userParams?: { readonly notifications?: NotificationSettings } };
}

/** Part of knex's configuration; transactions and savepoints share the pool's. */
export function asUserParams(settings: NotificationSettings | null): { notifications?: NotificationSettings } {
  return settings === null ? {} : { notifications: settings };
}

/** null: nobody is told anything, and nothing may be written. */
export function notificationSettings(db: Configured): NotificationSettings | null {
  return (db.client as Client).config.userParams?.notifications ?? null;
}
