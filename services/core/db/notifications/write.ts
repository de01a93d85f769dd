// Writes notifications in the transaction of what they tell. When they are not configured, every function here does nothing at all.
import { randomUUID } from 'node:crypto';
import { innerMessage, type NotificationContext } from '../../notifications/envelope.js';
import type { Priority } from '../../notifications/event-types.js';
import { volumePayload } from '../../notifications/usage.js';
import type { Transaction } from '../connection.js';
import { loadVolumeUsage } from './load-usage.js';
import { notificationSettings } from './settings.js';

export interface Told {
  /** Kind of the publisher: `volume`, `snapshot`, `volumeType`. */
  readonly publisher: string;
  /** Host of the publisher; null: this process. */
  readonly host: string | null;
  readonly eventType: string;
  readonly priority: Priority;
  readonly payload: object;
}

/** Stores the notifications in this order. The timestamp is what Python's str() makes of a naive UTC datetime. */
export async function writeNotifications(
  tx: Transaction,
  context: NotificationContext,
  told: readonly Told[],
): Promise<void> {
  const settings = notificationSettings(tx);
  if (settings === null || told.length === 0) return;
  const rows = told.map(({ publisher, host, eventType, priority, payload }) => {
    const messageId = randomUUID();
    const publisherId = `${publisher}.${host ?? settings.hostName}`;
    return innerMessage({ messageId, publisherId, eventType, priority, payload }, context);
  });
  await tx.raw(
    `insert into notifications (message_id, event_type, priority, message)
     select (m ->> 'message_id')::uuid, m ->> 'event_type', m ->> 'priority',
       m || jsonb_build_object('timestamp', to_char(utc_now(), 'YYYY-MM-DD HH24:MI:SS.US'))
     from jsonb_array_elements(?::jsonb) with ordinality as t(m, n) order by n`,
    [JSON.stringify(rows)],
  );
}

/** Cinder's volume service publishes under its own host, without the pool. */
export function backendOf(pool: string | null): string | null {
  return pool === null ? null : (pool.split('#')[0] ?? null);
}

export interface TellOptions {
  readonly priority?: Priority;
  /** Replaces keys of the payload. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** The event is the backend's own; otherwise it is this process's. */
  readonly byBackend?: boolean;
}

/** What differs between the kinds of resources that events are about. */
interface Kind<Usage> {
  readonly publisher: string;
  readonly load: (tx: Transaction, ids: readonly string[]) => Promise<readonly Usage[]>;
  readonly payload: (usage: Usage, extra: Readonly<Record<string, unknown>>) => object;
}

function teller<Usage extends { readonly host: string | null }>({ publisher, load, payload }: Kind<Usage>) {
  return async (
    tx: Transaction,
    context: NotificationContext,
    ids: readonly string[],
    events: readonly string[],
    { priority = 'INFO', extra = {}, byBackend = false }: TellOptions = {},
  ): Promise<void> => {
    if (notificationSettings(tx) === null || events.length === 0) return;
    const usages = await load(tx, ids);
    const told = events.flatMap((event) =>
      usages.map(
        (usage): Told => ({
          publisher,
          host: byBackend ? backendOf(usage.host) : null,
          eventType: `${publisher}.${event}`,
          priority,
          payload: payload(usage, extra),
        }),
      ),
    );
    await writeNotifications(tx, context, told);
  };
}

/** `volume.<event>` for each event of each volume, as the rows are now. */
export const tellVolumes = teller({ publisher: 'volume', load: loadVolumeUsage, payload: volumePayload });

/** An event about something else, told by this process: types, QoS specs, access, the scheduler. */
export async function tell(
  tx: Transaction,
  context: NotificationContext,
  publisher: string,
  eventType: string,
  payload: object,
  priority: Priority = 'INFO',
): Promise<void> {
  await writeNotifications(tx, context, [{ publisher, host: null, eventType, priority, payload }]);
}
