// One request of the comparison, as data. Rows run in order, once against each service; what one answer gives (an id, a key) later rows
// name in braces: `/v3/volumes/{vol}`. Names of rows are unique: known differences point at them.
import { createHash } from 'node:crypto';

export type Person = 'ann' | 'bob' | 'reader' | 'admin' | 'service';
export type Kind = 'volumes' | 'snapshots';

export interface Row {
  readonly name: string;
  /** Whose token; null sends none, a text that is nobody's name sends a bad one. Default ann. */
  readonly as?: Person | 'nobody' | null;
  /** `3.27`; none sends no version header. Not above 3.70, which the peer does not know. */
  readonly version?: string;
  readonly method?: string;
  /** From the root of the API: `/`, `/v3/volumes/{vol}`. */
  readonly path: string;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Placeholder -> where in the answer, `volume.id` or `types.0.id`. */
  readonly keep?: Readonly<Record<string, string>>;
  /** Placeholder -> header of the answer. */
  readonly keepHeader?: Readonly<Record<string, string>>;
  /** After the answer, wait until the resource that the placeholder names has the status, or is gone. */
  readonly until?: readonly [kind: Kind, placeholder: string, status: string];
  /** Texts of messages and values must be equal too; otherwise they are only reported. */
  readonly exact?: true;
}

interface Standing {
  readonly project: string;
  readonly roles: readonly string[];
}

export const people: Readonly<Record<Person, Standing>> = {
  ann: { project: 'project-a', roles: ['member', 'reader'] },
  bob: { project: 'project-b', roles: ['member', 'reader'] },
  reader: { project: 'project-a', roles: ['reader'] },
  admin: { project: 'admin', roles: ['admin', 'member', 'reader'] },
  service: { project: 'service', roles: ['service'] },
};

/** 32 hex digits; the same that the rig of the block-storage contract lane gives its people. */
export function hexId(name: string): string {
  return createHash('md5').update(name).digest('hex');
}

/** Placeholders that are known before the first answer. */
export const givenPlaceholders: Readonly<Record<string, string>> = {
  missing: '00000000-0000-4000-8000-000000000000',
  'project-a': hexId('project-a'),
  'project-b': hexId('project-b'),
};
