// Reads the scheduler hints beside a new volume. Hints that are not listed here are accepted and mean nothing, as with Cinder's default
// filters; the schema has checked the ids.
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { HintWish } from '../../core/db/block-storage/scheduler-hints.js';
import { readId } from './request-fields.js';

type Hints = components['schemas']['SchedulerHints'];
type Hinted = components['schemas']['HintedVolumes'];

function idsOf(value: Hinted | undefined): string[] {
  const ids = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return ids.map((id) => readId(id) ?? id);
}

export function readSchedulerHints(hints: Hints | undefined): HintWish {
  return { sameHost: idsOf(hints?.same_host), differentHost: idsOf(hints?.different_host) };
}
