// The versions that the services of a catalog speak, read from the unversioned root of each, which every OpenStack service answers
// without a token. Three forms are in use: {"versions": [...]}, {"versions": {"values": [...]}} and {"version": {...}}.

import type { AuthSettings } from '../auth/auth-settings.js';
import { isOurs } from '../auth/catalog-endpoint.js';
import type { Login } from '../auth/keystone-login.js';
import type { HttpAnswer, HttpRequest } from './http-call.js';

export interface ServiceVersion {
  readonly region: string;
  readonly type: string;
  /** Without the leading v: `3.0`. */
  readonly version: string;
  readonly status: string;
  readonly endpoint: string;
  readonly minMicroversion: string | null;
  readonly maxMicroversion: string | null;
}

/** Other endpoints than those of the settings. */
export interface EndpointWish {
  readonly kinds?: readonly AuthSettings['endpointInterface'][];
  readonly region?: string;
}

type Node = Readonly<Record<string, unknown>>;

function asNode(value: unknown): Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : {};
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The URL up to the version in its path. */
export function unversionedRoot(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/v\d+(\.\d+)?(\/.*)?$/, '').replace(/\/+$/, '')}/`;
}

/** One entry per version of each service; a service that gives no list is left out. */
export async function readVersions(
  login: Login,
  settings: AuthSettings,
  wish: EndpointWish,
  send: (request: HttpRequest) => Promise<HttpAnswer>,
): Promise<readonly ServiceVersion[]> {
  const { region = settings.region, kinds = [settings.endpointInterface] } = wish;
  const ours = kinds.map((endpointInterface) => ({ ...settings, region, endpointInterface }));
  const places = login.catalog.flatMap(({ type, endpoints }) =>
    endpoints
      .filter((endpoint) => ours.some((wanted) => isOurs(endpoint, wanted)))
      .map((endpoint) => ({
        type,
        region: endpoint.region_id ?? endpoint.region ?? '',
        root: unversionedRoot(endpoint.url),
      })),
  );
  const found = await Promise.all(
    places.map(async ({ type, region: place, root }) => {
      const answer = await send({ method: 'GET', url: root, headers: {} });
      return parseVersions(answer.text).map((entry) => ({
        ...{ region: place, type, version: (text(entry['id']) ?? '').replace(/^v/, '') },
        status: statusOf(entry),
        endpoint: selfLink(entry) ?? root,
        minMicroversion: text(entry['min_version']),
        maxMicroversion: text(entry['version']) ?? text(entry['max_version']),
      }));
    }),
  );
  return found.flat();
}

function parseVersions(body: string): readonly Node[] {
  let parsed: Node;
  try {
    parsed = asNode(JSON.parse(body));
  } catch {
    return [];
  }
  const { versions, version } = parsed;
  const list = Array.isArray(versions) ? versions : asNode(versions)['values'];
  if (Array.isArray(list)) return list.map(asNode);
  return version === undefined ? [] : [asNode(version)];
}

/** Keystone says `stable` where the others say CURRENT. */
function statusOf(entry: Node): string {
  const status = text(entry['status'])?.toUpperCase() ?? '';
  return status === 'STABLE' ? 'CURRENT' : status;
}

function selfLink({ links }: Node): string | null {
  const list = Array.isArray(links) ? links.map(asNode) : [];
  return text(list.find(({ rel }) => rel === 'self')?.['href']);
}
