// The records beside a volume type: who may use a private one, and how its volumes are to be encrypted. Both come with the options of
// `volume type create`, `set` and `unset`.
import { UsageError } from '../cli-error.js';
import type { OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { givenOnly } from '../resources/given-only.js';
import { projectDomainOption, projectIdOf } from '../resources/scopes.js';
import type { Session } from '../session.js';

const locations = ['front-end', 'back-end'] as const;
const recordKeys = new Set(['volume_type_id', 'created_at', 'updated_at', 'deleted', 'deleted_at']);

export const encryptionOptions: readonly OptionSpec[] = [
  { flags: '--encryption-provider <name>', about: 'format of the encryption record, such as luks' },
  { flags: '--encryption-cipher <name>', about: 'algorithm, such as aes-xts-plain64' },
  { flags: '--encryption-key-size <bits>', about: 'size of the key', integer: { min: 0, max: 2_147_483_647 } },
  { flags: '--encryption-control-location <place>', about: 'who encrypts (front-end by default)', choices: locations },
];

export function accessOptions(about: string): readonly OptionSpec[] {
  return [{ flags: '--project <project>', about, repeat: true }, projectDomainOption];
}

export function wantsEncryption(input: CommandInput): boolean {
  return input.anyOf(...encryptionOptions.map(({ flags }) => flags.replace(/^--([\w-]+).*$/, '$1')));
}

/** The encryption record of a type, without the dates; null when it has none. */
export async function readEncryption(session: Session, typeId: string): Promise<Record<string, unknown> | null> {
  const record = await session.volume.get('/v3/types/{type_id}/encryption', { path: { type_id: typeId } });
  const entries = Object.entries(record).filter(([key]) => !recordKeys.has(key));
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** Gives the type the record that the options describe, or changes the one it has. */
export async function writeEncryption(session: Session, input: CommandInput, typeId: string): Promise<void> {
  if (!wantsEncryption(input)) return;
  const path = { type_id: typeId };
  const place = locations.find((name) => name === input.text('encryption-control-location'));
  const change = givenOnly({
    provider: input.text('encryption-provider'),
    cipher: input.text('encryption-cipher'),
    key_size: input.integer('encryption-key-size'),
    control_location: place,
  });
  if ((await readEncryption(session, typeId)) !== null) {
    // The last part of the path is looked at by nobody; python-openstackclient sends `provider`.
    await session.volume.put('/v3/types/{type_id}/encryption/{key}', {
      path: { ...path, key: 'provider' },
      body: { encryption: change },
    });
    return;
  }
  const { provider } = change;
  if (provider === undefined) {
    throw new UsageError(
      '--encryption-provider is missing.',
      'The type has no encryption record that could be changed.',
    );
  }
  const encryption = { ...change, provider, control_location: place ?? ('front-end' as const) };
  await session.volume.post('/v3/types/{type_id}/encryption', { path, body: { encryption } });
}

export async function deleteEncryption(session: Session, typeId: string): Promise<void> {
  await session.volume.delete('/v3/types/{type_id}/encryption/{key}', { path: { type_id: typeId, key: 'provider' } });
}

/** Ids of the projects that may use a private type. */
export async function readAccess(session: Session, typeId: string): Promise<readonly string[]> {
  const { volume_type_access } = await session.volume.get('/v3/types/{type_id}/os-volume-type-access', {
    path: { type_id: typeId },
  });
  return volume_type_access.map(({ project_id }) => project_id);
}

/** Gives the projects of `--project` access to a private type, or takes it away. */
export async function changeAccess(
  session: Session,
  input: CommandInput,
  typeId: string,
  give: boolean,
): Promise<void> {
  for (const name of input.texts('project')) {
    const project = await projectIdOf(session, name, input.text('project-domain'));
    const body = give ? { addProjectAccess: { project } } : { removeProjectAccess: { project } };
    await session.volume.post('/v3/types/{type_id}/action', { path: { type_id: typeId }, body });
  }
}
