// image create: a record with the bytes of a local file, without any, or made of a volume.
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { components as Images } from '../../../api-spec/generated/image.js';
import { CliError, UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { forgetImage, sendImage } from '../http/image-bytes.js';
import { givenOnly } from '../resources/given-only.js';
import { findVolume, type Image } from '../resources/lookups.js';
import { givenProjectId, projectOptions } from '../resources/scopes.js';
import type { Session } from '../session.js';
import { waitForStatus } from '../wait/wait-for-status.js';
import { waitLimitMs, waitOptions } from '../wait/wait-options.js';
import {
  containerFormats,
  diskFormats,
  eitherOf,
  imageFields,
  needOptions,
  protectionOptions,
  serviceFields,
  visibilityOf,
  visibilityOptions,
  whoMayUseIt,
} from './image-fields.js';
import { resourceFields } from './volume-fields.js';

type NewImage = components['schemas']['VolumeUploadImage']['os-volume_upload_image'];
/** Custom properties are further keys, which the document leaves open. */
type NewRecord = Images['schemas']['ImageCreate'];

function byId(session: Session, id: string): Promise<Image> {
  return session.image.get('/v2/images/{image_id}', { path: { image_id: id } });
}

/** `--property` may not name what has an option or what the service alone sets. */
export function customProperties(input: CommandInput): Record<string, string> {
  const pairs = input.pairs('property');
  for (const name of Object.keys(pairs)) {
    if (serviceFields.has(name))
      throw new UsageError(`--property cannot set '${name}', which is a field of every image.`);
  }
  return pairs;
}

async function createImage(session: Session, input: CommandInput): Promise<CommandResult> {
  if (input.anyOf('volume')) return imageOfVolume(session, input);
  if (input.flag('force')) throw new UsageError('--force goes with --volume.');
  const wanted = {
    ...customProperties(input),
    name: input.need('name'),
    disk_format: input.text('disk-format') ?? 'raw',
    container_format: input.text('container-format') ?? 'bare',
    ...givenOnly({
      id: input.text('id'),
      owner: await givenProjectId(session, input),
      min_disk: input.integer('min-disk'),
      min_ram: input.integer('min-ram'),
      protected: eitherOf(input, 'protected', 'unprotected'),
      visibility: visibilityOf(input),
      tags: input.anyOf('tag') ? [...input.texts('tag')] : undefined,
    }),
  } as NewRecord;
  const image = await session.image.post('/v2/images', { body: wanted });
  const file = input.text('file');
  if (file === undefined) return imageFields(image);
  try {
    await sendImage(session, image.id, file);
  } catch (error) {
    // An image without its data is of no use to anybody; why it came to that matters more than a record that stays.
    if (image.protected !== true) await forgetImage(session, image.id).catch(() => undefined);
    throw error;
  }
  return imageFields(await byId(session, image.id));
}

const notOfVolumes = ['id', 'min-disk', 'min-ram', 'property', 'tag', 'project', 'file'] as const;

async function imageOfVolume(session: Session, input: CommandInput): Promise<CommandResult> {
  const refused = notOfVolumes.find((name) => input.anyOf(name));
  if (refused !== undefined) {
    throw new UsageError(`--${refused} does not go with --volume.`, 'Set it afterwards: `saggar image set`.');
  }
  const volume = await findVolume(session, input.need('volume'));
  const wanted = {
    image_name: input.need('name'),
    force: input.flag('force'),
    container_format: input.text('container-format') ?? 'bare',
    disk_format: (input.text('disk-format') ?? 'raw') as NonNullable<NewImage['disk_format']>,
    visibility: visibilityOf(input) ?? 'private',
    protected: eitherOf(input, 'protected', 'unprotected') ?? false,
  } satisfies NewImage;
  const answer = await session.volume.post('/v3/volumes/{volume_id}/action', {
    path: { volume_id: volume.id },
    body: { 'os-volume_upload_image': wanted } as unknown as Record<string, never>,
  });
  const { 'os-volume_upload_image': begun } = answer as components['schemas']['UploadedImageEnvelope'];
  if (!input.flag('wait')) return resourceFields({ ...begun, volume_type: begun.volume_type?.name ?? null });
  const made = await waitForStatus<Image>(
    {
      what: `image ${wanted.image_name}`,
      look: () => byId(session, begun.image_id),
      done: ({ status }) => status === 'active',
      pending: ({ status }) => status === 'queued' || status === 'saving',
      timeoutMs: waitLimitMs(input),
    },
    session.progress,
  );
  if (made === null) throw new CliError('The image is gone.', 'Somebody deleted it.');
  return imageFields(made);
}

export const imageCreateCommands: readonly CommandRow[] = [
  {
    path: 'image create',
    summary: 'Make an image: of a local file, of a volume, or a record alone whose data comes later',
    args: [{ name: 'name', about: 'name of the new image' }],
    options: [
      { flags: '--file <file>', about: 'send this file; - is standard input', conflicts: ['volume'] },
      { flags: '--volume <volume>', about: 'copy this volume (name or ID)' },
      { flags: '--force', about: 'also while the volume is in use' },
      { flags: '--disk-format <format>', about: 'what the bytes are (default raw)', choices: diskFormats },
      { flags: '--container-format <format>', about: 'what is around them (default bare)', choices: containerFormats },
      { flags: '--id <id>', about: 'ID of the new image' },
      ...needOptions,
      ...protectionOptions,
      ...visibilityOptions(whoMayUseIt),
      { flags: '--property <key=value>', about: 'property; repeat for several', repeat: true },
      { flags: '--tag <tag>', about: 'tag; repeat for several', repeat: true },
      ...projectOptions('owner (name or ID; administrators)'),
      { flags: '--progress', about: 'show how far it is (as always on a terminal)' },
      ...waitOptions,
    ],
    details: [
      'With --file it returns when the service keeps all bytes and has compared them with the format',
      'that was said; what it refuses is forgotten. --wait and --timeout are for --volume.',
    ],
    example: 'saggar image create --disk-format qcow2 --file disk.qcow2 debian',
    moreExamples: [
      'saggar image create --volume data --disk-format qcow2 --wait data-of-monday',
      'saggar image create --public --property os_distro=debian --min-disk 2 --file disk.qcow2 debian',
    ],
    output: 'one',
    run: createImage,
  },
];
