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
  /** How often a 4xx with these words came (status and message, ids left out), e.g. `404 Volume <id> could not be found.` */
  readonly refused: Map<string, number>;
  /** Deletions that met a volume whose creation was still under way: no refusal of anything that could be done. */
  notReady: number;
}

/** A client has at most so many volumes of its own at a time. */
const MOST = 8;
/** What a client does when nobody answers, milliseconds. */
const PAUSE_MS = 200;

export function nothingAccepted(): Accepted {
  return { created: new Set(), deleted: new Set(), unanswered: 0, refused: new Map(), notReady: 0 };
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
  if (status !== 202) return countRefusal(accepted, status, body);
  const { id } = (body as { volume: { id: string } }).volume;
  accepted.created.add(id);
  own.push(id);
}

/** The oldest; one that is not ready yet goes to the end. */
async function remove(api: Requester, accepted: Accepted, own: string[]): Promise<void> {
  const id = own.shift();
  if (id === undefined) return;
  const { status, body } = await api.call('DELETE', `/volumes/${id}`);
  if (status === 202) {
    accepted.deleted.add(id);
    return;
  }
  // 404: an earlier deletion whose answer was lost has been done.
  if (status !== 404) own.push(id);
  await countRefusal(accepted, status, body);
}

/** An engine that is down holds creations up, so that a client's oldest volume may not be there yet. */
const notReadyYet = /^400 .*current status is: creating\b/;

/** Status and message; ids would make every refusal one of its own. */
export function refusalText(status: number, body: unknown): string {
  const [fault] = typeof body === 'object' && body !== null ? (Object.values(body) as unknown[]) : [];
  const told = typeof fault === 'object' && fault !== null ? (fault as Record<string, unknown>)['message'] : null;
  const message = typeof told === 'string' ? told : JSON.stringify(body);
  return `${status} ${message.replace(/[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}/g, '<id>')}`.slice(0, 300);
}

async function countRefusal(accepted: Accepted, status: number, body: unknown): Promise<void> {
  if (status >= 500) accepted.unanswered += 1;
  else {
    const text = refusalText(status, body);
    if (notReadyYet.test(text)) accepted.notReady += 1;
    else accepted.refused.set(text, (accepted.refused.get(text) ?? 0) + 1);
  }
  await pause();
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
