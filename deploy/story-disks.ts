// Steps of the story that make disks: a blank one, and the guest's root, copied from a boot disk that an operator put on the share and
// had taken in as a volume.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { DeployError } from './deploy-error.js';
import { ensureGuestImage } from './guest/guest-image.js';
import { mustRun } from './programs.js';
import { mustBe } from './story-checks.js';
import type { StoryContext } from './story-context.js';
import { waitingMessages } from './story-traces.js';

export async function makeData(story: StoryContext): Promise<string> {
  story.remember('messages', await waitingMessages(story));
  const id = await story.makeVolume('--size', '1', story.named('data'));
  story.remember('data', id);
  const { status, size } = await story.json('volume', 'show', id);
  mustBe('status and size of the volume', `${String(status)} ${String(size)}`, 'available 1');
  return `volume ${id} is available`;
}

export async function makeBootDisk(story: StoryContext): Promise<string> {
  const image = await ensureGuestImage(path.join(story.places.state, 'guest'));
  const { mountPoint } = story.share();
  const file = `${story.named('boot')}.raw`;
  const target = path.join(mountPoint, file);
  await mustRun(['cp', '--sparse=always', '--', image.file, target], 'check the free space of the share');
  try {
    const taken = await story.makeVolume(
      ...[
        '--remote-source',
        `source-name=${file}`,
        '--remote-source',
        'format=raw',
        '--host',
        await poolName(story),
        '--bootable',
        story.named('boot'),
      ],
    );
    story.remember('boot', taken);
    const root = await story.makeVolume('--source', taken, story.named('root'));
    story.remember('root', root);
    return `volume ${taken} holds the test guest (Debian kernel, busybox), volume ${root} is its copy`;
  } finally {
    await rm(target, { force: true }); // gone already when it was taken in: taking in is a rename
  }
}

/** The pool of the share that the boot disk was put on. */
async function poolName(story: StoryContext): Promise<string> {
  const pools = JSON.parse(await story.cli('volume', 'backend', 'pool', 'list', '-f', 'json')) as { Name: string }[];
  const { source } = story.share();
  const glusterVolume = source.slice(source.lastIndexOf('/') + 1);
  const pool = pools.find(({ Name }) => Name.endsWith(`/${glusterVolume}`));
  if (pool !== undefined) return pool.Name;
  const names = pools.map(({ Name }) => Name).join(', ');
  throw new DeployError(`no pool is the share ${source}`, `there are: ${names}`, 'read the volume worker’s log');
}
