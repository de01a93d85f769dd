// Tells requests that change rows at once, without an operation: the events before and after, in one transaction with the deed.
//
// The deed runs through a joinable handle, so the statements of the block-storage API need not know that they are told. A deed that is
// refused takes its events with it.
import { isUuid } from '../../domain/ids.js';
import type { NotificationContext } from '../../notifications/envelope.js';
import { snapshotPayload, volumePayload } from '../../notifications/usage.js';
import type { Database, Transaction } from '../connection.js';
import { joining } from '../joinable.js';
import { loadSnapshotUsage, loadVolumeUsage } from './load-usage.js';
import { notificationSettings } from './settings.js';
import { type Told, writeNotifications } from './write.js';

/**
 * How the id in the request leads to the volume or snapshot. What a server of ours holds, and what lies on a pool, is changed by
 * operations, which tell themselves.
 */
const subjectSql = {
  volume: 'select id from volumes where id = ?',
  'unplaced-volume': 'select id from volumes where id = ? and host is null',
  'unmanaged-volume': `select v.id from volumes v where v.id = ? and not exists
    (select 1 from attachments a where a.volume_id = v.id and a.managed_server_id is not null)`,
  attachment: 'select volume_id as id from attachments where id = ? and managed_server_id is null',
  transfer: 'select volume_id as id from volume_transfers where id = ?',
  snapshot: 'select id from snapshots where id = ?',
} as const;
export type SubjectPath = keyof typeof subjectSql;

export interface ToldSubject {
  readonly by: SubjectPath;
  /** The id that the request names, as it came. */
  readonly id: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

async function findSubject(tx: Transaction, { by, id }: ToldSubject): Promise<string | null> {
  if (!isUuid(id)) return null;
  const { rows } = (await tx.raw(subjectSql[by], [id])) as { rows: { id: string }[] };
  return rows[0]?.id ?? null;
}

type Show = (extra: Readonly<Record<string, unknown>>) => object;

/** The subject's payload as its row is now; null when it is gone. */
async function showSubject(tx: Transaction, by: SubjectPath, id: string): Promise<Show | null> {
  if (by === 'snapshot') {
    const [snapshot] = await loadSnapshotUsage(tx, [id]);
    return snapshot === undefined ? null : (extra) => snapshotPayload(snapshot, extra);
  }
  const [volume] = await loadVolumeUsage(tx, [id]);
  return volume === undefined ? null : (extra) => volumePayload(volume, extra);
}

function toldOf(by: SubjectPath, events: readonly string[], payload: object): Told[] {
  const publisher = by === 'snapshot' ? 'snapshot' : 'volume';
  return events.map((event) => ({
    publisher,
    host: null,
    eventType: `${publisher}.${event}`,
    priority: 'INFO',
    payload,
  }));
}

async function tellAround<T>(
  tx: Transaction,
  context: NotificationContext,
  subject: ToldSubject,
  deed: () => Promise<T>,
): Promise<T> {
  const id = await findSubject(tx, subject);
  const before = id === null ? null : await showSubject(tx, subject.by, id);
  if (before !== null) await writeNotifications(tx, context, toldOf(subject.by, subject.before, before({})));
  const answer = await deed();
  if (id === null || before === null) return answer;
  const after = await showSubject(tx, subject.by, id);
  const payload = after === null ? before({ status: 'deleted' }) : after({});
  await writeNotifications(tx, context, toldOf(subject.by, subject.after, payload));
  return answer;
}

/** `database` must be the joinable handle that the deed uses. Throws what the deed throws; then nothing is told. */
export function tellingSubject<T>(
  database: Database,
  context: NotificationContext,
  subject: ToldSubject,
  deed: () => Promise<T>,
): Promise<T> {
  if (notificationSettings(database) === null) return deed();
  return database.transaction((tx) => joining(tx, () => tellAround(tx, context, subject, deed)));
}

export interface ToldRecord<T, R> {
  readonly publisher: string;
  readonly eventType: string;
  readonly load: (tx: Transaction, id: string) => Promise<R | null>;
  /** Before the deed; null for a record that it makes. */
  readonly id: string | null;
  /** After the deed. */
  readonly idAfter: (answer: T) => string | null;
  /** `now`: the database's clock, naive UTC. */
  readonly payload: (before: R | null, after: R | null, now: string) => object;
}

/** One event about a record that is neither volume nor snapshot, as it was before the deed and is after it. */
export function tellingRecord<T, R>(
  database: Database,
  context: NotificationContext,
  told: ToldRecord<T, R>,
  deed: () => Promise<T>,
): Promise<T> {
  if (notificationSettings(database) === null) return deed();
  const { publisher, eventType } = told;
  return database.transaction((tx) =>
    joining(tx, async () => {
      const before = told.id === null ? null : await told.load(tx, told.id);
      const answer = await deed();
      const idAfter = told.idAfter(answer);
      const after = idAfter === null ? null : await told.load(tx, idAfter);
      const { rows } = (await tx.raw('select utc_now() as now')) as { rows: { now: string }[] };
      const payload = told.payload(before, after, rows[0]?.now ?? '');
      await writeNotifications(tx, context, [{ publisher, host: null, eventType, priority: 'INFO', payload }]);
      return answer;
    }),
  );
}
