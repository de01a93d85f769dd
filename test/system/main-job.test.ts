// The main job on real parts: PostgreSQL, RabbitMQ, GlusterFS, QEMU and the four processes of Saggar, started here in a state directory
// of their own. Each step of the story that `npm start` tells is a test; the steps build on each other. At the end everything is
// stopped and nothing may be left. Needs root, the Debian packages and a build; says so and skips where they are missing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Places, placesOf } from '../../deploy/places.js';
import { openProgress } from '../../deploy/progress.js';
import { startAll } from '../../deploy/start.js';
import { ensureLayout, type Layout } from '../../deploy/state-directory.js';
import { findLeftovers, stopAll } from '../../deploy/stop.js';
import { openStory, removeWhatIsThere, storySteps } from '../../deploy/story.js';
import type { StoryContext } from '../../deploy/story-context.js';
import { projectRoot } from '../../services/core/runtime/spec-files.js';
import { privateDirectory } from '../harness/environment.js';

function whyNot(): string | null {
  if (process.getuid?.() !== 0) return 'root is needed';
  for (const program of ['glusterd', 'qemu-system-x86_64', 'rabbitmqctl', 'mcopy']) {
    if (spawnSync('which', [program]).status !== 0) return `${program} is not installed`;
  }
  const built = path.join(projectRoot(), 'dist', 'services', 'cli', 'main.js');
  return existsSync(built) ? null : 'there is no build (npm run build)';
}

describe('the main job', function mainJob() {
  this.timeout(900_000);
  this.bail(true);
  const progress = openProgress();
  let state: string | null = null;
  let places: Places;
  let layout: Layout;
  let story: StoryContext | null = null;

  before(async function start() {
    const reason = whyNot();
    if (reason !== null) {
      process.stdout.write(`      skipped: ${reason}\n`);
      this.skip();
    }
    state = privateDirectory();
    layout = await ensureLayout(state);
    places = placesOf(state);
    await startAll(places, layout, progress);
    story = openStory(places, layout);
  });

  after(async () => {
    if (state === null) return;
    try {
      if (story !== null) await removeWhatIsThere(story);
      await stopAll(places, layout, progress);
      assert.deepEqual(await findLeftovers(places, layout), []);
    } finally {
      progress.close();
      rmSync(state, { recursive: true, force: true });
    }
  });

  for (const { tells, act } of storySteps) {
    it(tells, async () => {
      assert(story !== null);
      process.stdout.write(`        ${await act(story)}\n`);
    });
  }

  it('leaves nothing for the client to see', async () => {
    assert(story !== null);
    for (const kind of [['volume'], ['volume', 'snapshot'], ['volume', 'attachment'], ['server']]) {
      assert.deepEqual(JSON.parse(await story.cli(...kind, 'list', '--all-projects', '-f', 'json')), []);
    }
  });
});
