// The one place that knows how a refusal looks on the wire: Cinder's and Nova's fault envelope, Keystone's error, and the body
// of the dispatcher for paths that no route serves. Only a ServiceError's public message gets here; causes stay in the log.
// Source: cinder/api/openstack/wsgi.py (Fault), and answers of a Cinder 21.3.1.
import { type ErrorCode, errorCodes, type ServiceError } from '../../core/domain/errors.js';

/** `fault`: {"itemNotFound": {...}} as Cinder and Nova; `error`: {"error": {...}} as Keystone; `page`: a page of HTML as Glance. */
export type FaultStyle = 'fault' | 'error' | 'page';

export interface ErrorResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
  /** Sent instead of the body, which says the same. */
  readonly raw?: RawBody;
}

export interface RawBody {
  readonly contentType: string;
  readonly text: string;
}

const faultNames: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  501: 'notImplemented',
  503: 'serviceUnavailable',
};

/** Keystone's titles are the reason phrases of HTTP. */
const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

/** Failures of workers (507, 504) are no answers of the API itself; if one gets here all the same, it is an internal error. */
function httpStatus(code: ErrorCode): number {
  const status: number = errorCodes[code].http;
  return status in titles ? status : 500;
}

function extraHeaders(error: ServiceError, status: number): Record<string, string> {
  // Tempest takes a 413 with Retry-After for rate limiting unless the message says "exceeded"; quota messages do.
  if (error.code === 'over_quota' && error.message.includes('exceed')) return { 'Retry-After': '0' };
  if (error.code === 'rate_limited') return { 'Retry-After': String(error.context['retryAfterSeconds'] ?? 1) };
  if (status === 503 || error.code === 'idempotency_in_flight') return { 'Retry-After': '1' };
  return {};
}

/** What the fault says beside code and message; of a rate, as Nova's and Cinder's own limits did. */
function retryFacts(error: ServiceError, headers: Readonly<Record<string, string>>): Record<string, unknown> {
  if (error.code === 'over_quota') return { retryAfter: '0' };
  if (error.code !== 'rate_limited') return {};
  return { details: error.context['details'], retryAfter: headers['Retry-After'] };
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
};

/** As WebOb's exceptions render themselves: HTML, or JSON for a client that takes JSON and no HTML. */
function pageOf(status: number, message: string, accept = '*/*'): { body: object; raw?: RawBody } {
  const title = titles[status] ?? 'Internal Server Error';
  const line = `${status} ${title}`;
  const types = accept.split(',').map((part) => part.split(';')[0]?.trim().toLowerCase() ?? '');
  const takesPage = accept.trim() === '' || types.some((type) => ['*/*', 'text/*', 'text/html'].includes(type));
  const tail = '<br /><br />\n\n\n';
  const body = { message: `${message}${tail}`, code: line, title };
  if (!takesPage && types.some((type) => ['application/*', 'application/json'].includes(type))) return { body };
  const said = message.replace(/[&<>"']/g, (sign) => entities[sign] ?? '');
  const text = `<html>\n <head>\n  <title>${line}</title>\n </head>\n <body>\n  <h1>${line}</h1>\n  ${said}${tail}\n </body>\n</html>`;
  return { body, raw: { contentType: 'text/html; charset=UTF-8', text } };
}

/** The reply for a refusal; unknown errors were made `internal` before, with a text that tells nothing. */
export function errorResponse(error: ServiceError, style: FaultStyle, accept?: string): ErrorResponse {
  // Cinder and Nova limited rates with a 413; Keystone and Glance never did, and what stands before them answers 429.
  const status = error.code === 'rate_limited' && style !== 'fault' ? 429 : httpStatus(error.code);
  const { message } = error;
  const headers = extraHeaders(error, status);
  if (style === 'page') return { status, headers, ...pageOf(status, message, accept) };
  if (style === 'error') {
    return {
      status,
      headers,
      body: { error: { code: status, title: titles[status] ?? 'Internal Server Error', message } },
    };
  }
  const retry = retryFacts(error, headers);
  return { status, headers, body: { [faultNames[status] ?? 'computeFault']: { code: status, message, ...retry } } };
}

/** The reply for a path that no route serves: not a fault, and without a version header. */
export function unroutedResponse(style: FaultStyle, accept?: string): ErrorResponse {
  const message = 'The resource could not be found.';
  if (style === 'page') return { status: 404, headers: {}, ...pageOf(404, message, accept) };
  if (style === 'error')
    return { status: 404, headers: {}, body: { error: { code: 404, title: 'Not Found', message } } };
  return { status: 404, headers: {}, body: { message, code: '404 Not Found', title: 'Not Found' } };
}
