// The console text of a guest, fetched from the compute worker that runs it: bulk data never passes broker or database.
// The worker answers to a ticket: a JWT (HS256, secret shared by file) for one server, good for a minute.
// Never waits longer than the time limit and never keeps more text than the limit, whatever the worker sends.
import { SignJWT } from 'jose';
import { ServiceError } from '../../core/domain/errors.js';

const TICKET_SECONDS = 60;
const TIME_LIMIT_MS = 10_000;
/** What QEMU guests print in a day fits; a client gets the newest part. */
const MAX_BYTES = 4 * 1024 * 1024;

export interface ConsoleSource {
  /** Base URL of the worker's listener. */
  readonly workerUrl: string;
  readonly serverId: string;
  /** null: everything that is kept. */
  readonly lines: number | null;
}

export interface ConsoleOptions {
  readonly ticketSecret: Uint8Array;
  readonly fetch?: typeof fetch;
  readonly timeLimitMs?: number;
}

/** A ticket for the console of one server. */
export function issueConsoleTicket(serverId: string, secret: Uint8Array): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('console')
    .setSubject(serverId)
    .setIssuedAt()
    .setExpirationTime(`${TICKET_SECONDS}s`)
    .sign(secret);
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let kept = 0;
  if (response.body === null) return '';
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    kept += chunk.length;
    // The newest text counts, so the oldest goes.
    while (kept - (chunks[0]?.length ?? 0) >= MAX_BYTES) kept -= chunks.shift()?.length ?? 0;
  }
  return Buffer.concat(chunks).subarray(-MAX_BYTES).toString('utf8');
}

function offline(cause: unknown): ServiceError {
  return new ServiceError(
    'hypervisor_offline',
    'The console of the server cannot be read: its compute worker does not answer.',
    {
      cause,
    },
  );
}

/** Throws `hypervisor_offline` when the worker does not answer in time, `not_found` when it has no such guest. */
export async function readConsoleOutput(source: ConsoleSource, options: ConsoleOptions): Promise<string> {
  const { workerUrl, serverId, lines } = source;
  const ticket = await issueConsoleTicket(serverId, options.ticketSecret);
  const url = new URL(`${workerUrl.replace(/\/$/, '')}/servers/${serverId}/console`);
  if (lines !== null) url.searchParams.set('lines', String(lines));
  const signal = AbortSignal.timeout(options.timeLimitMs ?? TIME_LIMIT_MS);
  try {
    const response = await (options.fetch ?? fetch)(url, {
      headers: { authorization: `Bearer ${ticket}` },
      signal,
      redirect: 'error',
    });
    if (response.status === 404) throw new ServiceError('not_found', `Instance ${serverId} has no console.`);
    if (!response.ok) throw offline({ status: response.status });
    return await readBounded(response);
  } catch (thrown) {
    throw thrown instanceof ServiceError ? thrown : offline(thrown);
  }
}
