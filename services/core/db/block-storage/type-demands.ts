// What the extra specs of a volume type demand of its volumes, beyond the choice of a pool: to be attachable several times, to lie in
// named zones, and to be encrypted or not. Pure.
import { ServiceError } from '../../domain/errors.js';
import { demandLayoutSpecs } from './file-layout.js';
import type { ExtraSpecs } from './pool-match.js';

/** Cinder knows this spelling alone (cinder/volume/flows/api/create_volume.py). */
const yes = '<is> True';

export const zonesSpec = 'RESKEY:availability_zones';

/** True when volumes of the type may be attached to several servers at once. */
export function isMultiattach(specs: ExtraSpecs): boolean {
  return specs['multiattach'] === yes;
}

/** Our own: how volumes of the type get the data of a snapshot or of another volume. */
export const copySpec = 'saggar:copy';
export const copyModes = ['instant', 'full'] as const;
export type CopyMode = (typeof copyModes)[number];

/** `instant` where nothing is said: standing on the source's layers at first. `full`: never anything but a copy of its own. */
export function copyModeOf(specs: ExtraSpecs): CopyMode {
  return specs[copySpec] === 'full' ? 'full' : 'instant';
}

/**
 * Throws `bad_request` for specs that contradict each other (a cache on a host does not see what another host writes), and for a word of
 * ours that means nothing.
 */
export function demandConsistentSpecs(specs: ExtraSpecs): void {
  const copy = Object.hasOwn(specs, copySpec) ? specs[copySpec] : undefined;
  if (copy !== undefined && !(copyModes as readonly (string | null)[]).includes(copy)) {
    throw new ServiceError('bad_request', `Extra spec ${copySpec} must be one of: ${copyModes.join(', ')}.`);
  }
  demandLayoutSpecs(specs, isMultiattach(specs));
  if (isMultiattach(specs) && specs['cacheable'] === yes) {
    throw new ServiceError('bad_request', 'cacheable cannot be set with multiattach.');
  }
}

/** The zones that volumes of the type are bound to; null when it is bound to none. */
export function zonesOfType(specs: ExtraSpecs): string[] | null {
  const text = Object.hasOwn(specs, zonesSpec) ? specs[zonesSpec] : undefined;
  if (text === undefined) return null;
  return (text ?? '')
    .split(',')
    .map((zone) => zone.trim())
    .filter((zone) => zone !== '');
}

/**
 * The zones in which a volume may be placed; null: anywhere. `wanted` is the zone that the client or the source names, `known` are those
 * that exist. Throws `bad_request` when the type allows none of them. Texts: cinder/exception.py, InvalidTypeAvailabilityZones and
 * InvalidAvailabilityZone.
 */
export function chooseZones(specs: ExtraSpecs, wanted: string | null, known: readonly string[]): string[] | null {
  const bound = zonesOfType(specs);
  if (bound === null) return wanted === null ? null : [wanted];
  const safe = bound.filter((zone) => known.includes(zone));
  if (safe.length === 0) {
    const listed = bound.map((zone) => `'${zone}'`).join(', ');
    throw new ServiceError('bad_request', `Volume type is only supported in these availability zones: [${listed}]`);
  }
  if (wanted === null) return safe;
  if (!safe.includes(wanted)) {
    throw new ServiceError('bad_request', `Availability zone '${wanted}' is invalid.`);
  }
  return [wanted];
}

/** Throws `bad_request` for a type whose volumes are encrypted: plain bytes under that name would be a lie. */
export function demandPlainType(
  type: { readonly name: string; readonly is_encrypted: boolean },
  otherwise: string,
): void {
  if (!type.is_encrypted) return;
  throw new ServiceError(
    'bad_request',
    `Invalid volume type: volumes of type ${type.name} are encrypted, and ${otherwise}. Choose another type.`,
  );
}
