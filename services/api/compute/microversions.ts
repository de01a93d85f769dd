// The one table of microversion gates of the compute API: what a client gets, may send, or is held to since which version. Versions
// between these change things that do not exist here; they are answered all the same, because a version is a promise about shape.
// Source: "REST API Version History" of Nova.
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { atLeast, type Microversion, type VersionRules, type VersionText } from '../shell/microversion.js';

export const computeVersions: VersionRules = {
  service: 'compute',
  legacyHeader: 'X-OpenStack-Nova-API-Version',
  min: '2.1',
  max: '2.60',
};

export const gates = {
  /** More attributes of servers for administrators; delete_on_termination of attached volumes. */
  'server-attributes': '2.3',
  'server-locked': '2.9',
  'service-forced-down': '2.11',
  'server-host-status': '2.16',
  'server-description': '2.19',
  'server-tags': '2.26',
  /** Limits of the network proxies are gone. */
  'limits-without-network': '2.36',
  'action-of-gone-server': '2.21',
  /** `networks` must be sent, and may be a word. */
  'networks-required': '2.37',
  'status-filter-strict': '2.38',
  'limits-without-images': '2.39',
  'device-tag': '2.42',
  'flavor-embedded': '2.47',
  'attachment-tag': '2.49',
  'event-volume-extended': '2.51',
  /** Everybody sees what became of an action. */
  'action-events': '2.51',
  'server-create-tags': '2.52',
  'service-uuid': '2.53',
  'flavor-description': '2.55',
  /** Files can no longer be injected. */
  'personality-gone': '2.57',
  /** Lists of actions have pages, and each says when it last changed. */
  'action-pages': '2.58',
} as const satisfies Record<string, VersionText>;

/** The last version in which volumes and snapshots can be asked for here: 2.36 took the proxies away. */
export const lastProxyVersion = '2.35' satisfies VersionText;

export type Gate = keyof typeof gates;

/** True when the request's version has what the gate names. */
export function has(version: Microversion, gate: Gate): boolean {
  return atLeast(version, gates[gate]);
}

/** Throws `bad_request`, as an older schema would, when the body has a field that its version does not know. */
export function refuseNewerFields(
  context: Pick<RequestContext, 'microversion'>,
  body: object,
  fields: Readonly<Record<string, Gate>>,
): void {
  for (const [field, gate] of Object.entries(fields)) {
    if (!Object.hasOwn(body, field) || has(context.microversion, gate)) continue;
    throw new ServiceError('bad_request', `Additional properties are not allowed ('${field}' was unexpected)`);
  }
}
