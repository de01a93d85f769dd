// Clients of the soak: each creates and deletes volumes over HTTP, one request after another, for as long as it is told, and writes down
// which requests were answered 202. Whatever the service refuses meanwhile, or does not answer, is counted and promises nothing.

export interface Requester {
  call(method: string, path: string, body?: object): Promise<{ readonly status: number; readonly body: unknown }>;
}

/** What was promised by a 202. */
export interface Accepted {
  readonly created: Set<string>;
  readonly deleted: Set<string>;
  /** Requests that were refused with a status of the kind 5xx, or had no answer. */
  unanswered: number;
  /** 4xx, by status: e.g. 400 for a volume that is not available yet. */
  readonly refused: Map<number, number>;
}

/** A client has at most so many volumes of its own at a time. */
const MOST = 8;
/** What a client does when nobody answers, milliseconds. */
const PAUSE_MS = 200;

export function nothingAccepted(): Accepted {
  return { created: new Set(), deleted: new Set(), unanswered: 0, refused: new Map() };
}

export const acceptedCount = ({ created, deleted }: Accepted): number => created.size + deleted.size;

/** Works until `goOn` says no. Never rejects. */
export async function actAsClient(api: Requester, accepted: Accepted, goOn: () => boolean): Promise<void> {
  const own: string[] = [];
  while (goOn()) {
    try {
      if (own.length < MOST) await create(api, accepted, own);
      else await remove(api, accepted, own);
    } catch {
      // Cut off: nobody promised anything. Whether it was done all the same, the end will show.
      accepted.unanswered += 1;
      await pause();
    }
  }
}

async function create(api: Requester, accepted: Accepted, own: string[]): Promise<void> {
  const { status, body } = await api.call('POST', '/volumes', { volume: { size: 1, name: 'soak' } });
  if (status !== 202) return countRefusal(accepted, status);
  const { id } = (body as { volume: { id: string } }).volume;
  accepted.created.add(id);
  own.push(id);
}

/** The oldest; one that is not ready yet goes to the end. */
async function remove(api: Requester, accepted: Accepted, own: string[]): Promise<void> {
  const id = own.shift();
  if (id === undefined) return;
  const { status } = await api.call('DELETE', `/volumes/${id}`);
  if (status === 202) {
    accepted.deleted.add(id);
    return;
  }
  // 404: an earlier deletion whose answer was lost has been done.
  if (status !== 404) own.push(id);
  await countRefusal(accepted, status);
}

async function countRefusal(accepted: Accepted, status: number): Promise<void> {
  if (status >= 500) accepted.unanswered += 1;
  else accepted.refused.set(status, (accepted.refused.get(status) ?? 0) + 1);
  await pause();
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
