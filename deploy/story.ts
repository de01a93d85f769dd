// The main job, told on real parts: a volume is made on the share, attached to a running guest, snapshotted while the guest writes,
// restored, and everything is deleted again. Steps are a table; each says what was seen. A step that does not see what it must fails
// the story: nothing here is taken on trust from a status word alone.
// One guest disk: MiB 0 to 16 hold a pattern whose checksum is compared, MiB 64 to 66 belong to a writer that runs all the while.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { DeployError } from './deploy-error.js';
import { ensureGuestImage } from './guest/guest-image.js';
import { listShares } from './mounts.js';
import type { Places } from './places.js';
import { mustRun } from './programs.js';
import type { Progress } from './progress.js';
import type { Layout } from './state-directory.js';
import { StoryContext } from './story-context.js';
import { findTraces } from './story-traces.js';

interface Step {
  readonly tells: string;
  /** Returns what was seen, for the reader. */
  readonly act: (story: StoryContext) => Promise<string>;
}

const PATTERN_MIB = 16;
const WRITER_FIRST_MIB = 64;
const WRITER_MIB = 2;
const GUEST_BOOT_MS = 120_000;
const GUEST_WORK_MS = 60_000;

/** In this order. */
export const storySteps: readonly Step[] = [
  { tells: 'a volume of 1 GiB is made', act: makeData },
  { tells: 'a boot disk is taken in from a file on the share', act: makeBootDisk },
  { tells: 'a guest boots from it', act: bootGuest },
  { tells: 'the volume is plugged into the running guest, which writes to it', act: attachData },
  { tells: 'a snapshot is taken while the guest writes', act: takeSnapshot },
  { tells: 'the guest overwrites; a volume from the snapshot has the old bytes', act: restore },
  { tells: 'the snapshot is deleted while the guest writes', act: deleteSnapshot },
  { tells: 'everything is detached and deleted', act: deleteAll },
  { tells: 'nothing is left', act: lookForTraces },
];

