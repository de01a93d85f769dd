// Which image file a new volume gets: its format and what of it is allocated beforehand. The volume type says so, else the backend:
//
//   saggar:volume_format    raw | qcow2                      default: the backend's saggar_volume_format
//   saggar:preallocation    off | metadata | falloc | full   default: the backend's saggar_preallocation; metadata is only for qcow2
//
// A volume for several servers is raw whatever is said: two writers of one qcow2 file destroy it. Pure.
import { type LayerFormat, layerFormats } from '../../domain/chain.js';
import { ServiceError } from '../../domain/errors.js';
import type { ExtraSpecs, PoolCapabilities } from './pool-match.js';

export const formatSpec = 'saggar:volume_format';
export const preallocationSpec = 'saggar:preallocation';
export const preallocations = ['off', 'metadata', 'falloc', 'full'] as const;
export type PreallocationMode = (typeof preallocations)[number];

export interface FileLayout {
  readonly format: LayerFormat;
  readonly preallocation: PreallocationMode;
}

function wordOf<T extends string>(specs: ExtraSpecs, key: string, words: readonly T[]): T | null {
  const said = Object.hasOwn(specs, key) ? specs[key] : undefined;
  if (said === undefined) return null;
  const word = words.find((one) => one === said);
  if (word === undefined)
    throw new ServiceError('bad_request', `Extra spec ${key} must be one of: ${words.join(', ')}.`);
  return word;
}

/** The format that the type insists on; null when it takes what the backend makes. */
export function demandedFormat(specs: ExtraSpecs, multiattach: boolean): LayerFormat | null {
  return multiattach ? 'raw' : wordOf(specs, formatSpec, layerFormats);
}

/** Throws `bad_request` for words that mean nothing, and for two that contradict each other. */
export function demandLayoutSpecs(specs: ExtraSpecs, multiattach: boolean): void {
  const format = wordOf(specs, formatSpec, layerFormats);
  const preallocation = wordOf(specs, preallocationSpec, preallocations);
  if (multiattach && format === 'qcow2') {
    throw new ServiceError('bad_request', `${formatSpec} cannot be qcow2 with multiattach.`);
  }
  if (preallocation === 'metadata' && (multiattach || format === 'raw')) {
    throw new ServiceError(
      'bad_request',
      `${preallocationSpec} metadata is only for qcow2, and the type asks for raw.`,
    );
  }
}

/** For a volume of the type on a pool with these capabilities. A raw file has no metadata that could be allocated beforehand. */
export function layoutOf(
  specs: ExtraSpecs,
  multiattach: boolean,
  { volumeFormat = 'qcow2', preallocation: usual = 'off' }: Partial<PoolCapabilities>,
): FileLayout {
  const format = demandedFormat(specs, multiattach) ?? volumeFormat;
  const preallocation = wordOf(specs, preallocationSpec, preallocations) ?? usual;
  return { format, preallocation: format === 'raw' && preallocation === 'metadata' ? 'off' : preallocation };
}
