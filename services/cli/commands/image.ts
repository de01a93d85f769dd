// image list, show, set, unset, delete, save, and the projects that an image is shared with. Options are spelled as python-openstackclient's.
import { CliError, UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { readImage } from '../http/image-bytes.js';
import { readAllPages } from '../resources/all-pages.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findImage, type Image } from '../resources/lookups.js';
import { givenProjectId, projectDomainOption, projectIdOf, projectOptions } from '../resources/scopes.js';
import type { Session } from '../session.js';
import { customProperties } from './image-create.js';
import {
  containerFormats,
  diskFormats,
  eitherOf,
  imageArgument,
  imageFields,
  imageList,
  needOptions,
  protectionOptions,
  visibilityOf,
  visibilityOptions,
  whoMayUseIt,
} from './image-fields.js';
import { resourceFields } from './volume-fields.js';

const memberStatuses = ['accepted', 'pending', 'rejected', 'all'] as const;

/** Several tags and properties may be asked for; the service takes the first of each, the others are sorted out here. */
async function listImages(session: Session, input: CommandInput): Promise<CommandResult> {
  const marker = input.text('marker');
  const properties = input.pairs('property');
  const tags = input.texts('tag');
  const query = givenOnly({
    visibility: input.flag('all') ? 'all' : visibilityOf(input),
    name: input.text('name'),
    status: input.text('status'),
    member_status: input.text('member-status'),
    owner: await givenProjectId(session, input),
    tag: tags[0],
    os_hidden: input.flag('hidden') ? true : undefined,
    sort: input.text('sort') ?? 'name:asc',
  });
  const images = await readAllPages<Image>(
    async (after, limit) => {
      const page = await session.image.get('/v2/images', { query: { ...query, marker: after, limit } });
      return { items: page.images, more: page.next !== undefined };
    },
    {
      wanted: input.integer('limit'),
      ...(marker === undefined ? {} : { marker: (await findImage(session, marker)).id }),
    },
  );
  const fits = (image: Image): boolean =>
    tags.every((tag) => image.tags.includes(tag)) &&
    Object.entries(properties).every(([name, value]) => image[name] === value);
  return imageList(images.filter(fits), input.flag('long'));
}

/** Options that are properties with names that other services know. */
const knownProperties = ['architecture', 'instance-id', 'kernel-id', 'os-distro', 'os-version', 'ramdisk-id'] as const;

interface PatchStep {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** RFC 6901. */
function pointer(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

async function patchImage(session: Session, id: string, steps: readonly PatchStep[]): Promise<void> {
  if (steps.length === 0) return;
  await session.image.patch('/v2/images/{image_id}', {
    path: { image_id: id },
    headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' },
    body: [...steps],
  });
}

async function setImage(session: Session, input: CommandInput): Promise<undefined> {
  const membership = (['accept', 'reject', 'pending'] as const).find((name) => input.flag(name));
  const activation = eitherOf(input, 'activate', 'deactivate');
  const projectId = await givenProjectId(session, input);
  const fields = givenOnly({
    name: input.text('name'),
    min_disk: input.integer('min-disk'),
    min_ram: input.integer('min-ram'),
    disk_format: input.text('disk-format'),
    container_format: input.text('container-format'),
    protected: eitherOf(input, 'protected', 'unprotected'),
    os_hidden: eitherOf(input, 'hidden', 'unhidden'),
    visibility: visibilityOf(input),
    // With --accept and the like it says whose membership is meant.
    owner: membership === undefined ? projectId : undefined,
  });
  const known = knownProperties.flatMap((name) => {
    const value = input.text(name);
    return value === undefined ? [] : [[name.replaceAll('-', '_'), value] as const];
  });
  const properties = { ...customProperties(input), ...Object.fromEntries(known) };
  const tags = input.texts('tag');
  const changes = Object.keys(fields).length + Object.keys(properties).length + tags.length;
  if (changes === 0 && membership === undefined && activation === undefined) {
    throw new UsageError('Nothing to change was given.');
  }
  const image = await findImage(session, input.need('image'));
  const path = { image_id: image.id };
  if (activation === true) await session.image.post('/v2/images/{image_id}/actions/reactivate', { path });
  if (activation === false) await session.image.post('/v2/images/{image_id}/actions/deactivate', { path });
  if (membership !== undefined) await answerSharing(session, image.id, membership, projectId);
  await patchImage(session, image.id, [
    ...Object.entries(fields).map(([name, value]) => ({ op: 'replace' as const, path: pointer(name), value })),
    // `add` puts a new value in the place of an old one.
    ...Object.entries(properties).map(([name, value]) => ({ op: 'add' as const, path: pointer(name), value })),
    ...(tags.length === 0
      ? []
      : [{ op: 'replace' as const, path: '/tags', value: [...new Set([...image.tags, ...tags])] }]),
  ]);
  return undefined;
}

const answers = { accept: 'accepted', reject: 'rejected', pending: 'pending' } as const;

/** Says whether a project takes an image that was shared with it: the given project, or one's own. */
async function answerSharing(
  session: Session,
  imageId: string,
  answer: keyof typeof answers,
  projectId: string | undefined,
): Promise<void> {
  const memberId = projectId ?? (await session.login()).projectId;
  if (memberId === null) throw new CliError('The token has no project.', 'Name one with --project.');
  await session.image.put('/v2/images/{image_id}/members/{member_id}', {
    path: { image_id: imageId, member_id: memberId },
    body: { status: answers[answer] },
  });
}

async function unsetImage(session: Session, input: CommandInput): Promise<undefined> {
  const [tags, properties] = [input.texts('tag'), input.texts('property')];
  if (tags.length + properties.length === 0)
    throw new UsageError('--tag or --property is missing.', 'Name what to remove.');
  const image = await findImage(session, input.need('image'));
  const absent = [
    ...tags.filter((tag) => !image.tags.includes(tag)).map((tag) => `tag '${tag}'`),
    ...properties.filter((name) => image[name] === undefined).map((name) => `property '${name}'`),
  ];
  if (absent.length > 0) throw new CliError(`The image has no ${absent.join(', no ')}.`, 'Nothing was changed.');
  const left = image.tags.filter((tag) => !tags.includes(tag));
  await patchImage(session, image.id, [
    ...properties.map((name) => ({ op: 'remove' as const, path: pointer(name) })),
    ...(tags.length === 0 ? [] : [{ op: 'replace' as const, path: '/tags', value: left }]),
  ]);
  return undefined;
}

async function saveImage(session: Session, input: CommandInput): Promise<undefined> {
  const file = input.text('file') ?? '-';
  if (file === '-' && process.stdout.isTTY === true) {
    throw new UsageError('An image is not printed to a terminal.', 'Give --file, or redirect the output.');
  }
  await readImage(session, await findImage(session, input.need('image')), file);
  return undefined;
}

const propertyOptions: readonly OptionSpec[] = knownProperties.map((name) => ({
  flags: `--${name} <${name}>`,
  about: `the property ${name.replaceAll('-', '_')}`,
}));

const projectArgument = { name: 'project', about: 'project (name or ID)' } as const;

export const imageCommands: readonly CommandRow[] = [
  {
    path: 'image list',
    summary: 'List the images that one may use',
    options: [
      ...visibilityOptions(
        {
          public: 'only public ones',
          private: 'only private ones',
          community: 'only those of the community',
          shared: 'only shared ones',
          all: 'of every visibility',
        },
        ['all'],
      ),
      { flags: '--name <name>', about: 'with this name' },
      { flags: '--status <status>', about: 'with this status' },
      { flags: '--member-status <status>', about: 'shared ones, by what was answered', choices: memberStatuses },
      { flags: '--property <key=value>', about: 'with this property; repeat for several', repeat: true },
      { flags: '--tag <tag>', about: 'with this tag; repeat for several', repeat: true },
      ...projectOptions('of this project (name or ID; administrators)'),
      { flags: '--hidden', about: 'only hidden ones' },
      { flags: '--long', about: 'with more columns' },
      { flags: '--sort <keys>', about: 'keys in this order, e.g. created_at:desc,name (default name:asc)' },
      { flags: '--limit <count>', about: 'at most so many', integer: { min: 0, max: 1_000_000 } },
      { flags: '--marker <image>', about: 'begin after this one (name or ID)' },
    ],
    example: 'saggar image list --public --long',
    output: 'many',
    run: listImages,
  },
  {
    path: 'image show',
    summary: 'Show an image with its properties',
    args: [imageArgument],
    options: [{ flags: '--human-readable', about: 'size with a unit' }],
    example: 'saggar image show debian',
    output: 'one',
    run: async (session, input) =>
      imageFields(await findImage(session, input.need('image')), input.flag('human-readable')),
  },
  {
    path: 'image set',
    summary: 'Change an image, or answer to one that was shared with the project',
    args: [imageArgument],
    options: [
      { flags: '--name <name>', about: 'new name' },
      ...needOptions,
      { flags: '--disk-format <format>', about: 'what the bytes are; before there are any', choices: diskFormats },
      { flags: '--container-format <format>', about: 'what is around them', choices: containerFormats },
      ...protectionOptions,
      ...visibilityOptions(whoMayUseIt),
      { flags: '--property <key=value>', about: 'property; repeat for several', repeat: true },
      { flags: '--tag <tag>', about: 'tag to add; repeat for several', repeat: true },
      ...propertyOptions,
      { flags: '--activate', about: 'give its data to everybody again who may use it', conflicts: ['deactivate'] },
      { flags: '--deactivate', about: 'give its data to administrators only' },
      ...projectOptions('new owner, or with --accept and the like whose answer it is (name or ID)'),
      { flags: '--accept', about: 'take a shared image into the lists', conflicts: ['reject', 'pending'] },
      { flags: '--reject', about: 'do not take it', conflicts: ['accept', 'pending'] },
      { flags: '--pending', about: 'take the answer back', conflicts: ['accept', 'reject'] },
      { flags: '--hidden', about: 'leave it out of lists', conflicts: ['unhidden'] },
      { flags: '--unhidden', about: 'show it in lists' },
    ],
    example: 'saggar image set --property os_distro=debian --tag tested debian',
    output: 'none',
    run: setImage,
  },
  {
    path: 'image unset',
    summary: 'Remove properties and tags of an image',
    args: [imageArgument],
    options: [
      { flags: '--tag <tag>', about: 'tag to remove; repeat for several', repeat: true },
      { flags: '--property <key>', about: 'property to remove; repeat for several', repeat: true },
    ],
    example: 'saggar image unset --property os_distro debian',
    output: 'none',
    run: unsetImage,
  },
  {
    path: 'image delete',
    summary: 'Delete images; volumes and servers that were made of them stay',
    args: [{ ...imageArgument, many: true }],
    example: 'saggar image delete debian',
    output: 'none',
    run: async (session, input) => {
      await forEachNamed(input.texts('image'), async (name) => {
        const { id } = await findImage(session, name);
        await session.image.delete('/v2/images/{image_id}', { path: { image_id: id } });
      });
      return undefined;
    },
  },
  {
    path: 'image save',
    summary: 'Write the data of an image to a file, and compare its hash',
    args: [imageArgument],
    options: [{ flags: '--file <file>', about: 'file to write; standard output otherwise' }],
    example: 'saggar image save --file saved.qcow2 debian',
    output: 'none',
    run: saveImage,
  },
  {
    path: 'image add project',
    summary: 'Share an image with a project',
    args: [imageArgument, projectArgument],
    options: [projectDomainOption],
    details: ['The image must be shared (`image set --shared`); the project answers with `image set --accept`.'],
    example: 'saggar image add project debian demo',
    output: 'one',
    run: async (session, input) => {
      const [image, member] = await Promise.all([
        findImage(session, input.need('image')),
        projectIdOf(session, input.need('project'), input.text('project-domain')),
      ]);
      const path = { image_id: image.id };
      return resourceFields(await session.image.post('/v2/images/{image_id}/members', { path, body: { member } }));
    },
  },
  {
    path: 'image remove project',
    summary: 'Share an image with a project no more',
    args: [imageArgument, projectArgument],
    options: [projectDomainOption],
    example: 'saggar image remove project debian demo',
    output: 'none',
    run: async (session, input) => {
      const [image, memberId] = await Promise.all([
        findImage(session, input.need('image')),
        projectIdOf(session, input.need('project'), input.text('project-domain')),
      ]);
      const path = { image_id: image.id, member_id: memberId };
      await session.image.delete('/v2/images/{image_id}/members/{member_id}', { path });
      return undefined;
    },
  },
  {
    path: 'image member list',
    summary: 'List the projects that an image is shared with',
    args: [imageArgument],
    options: [projectDomainOption],
    example: 'saggar image member list debian',
    output: 'many',
    run: async (session, input) => {
      const { id } = await findImage(session, input.need('image'));
      const { members } = await session.image.get('/v2/images/{image_id}/members', { path: { image_id: id } });
      return {
        kind: 'many',
        columns: ['Image ID', 'Member ID', 'Status'],
        rows: members.map(({ image_id, member_id, status }) => [image_id, member_id, status]),
      };
    },
  },
];
