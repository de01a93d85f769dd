// Microversions: parsing, comparing, and choosing the one a request is answered in.
//
// Source of the rules: "Microversion specification" of the OpenStack API SIG, and what a Cinder 21.3.1 answers: no header means
// the minimum, `latest` the maximum, outside the range is 406 (the reply still names the version that was asked for), a text that
// is no version is 400 (without the header). Pure.
import { ServiceError } from '../../core/domain/errors.js';

export type VersionText = `${number}.${number}`;

export interface Microversion {
  readonly major: number;
  readonly minor: number;
}

export interface VersionRules {
  /** The service's word in `OpenStack-API-Version: <service> <version>`. */
  readonly service: string;
  /** An older header that carries the bare version (Nova's X-OpenStack-Nova-API-Version). */
  readonly legacyHeader?: string;
  readonly min: VersionText;
  readonly max: VersionText;
}

const header = 'OpenStack-API-Version';
const pattern = /^([1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/;

export function tryParseVersion(text: string): Microversion | null {
  const match = pattern.exec(text);
  return match === null ? null : { major: Number(match[1]), minor: Number(match[2]) };
}

export function parseVersion(text: VersionText): Microversion {
  const version = tryParseVersion(text);
  if (version === null) throw new Error(`${text} is no version`);
  return version;
}

/** Negative when a is older than b. */
function compare(a: Microversion, b: Microversion): number {
  return a.major - b.major || a.minor - b.minor;
}

/** True when the version has what came with `since`. */
export function atLeast(version: Microversion, since: VersionText): boolean {
  return compare(version, parseVersion(since)) >= 0;
}

/** True unless the version is older than `since` or newer than `until`. */
export function isServedAt(
  { since, until }: { readonly since?: VersionText; readonly until?: VersionText },
  version: Microversion,
): boolean {
  const begun = since === undefined || atLeast(version, since);
  return begun && (until === undefined || compare(version, parseVersion(until)) <= 0);
}

export function versionText(version: Microversion): string {
  return `${version.major}.${version.minor}`;
}

/** The version that the headers ask for, as text; null when they say nothing about this service. */
function askedVersion(rules: VersionRules, read: (name: string) => string | undefined): string | null {
  for (const entry of (read(header) ?? '').split(',')) {
    const [service, version, ...rest] = entry.trim().split(/\s+/);
    if (service === rules.service && rest.length === 0) return version ?? '';
  }
  return rules.legacyHeader === undefined ? null : (read(rules.legacyHeader) ?? null);
}

export type Negotiated =
  | { readonly ok: true; readonly version: Microversion }
  | { readonly ok: false; readonly error: ServiceError; readonly version: Microversion | null };

/** Never throws: a refusal comes back with the version that the reply must name, if any. */
export function negotiateVersion(rules: VersionRules, read: (name: string) => string | undefined): Negotiated {
  const asked = askedVersion(rules, read);
  const [min, max] = [parseVersion(rules.min), parseVersion(rules.max)];
  if (asked === null) return { ok: true, version: min };
  if (asked === 'latest') return { ok: true, version: max };
  const version = tryParseVersion(asked);
  if (version === null) {
    const text = `API Version String ${asked.slice(0, 64)} is of invalid format. Must be of format MajorNum.MinorNum.`;
    return { ok: false, error: new ServiceError('bad_request', text), version: null };
  }
  if (compare(version, min) < 0 || compare(version, max) > 0) {
    const text = `Version ${asked} is not supported by the API. Minimum is ${rules.min} and maximum is ${rules.max}.`;
    return { ok: false, error: new ServiceError('version_not_acceptable', text), version };
  }
  return { ok: true, version };
}

/** The headers of every routed reply. */
export function versionHeaders(rules: VersionRules, version: Microversion): Record<string, string> {
  const text = versionText(version);
  if (rules.legacyHeader === undefined) return { [header]: `${rules.service} ${text}`, Vary: header };
  return {
    [header]: `${rules.service} ${text}`,
    [rules.legacyHeader]: text,
    Vary: `${header}, ${rules.legacyHeader}`,
  };
}
