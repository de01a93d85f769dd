// One HTTP call that carries bytes rather than JSON: the body is streamed by whoever makes it, and only standing still ends it.
import http from 'node:http';
import https from 'node:https';
import type { TlsSettings } from './http-call.js';

const IDLE_MS = 120_000;

/** On a connection of its own. The caller ends it, with or without a body; `answerOf` waits for what comes back. */
export function openByteCall(
  url: string,
  method: string,
  tls: TlsSettings,
  headers: Readonly<Record<string, string>>,
): http.ClientRequest {
  const options = { method, agent: false, timeout: IDLE_MS, headers };
  const secure = tls.ca === null ? {} : { ca: tls.ca };
  const call = url.startsWith('https:')
    ? https.request(url, { ...options, rejectUnauthorized: tls.verify, ...secure })
    : http.request(url, options);
  call.on('timeout', () => call.destroy(new Error('nothing moved for two minutes')));
  return call;
}

export function answerOf(call: http.ClientRequest): Promise<http.IncomingMessage> {
  const answer = new Promise<http.IncomingMessage>((resolve, reject) => {
    call.once('response', resolve);
    call.on('error', reject);
  });
  answer.catch(() => undefined); // told to whoever awaits it
  return answer;
}
