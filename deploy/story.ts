// The main job, told on real parts: a volume is made on the share, attached to a running guest, snapshotted while the guest writes,
// restored, and everything is deleted again. Steps are a table; each says what was seen. A step that does not see what it must fails
// the story: nothing here is taken on trust from a status word alone.
import { randomBytes } from 'node:crypto';
import type { Places } from './places.js';
import type { Progress } from './progress.js';
import type { Layout } from './state-directory.js';
import { StoryContext } from './story-context.js';
import { makeBootDisk, makeData } from './story-disks.js';
import {
  attachData,
  bootGuest,
  deleteAll,
  deleteSnapshot,
  lookForTraces,
  restore,
  takeSnapshot,
} from './story-steps.js';

export interface StoryStep {
  readonly tells: string;
  /** Returns what was seen, for the reader. */
  readonly act: (story: StoryContext) => Promise<string>;
}

/** In this order. */
export const storySteps: readonly StoryStep[] = [
  { tells: 'a volume of 1 GiB is made', act: makeData },
  { tells: 'a boot disk is taken in from a file on the share, and copied', act: makeBootDisk },
  { tells: 'a guest boots from the copy', act: bootGuest },
  { tells: 'the volume is plugged into the running guest, which writes to it', act: attachData },
  { tells: 'a snapshot is taken while the guest writes', act: takeSnapshot },
  { tells: 'the guest overwrites; a volume from the snapshot has the old bytes', act: restore },
  { tells: 'the snapshot is deleted while the guest writes', act: deleteSnapshot },
  { tells: 'everything is detached and deleted', act: deleteAll },
  { tells: 'nothing is left', act: lookForTraces },
];

export function openStory(places: Places, layout: Layout): StoryContext {
  return new StoryContext(places, layout, randomBytes(3).toString('hex'));
}

/** Tells the story and prints each step. Throws at the first step that fails; what it made is removed as far as possible. */
export async function tellStory(places: Places, layout: Layout, progress: Progress): Promise<void> {
  const story = openStory(places, layout);
  try {
    for (const [index, step] of storySteps.entries()) {
      const seen = await progress.during(`${index + 1}. ${step.tells}`, () => step.act(story));
      progress.say(`           ${seen}`);
    }
  } catch (error) {
    progress.say('  the story ended early; removing what it made (Saggar goes on running: npm stop ends it)');
    await removeWhatIsThere(story);
    throw error;
  } finally {
    story.closeConsole();
  }
}

/** After a failure: best effort, in the order in which things depend on each other; found by name, as ids may never have come. */
export async function removeWhatIsThere(story: StoryContext): Promise<void> {
  story.closeConsole();
  const kinds = [['server'], ['volume', 'snapshot'], ['volume']] as const;
  for (const kind of kinds) {
    const listed = await story.tryCli(...kind, 'list', '-f', 'json').catch(() => null);
    if (listed?.exitCode !== 0) continue;
    const found = JSON.parse(listed.stdout) as { ID: string; Name: string }[];
    const ids = found.filter(({ Name }) => Name.endsWith(`-${story.suffix}`)).map(({ ID }) => ID);
    if (ids.length > 0) await story.tryCli(...kind, 'delete', '--wait', ...ids).catch(() => null);
  }
}
