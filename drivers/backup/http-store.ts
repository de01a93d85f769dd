// What object stores over HTTP have in common: a time limit, a few tries where another may help, and the stores' answers under our codes. No
// answer's text gets further than a log.
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from '../../services/core/domain/errors.js';

const TIMEOUT_MS = 120_000;
const TRIES = 4;
const PAUSE_MS = 300;
/** Of lists and pages; objects bring a limit of their own. */
const MAX_ANSWER_BYTES = 16 * 1024 ** 2;
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

export interface StoreAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

export interface AnswerLimit {
  readonly bytes: number;
  /** What is thrown where there are more. */
  readonly refusal: () => ServiceError;
}

const usualLimit: AnswerLimit = {
  bytes: MAX_ANSWER_BYTES,
  refusal: () => offline(new Error('an answer without end')),
};

/** `send` makes the request anew for each try. An answer with one of the `fine` statuses is returned; 404 is always the caller's. */
export async function askStore(
  send: (signal: AbortSignal) => Promise<Response>,
  fine: readonly number[],
  most: AnswerLimit = usualLimit,
): Promise<StoreAnswer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await once(send, most);
    // Another try would bring the same.
    if (answer instanceof ServiceError) throw answer;
    if (answer instanceof Error) {
      if (attempt === TRIES) throw offline(answer);
    } else {
      if (fine.includes(answer.status) || answer.status === 404) return answer;
      if (!PASSING.has(answer.status) || attempt === TRIES) throw refusal(answer);
    }
    await sleep(PAUSE_MS * 2 ** (attempt - 1));
  }
}

/** What is longer than it may be is not kept, and not read to its end. */
async function readBody(response: Response, { bytes: most, refusal: tooLong }: AnswerLimit): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > most) throw tooLong();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function once(send: (signal: AbortSignal) => Promise<Response>, most: AnswerLimit): Promise<StoreAnswer | Error> {
  try {
    const response = await send(AbortSignal.timeout(TIMEOUT_MS));
    const bytes = await readBody(response, most);
    return { status: response.status, headers: response.headers, bytes };
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}

function refusal({ status, bytes }: StoreAnswer): ServiceError {
  const context = { status, answer: bytes.subarray(0, 500).toString('utf8') };
  if (status === 507 || status === 413) {
    return new ServiceError('no_space', 'The backup store has no space left.', { context });
  }
  return new ServiceError('backend_offline', 'The backup store does not answer.', { context });
}

function offline(cause: Error): ServiceError {
  return new ServiceError('backend_offline', 'The backup store does not answer.', { cause });
}