/** Tells the story and prints each step. Throws at the first step that fails; what it made is removed as far as possible. */
export async function tellStory(places: Places, layout: Layout, progress: Progress): Promise<void> {
  const story = new StoryContext(places, layout, randomBytes(3).toString('hex'));
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

async function makeData(story: StoryContext): Promise<string> {
  const id = await story.makeVolume('--size', '1', story.named('data'));
  story.remember('data', id);
  return `volume ${id} is available`;
}

async function makeBootDisk(story: StoryContext): Promise<string> {
  const image = await ensureGuestImage(path.join(story.places.state, 'guest'));
  const share = listShares().find(({ mountPoint }) => mountPoint.startsWith(`${story.places.mounts}/`));
  if (share === undefined) {
    throw new DeployError(
      'no share is mounted',
      `nothing below ${story.places.mounts}`,
      'read the volume worker’s log',
    );
  }
  const file = `${story.named('boot')}.raw`;
  const target = path.join(share.mountPoint, file);
  await mustRun(['cp', '--sparse=always', '--', image.file, target], 'check the free space of the share');
  const pools = JSON.parse(await story.cli('volume', 'backend', 'pool', 'list', '-f', 'json')) as { Name: string }[];
  const pool = pools.find(({ Name }) => Name.endsWith(`#${share.source}`)) ?? pools[0];
  if (pool === undefined)
    throw new DeployError('there is no pool', 'the list is empty', 'read the volume worker’s log');
  try {
    const id = await story.makeVolume(
      '--remote-source',
      `source-name=${file}`,
      '--host',
      pool.Name,
      '--bootable',
      story.named('boot'),
    );
    story.remember('boot', id);
    return `volume ${id} holds the test guest (Debian kernel, busybox)`;
  } finally {
    await rm(target, { force: true }); // gone already when it was taken in: taking in is a rename
  }
}

async function bootGuest(story: StoryContext): Promise<string> {
  const flavors = JSON.parse(await story.cli('flavor', 'list', '-f', 'json')) as Record<string, unknown>[];
  const smallest = [...flavors].sort((a, b) => Number(a['RAM']) - Number(b['RAM']))[0];
  if (smallest === undefined) throw new DeployError('there is no flavor', 'the list is empty', 'read the API’s log');
  const id = await story.make(
    'server',
    'create',
    '--flavor',
    String(smallest['Name']),
    '--volume',
    story.recall('boot'),
    '--wait',
    story.named('guest'),
  );
  story.remember('guest', id);
  await story.waitForStatus('server', id, 'active');
  const console = await story.openConsole(id);
  await console.waitUntilReady(GUEST_BOOT_MS);
  return `server ${id}: ${await console.check('uname -sr', GUEST_WORK_MS)}, its console answers`;
}

async function attachData(story: StoryContext): Promise<string> {
  const data = story.recall('data');
  const device = await plug(story, data);
  story.remember('device', device);
  await writePattern(story, device, 'first');
  const sum = await checksum(story, device);
  story.remember('first sum', sum);
  await story.guest().check(`writer start ${device} ${WRITER_FIRST_MIB} ${WRITER_MIB}`, GUEST_WORK_MS);
  return `${device} in the guest, found by its serial; ${PATTERN_MIB} MiB written, md5 ${sum}`;
}

async function takeSnapshot(story: StoryContext): Promise<string> {
  const before = await writerStatus(story);
  const id = await story.make('volume', 'snapshot', 'create', '--volume', story.recall('data'), story.named('snap'));
  story.remember('snapshot', id);
  await story.waitForStatus('volume snapshot', id, 'available');
  const after = await writerStatus(story);
  return `snapshot ${id}; the guest wrote on, ${after - before} acknowledged writes meanwhile, no error`;
}

async function restore(story: StoryContext): Promise<string> {
  const device = story.recall('device');
  await writePattern(story, device, 'second');
  const newSum = await checksum(story, device);
  story.remember('second sum', newSum);
  const copy = await story.makeVolume('--snapshot', story.recall('snapshot'), story.named('restored'));
  story.remember('restored', copy);
  const copyDevice = await plug(story, copy);
  const oldSum = await checksum(story, copyDevice);
  mustBe('checksum of the restored volume', oldSum, story.recall('first sum'));
  mustBe('checksum of the original', await checksum(story, device), newSum);
  mustDiffer('old and new checksum', oldSum, newSum);
  return `restored ${copyDevice}: md5 ${oldSum} (old), ${device}: ${newSum} (new)`;
}

async function deleteSnapshot(story: StoryContext): Promise<string> {
  const before = await writerStatus(story);
  await story.cli('volume', 'snapshot', 'delete', '--wait', story.recall('snapshot'));
  const after = await writerStatus(story);
  mustBe('checksum after the merge', await checksum(story, story.recall('device')), story.recall('second sum'));
  await story.guest().check('writer stop', GUEST_WORK_MS);
  const verified = await story.guest().check('writer verify', GUEST_WORK_MS);
  return `${after - before} acknowledged writes during the merge; checksum holds; ${verified}`;
}

async function deleteAll(story: StoryContext): Promise<string> {
  const server = story.recall('guest');
  for (const name of ['restored', 'data']) {
    await story.cli('server', 'remove', 'volume', server, story.recall(name));
    await story.waitForStatus('volume', story.recall(name), 'available');
  }
  story.closeConsole();
  await story.cli('server', 'delete', '--wait', server);
  await story.waitForStatus('volume', story.recall('boot'), 'available');
  await story.cli('volume', 'delete', '--wait', ...story.madeVolumes);
  return `server and ${story.madeVolumes.length} volumes are deleted`;
}

async function lookForTraces(story: StoryContext): Promise<string> {
  const traces = await findTraces(story, [...story.madeVolumes, story.recall('guest'), story.recall('snapshot')]);
  if (traces.length === 0) return 'no file on the share, no row, no message, no QEMU';
  throw new DeployError('the story left traces', traces.join('\n    '), 'npm stop, then look at these');
}

async function plug(story: StoryContext, volumeId: string): Promise<string> {
  await story.cli('server', 'add', 'volume', story.recall('guest'), volumeId);
  await story.waitForStatus('volume', volumeId, 'in-use');
  // QEMU cuts serial numbers at 20 characters.
  return (await story.guest().check(`disk ${volumeId.slice(0, 20)} 30`, GUEST_WORK_MS)).trim();
}

async function writePattern(story: StoryContext, device: string, seed: string): Promise<void> {
  await story.guest().check(`pattern ${device} ${seed} 0 ${PATTERN_MIB}`, GUEST_WORK_MS);
}

async function checksum(story: StoryContext, device: string): Promise<string> {
  return (await story.guest().check(`checksum ${device} 0 ${PATTERN_MIB}`, GUEST_WORK_MS)).trim();
}

/** Acknowledged writes so far. Throws when the guest saw an error or does not write any more. */
async function writerStatus(story: StoryContext): Promise<number> {
  const text = await story.guest().check('writer status', GUEST_WORK_MS);
  const [writes = '', errors = '', state = ''] = text.trim().split(' ');
  mustBe('the guest’s write errors', errors, '0');
  mustBe('the guest’s writer', state, 'running');
  return Number(writes);
}

function mustBe(what: string, seen: string, wanted: string): void {
  if (seen !== wanted)
    throw new DeployError(`${what} is wrong`, `${seen} instead of ${wanted}`, 'this is a bug: keep the logs');
}

function mustDiffer(what: string, one: string, other: string): void {
  if (one === other) throw new DeployError(`${what} are the same`, one, 'this is a bug: keep the logs');
}

/** After a failure: best effort, in the order in which things depend on each other. */
async function removeWhatIsThere(story: StoryContext): Promise<void> {
  story.closeConsole();
  const attempts: string[][] = [];
  if (story.has('guest')) attempts.push(['server', 'delete', '--wait', story.recall('guest')]);
  if (story.has('snapshot')) attempts.push(['volume', 'snapshot', 'delete', '--wait', story.recall('snapshot')]);
  for (const id of story.madeVolumes) attempts.push(['volume', 'delete', '--wait', id]);
  for (const words of attempts) await story.tryCli(...words).catch(() => null);
}
