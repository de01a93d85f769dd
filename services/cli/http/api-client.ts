// A client of one API, typed by the paths of its OpenAPI document. It finds the endpoint in the catalog at the first call, sends
// token and microversion, and turns a fault into an ApiError with the server's own words and what to do about it.
// The newest microversion that this client knows is tried first; only when the server says it is too new (406) is the server's own
// range read, so that the usual case costs no extra exchange.
import { ApiError, CliError } from '../cli-error.js';
import { cureOf, readFault } from './fault.js';
import type { HttpAnswer, HttpRequest } from './http-call.js';
import type { AnswerOf, CallOf, OperationOf, PathsWith, Verb } from './typed-paths.js';

export interface Endpoint {
  /** With its version, without a slash at the end: http://10.0.0.1:8776/volume/v3 */
  readonly url: string;
  readonly token: string;
}

export interface ApiClientOptions {
  /** For messages: `block storage`. */
  readonly name: string;
  /** The version part that the paths of the document begin with: `/v3`. */
  readonly versionPath: string;
  endpoint(): Promise<Endpoint>;
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** After a 401: logs in again, so that a long wait outlives its token. False when that cannot be done. */
  logInAgain(): Promise<boolean>;
  /** Asked once; null when the API has none, or its oldest one is meant. */
  microversion(): Promise<Microversion | null>;
}

export interface Microversion {
  /** As the header names it: `volume`. */
  readonly service: string;
  readonly newest: string;
  /** The person chose it: no other one will do. */
  readonly fixed: boolean;
}

interface LooseCall {
  readonly path?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export class ApiClient<Paths> {
  private microversion: Microversion | null | undefined;

  constructor(private readonly options: ApiClientOptions) {}

  get<P extends PathsWith<Paths, 'get'>>(
    path: P,
    call: CallOf<P, OperationOf<Paths, P, 'get'>>,
  ): Promise<AnswerOf<OperationOf<Paths, P, 'get'>>> {
    return this.send('get', path, call);
  }

  post<P extends PathsWith<Paths, 'post'>>(
    path: P,
    call: CallOf<P, OperationOf<Paths, P, 'post'>>,
  ): Promise<AnswerOf<OperationOf<Paths, P, 'post'>>> {
    return this.send('post', path, call);
  }

  put<P extends PathsWith<Paths, 'put'>>(
    path: P,
    call: CallOf<P, OperationOf<Paths, P, 'put'>>,
  ): Promise<AnswerOf<OperationOf<Paths, P, 'put'>>> {
    return this.send('put', path, call);
  }

  patch<P extends PathsWith<Paths, 'patch'>>(
    path: P,
    call: CallOf<P, OperationOf<Paths, P, 'patch'>>,
  ): Promise<AnswerOf<OperationOf<Paths, P, 'patch'>>> {
    return this.send('patch', path, call);
  }

  delete<P extends PathsWith<Paths, 'delete'>>(
    path: P,
    call: CallOf<P, OperationOf<Paths, P, 'delete'>>,
  ): Promise<AnswerOf<OperationOf<Paths, P, 'delete'>>> {
    return this.send('delete', path, call);
  }

  private async send<T>(verb: Verb, path: string, call: LooseCall): Promise<T> {
    const { url } = await this.options.endpoint();
    this.microversion ??= await this.options.microversion();
    const target = url + fillPath(path.slice(this.options.versionPath.length), call.path ?? {}) + queryText(call.query);
    const exchange = async (): Promise<HttpAnswer> =>
      this.options.send({
        method: verb.toUpperCase(),
        url: target,
        headers: { ...call.headers, ...this.versionHeader(), 'x-auth-token': (await this.options.endpoint()).token },
        ...(call.body === undefined ? {} : { body: call.body }),
      });
    let answer = await exchange();
    if (answer.status === 401 && (await this.options.logInAgain())) answer = await exchange();
    if (answer.status === 406 && (await this.lowerVersion(url))) answer = await exchange();
    if (answer.status >= 400) throw this.faultOf(answer);
    if (answer.text.trim() === '') return undefined as T;
    return parseJson(answer, target) as T;
  }

  private versionHeader(): Record<string, string> {
    const { microversion } = this;
    if (microversion === null || microversion === undefined) return {};
    return { 'openstack-api-version': `${microversion.service} ${microversion.newest}` };
  }

  /** Takes the server's newest version instead of ours; false when that would change nothing. */
  private async lowerVersion(url: string): Promise<boolean> {
    const { microversion } = this;
    if (microversion === null || microversion === undefined || microversion.fixed) return false;
    // The list of versions is above the versioned root, and open to everybody.
    const root = url.slice(0, url.lastIndexOf(this.options.versionPath));
    const answer = await this.options.send({ method: 'GET', url: `${root}/`, headers: {} });
    const newest = /"version"\s*:\s*"(\d+\.\d+)"/.exec(answer.text)?.[1];
    if (newest === undefined || newest === microversion.newest) return false;
    this.microversion = { ...microversion, newest };
    return true;
  }

  private faultOf(answer: HttpAnswer): ApiError {
    const id = answer.headers['x-openstack-request-id'];
    const fault = readFault(answer.text) ?? `The ${this.options.name} service answered without a reason.`;
    return new ApiError(answer.status, fault, cureOf(answer.status), typeof id === 'string' ? id : null);
  }
}

function fillPath(path: string, values: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined || value === '') throw new CliError(`The ${name.replaceAll('_', ' ')} must not be empty.`);
    return encodeURIComponent(value);
  });
}

function queryText(query: Readonly<Record<string, unknown>> | undefined): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

function parseJson(answer: HttpAnswer, url: string): unknown {
  try {
    return JSON.parse(answer.text);
  } catch (cause) {
    throw new CliError(`${url} did not answer in JSON.`, 'Is this the endpoint of the API? Check the catalog.', {
      cause,
    });
  }
}
