// HTTP calls whose bodies are streams: on a connection of their own, broken off when neither side has moved a byte for a while.
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface StreamedCall {
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  /** How long nothing may move, in milliseconds. */
  readonly idleMs: number;
  /** PEM of the authority that signed the server's certificate; default: those that Node knows. */
  readonly ca?: string;
  readonly signal?: AbortSignal;
}

/** The caller writes or ends the request. */
export function openCall(url: URL, { method, headers, idleMs, ca, signal }: StreamedCall): ClientRequest {
  const open = url.protocol === 'https:' ? requestHttps : requestHttp;
  const call = open(url, {
    method,
    agent: false,
    headers,
    timeout: idleMs,
    ...(signal === undefined ? {} : { signal }),
    ...(ca === undefined ? {} : { ca }),
  });
  call.on('timeout', () => call.destroy(new Error('nothing moved for too long')));
  return call;
}

/** Rejects with whatever ended the call before an answer began. */
export function answerOf(call: ClientRequest): Promise<IncomingMessage> {
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    call.once('response', resolve);
    call.on('error', reject);
  });
  answer.catch(() => undefined); // told to whoever awaits it
  return answer;
}
