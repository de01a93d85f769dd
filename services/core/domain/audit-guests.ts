// What guests have open, as their workers report it, against servers, attachments and chains on record. Pure. Only hosts that report are judged:
// a worker that is silent says nothing about its guests.
import type { Suspicion } from './audit.js';
import { powerStates } from './server.js';

/** One guest as its worker saw it. */
export interface GuestSight {
  readonly computeHost: string;
  readonly serverId: string;
  readonly powerState: number;
  /** null: its block graph could not be read. Files of each disk oldest first. */
  readonly disks: readonly { readonly volumeId: string; readonly files: readonly string[] }[] | null;
}

export interface GuestView {
  readonly busy: ReadonlySet<string>;
  readonly guests: readonly GuestSight[];
  /** Those that the guests name, on record. */
  readonly servers: ReadonlyMap<string, { readonly computeHost: string | null }>;
  /** Complete attachments of these servers. */
  readonly attachments: readonly { readonly serverId: string; readonly volumeId: string }[];
  /** Whole chains of the volumes that guests or attachments name, oldest first. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Volumes that several servers may have. */
  readonly shared: ReadonlySet<string>;
}

const isThere = ({ powerState }: GuestSight): boolean =>
  powerState === powerStates.running || powerState === powerStates.paused;

function* ofServer(view: GuestView, guest: GuestSight): Generator<Suspicion> {
  const { serverId, computeHost } = guest;
  const found = { kind: 'server', id: serverId, file: null, computeHost } as const;
  const onRecord = view.servers.get(serverId);
  if (onRecord === undefined) {
    yield { rule: 'guest-unknown', ...found, text: `its guest runs on ${computeHost}, and no server is on record` };
    return;
  }
  if (onRecord.computeHost !== computeHost) {
    const text = `its guest runs on ${computeHost}, on record it is on ${onRecord.computeHost ?? 'no host'}`;
    yield { rule: 'guest-elsewhere', ...found, text };
  }
  if (guest.disks !== null) yield* ofDisks(view, guest, guest.disks);
}

function* ofDisks(
  { attachments, busy, chains }: GuestView,
  { serverId, computeHost }: GuestSight,
  disks: NonNullable<GuestSight['disks']>,
): Generator<Suspicion> {
  const wanted = new Set(attachments.filter((one) => one.serverId === serverId).map(({ volumeId }) => volumeId));
  for (const { volumeId, files } of disks) {
    if (busy.has(volumeId)) continue;
    const found = { kind: 'volume', id: volumeId, file: null, computeHost } as const;
    if (!wanted.delete(volumeId)) {
      yield { rule: 'guest-extra-disk', ...found, text: `guest ${serverId} has it, and no attachment says so` };
      continue;
    }
    const chain = chains.get(volumeId) ?? [];
    if (chain.length === 0 || chain.join('\n') === files.join('\n')) continue;
    const text = `guest ${serverId} has ${files.join(' <- ')} open, on record is ${chain.join(' <- ')}`;
    yield { rule: 'guest-differs', ...found, text };
  }
  for (const volumeId of wanted) {
    if (busy.has(volumeId)) continue;
    const found = { kind: 'volume', id: volumeId, file: null, computeHost } as const;
    yield { rule: 'guest-lacks-disk', ...found, text: `guest ${serverId} runs and does not have the disk` };
  }
}

function* twoWriters({ guests, shared, busy }: GuestView): Generator<Suspicion> {
  const holders = new Map<string, GuestSight[]>();
  for (const guest of guests.filter(isThere))
    for (const { volumeId } of guest.disks ?? []) holders.set(volumeId, [...(holders.get(volumeId) ?? []), guest]);
  for (const [id, by] of holders) {
    const [first, second] = by;
    if (first === undefined || second === undefined || shared.has(id) || busy.has(id)) continue;
    const text = `guests ${by.map(({ serverId, computeHost }) => `${serverId} on ${computeHost}`).join(' and ')} have it open`;
    yield { rule: 'two-writers', kind: 'volume', id, file: null, computeHost: second.computeHost, text };
  }
}

export function suspectGuests(view: GuestView): Suspicion[] {
  const judged = view.guests.filter((guest) => isThere(guest) && !view.busy.has(guest.serverId));
  return [...judged.flatMap((guest) => [...ofServer(view, guest)]), ...twoWriters(view)];
}
