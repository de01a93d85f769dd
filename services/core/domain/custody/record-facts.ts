// What the columns of a record beside the data may hold. Whoever can write to the share can write a record, so each value is looked at before
// it is believed: one that the table would not take costs its own volume, and not the batch that it is recorded in. Which columns there are is
// said in core/db/custody/record-columns.ts; a column that is named here and not there is ignored.
import { isUuid } from '../ids.js';
import { imageStatuses, imageVisibilities, memberStatuses } from '../image.js';

export type FactKind =
  | 'id'
  | 'text'
  | 'count'
  | 'truth'
  | 'time'
  | 'texts'
  | 'bytes'
  | 'words'
  | 'members'
  | 'purpose'
  | 'visibility'
  | 'status';

interface FactRule {
  readonly kind: FactKind;
  readonly nullable: boolean;
}

const must = (kind: FactKind): FactRule => ({ kind, nullable: false });
const may = (kind: FactKind): FactRule => ({ kind, nullable: true });

const common: Readonly<Record<string, FactRule>> = {
  id: must('id'),
  project_id: must('text'),
  user_id: must('text'),
  name: may('text'),
  description: may('text'),
  size_gib: must('count'),
  consumes_quota: must('truth'),
  metadata: may('texts'),
  created_at: must('time'),
};

export const volumeFactRules: Readonly<Record<string, FactRule>> = {
  ...common,
  availability_zone: may('text'),
  snapshot_id: may('id'),
  source_volid: may('id'),
  name_id: may('id'),
  base_format: may('text'),
  preallocation: must('text'),
  bootable: must('truth'),
  multiattach: must('truth'),
  admin_metadata: may('texts'),
  image_metadata: may('texts'),
  launched_at: may('time'),
  purpose: must('purpose'),
};

export const imageFactRules: Readonly<Record<string, FactRule>> = {
  id: must('id'),
  project_id: must('text'),
  name: may('text'),
  status: must('status'),
  visibility: must('visibility'),
  protected: must('truth'),
  hidden: must('truth'),
  container_format: may('text'),
  disk_format: may('text'),
  min_disk: must('count'),
  min_ram: must('count'),
  size: may('bytes'),
  virtual_size: may('bytes'),
  checksum: may('text'),
  os_hash_algo: may('text'),
  os_hash_value: may('text'),
  properties: must('texts'),
  tags: must('words'),
  members: may('members'),
  created_at: must('time'),
  updated_at: must('time'),
};

export const snapshotFactRules: Readonly<Record<string, FactRule>> = {
  ...common,
  status: must('text'),
  volume_type_id: may('id'),
  internal: must('truth'),
};

export const typeFactRules: Readonly<Record<string, FactRule>> = {
  id: must('id'),
  name: must('text'),
  description: may('text'),
  is_public: must('truth'),
  extra_specs: may('texts'),
};

/** PostgreSQL's integer. */
const MAX_COUNT = 2 ** 31 - 1;

/** PostgreSQL takes no NUL in a text, and JSON knows halves of characters that UTF-8 has no bytes for. */
export function isStorableText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0') && Buffer.from(value, 'utf8').toString('utf8') === value;
}

function isOneOf(words: readonly string[]): (value: unknown) => boolean {
  return (value) => words.some((word) => word === value);
}

function isMember(value: unknown): boolean {
  const { member, status } = Object(value) as { member?: unknown; status?: unknown };
  return isStorableText(member) && isOneOf(memberStatuses)(status);
}

const fits: Readonly<Record<FactKind, (value: unknown) => boolean>> = {
  id: isUuid,
  text: isStorableText,
  count: (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_COUNT,
  truth: (value) => typeof value === 'boolean',
  time: (value) => typeof value === 'string' && isTime(value),
  bytes: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  words: (value) => Array.isArray(value) && value.every(isStorableText),
  members: (value) => Array.isArray(value) && value.every(isMember),
  purpose: isOneOf(['volume', 'image', 'image-cache']),
  visibility: isOneOf(imageVisibilities),
  status: isOneOf(imageStatuses),
  texts: (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(([key, text]) => isStorableText(key) && (text === null || isStorableText(text))),
};

const timePattern = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d{1,6})?Z?$/;

/** UTC, ISO 8601, of this epoch. JavaScript reads the 30th of February as a day of March, so it is asked what it has read. */
export function isTime(text: string): boolean {
  const [, day = '', clock = ''] = timePattern.exec(text) ?? [];
  if (day < '1970') return false;
  const read = Date.parse(`${day}T${clock}Z`);
  return !Number.isNaN(read) && new Date(read).toISOString().startsWith(`${day}T${clock}`);
}

/** The first column whose value cannot be used, or null. Columns that are not there are none. */
export function findUnusableFact(
  facts: Readonly<Record<string, unknown>>,
  rules: Readonly<Record<string, FactRule>>,
): string | null {
  for (const [column, { kind, nullable }] of Object.entries(rules)) {
    const value = facts[column];
    if (value === undefined || (value === null && nullable)) continue;
    if (!fits[kind](value)) return column;
  }
  return null;
}
