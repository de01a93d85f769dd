// Steps of the story around the guest: boot, attach, snapshot, restore, live merge, clean up. Each returns what was seen, and throws
// with both values when that is not what must be seen.
import { setTimeout as sleep } from 'node:timers/promises';
import { DeployError } from './deploy-error.js';
import { listShares } from './mounts.js';
import { mustBe, mustContain, mustDiffer, mustHaveGrown } from './story-checks.js';
import type { StoryContext } from './story-context.js';
import {
  checksum,
  GUEST_WORK_MS,
  PATTERN_MIB,
  plug,
  startWriter,
  verifyWriter,
  writePattern,
  writerStatus,
} from './story-guest.js';
import { findTraces, waitingMessages } from './story-traces.js';
import { gfapiServers, mustBeUnknownToGuest, mustHaveChain } from './story-witnesses.js';

const GUEST_BOOT_MS = 120_000;
const TRACES_GO_WITHIN_MS = 30_000;
const LOOK_AGAIN_MS = 250;
const READY_LINE = 'saggar-guest ready';

export async function bootGuest(story: StoryContext): Promise<string> {
  story.remember('mounts', mountedPlaces(story));
  const flavors = JSON.parse(await story.cli('flavor', 'list', '--sort-column', 'RAM', '-f', 'json')) as {
    Name: string;
  }[];
  const [smallest] = flavors;
  if (smallest === undefined) throw new DeployError('there is no flavor', 'the list is empty', 'read the API’s log');
  const disk = ['--flavor', smallest.Name, '--volume', story.recall('root')];
  const id = await story.make('server', 'create', ...disk, '--wait', story.named('guest'));
  story.remember('guest', id);
  mustBe('status of the server', String((await story.json('server', 'show', id))['status']), 'ACTIVE');
  const console = await story.openConsole(id);
  await console.waitUntilReady(GUEST_BOOT_MS);
  mustContain('console of the server', await story.cli('console', 'log', 'show', id), READY_LINE);
  return `server ${id}: ${(await console.check('uname -sr', GUEST_WORK_MS)).trim()}, its console answers and can be read`;
}

export async function attachData(story: StoryContext): Promise<string> {
  const data = story.recall('data');
  const device = await plug(story, data);
  story.remember('device', device);
  const servers = await gfapiServers(story, story.recall('guest'), data);
  await writePattern(story, device, 'first');
  const sum = await checksum(story, device);
  story.remember('first sum', sum);
  await startWriter(story, device);
  return `${device} through libgfapi (${servers}), found by its serial; ${PATTERN_MIB} MiB written, md5 ${sum}`;
}

export async function takeSnapshot(story: StoryContext): Promise<string> {
  const before = await writerStatus(story);
  const [data, name] = [story.recall('data'), story.named('snap')];
  const id = await story.make('volume', 'snapshot', 'create', '--volume', data, '--wait', name);
  story.remember('snapshot', id);
  const chain = await mustHaveChain(story, story.recall('guest'), data, [id]);
  const after = await writerStatus(story);
  mustHaveGrown('writes of the guest', before, after);
  return `${after - before} acknowledged writes meanwhile, no error; record, headers and QEMU tell ${chain}`;
}

export async function restore(story: StoryContext): Promise<string> {
  const device = story.recall('device');
  await writePattern(story, device, 'second');
  const newSum = await checksum(story, device);
  story.remember('second sum', newSum);
  mustDiffer('checksums before and after overwriting', newSum, story.recall('first sum'));
  const copy = await story.makeVolume('--snapshot', story.recall('snapshot'), story.named('restored'));
  story.remember('restored', copy);
  const copyDevice = await plug(story, copy);
  mustBe('checksum of the restored volume', await checksum(story, copyDevice), story.recall('first sum'));
  mustBe('checksum of the original', await checksum(story, device), newSum);
  return `restored ${copyDevice}: md5 ${story.recall('first sum')} (old), ${device}: ${newSum} (new)`;
}

export async function deleteSnapshot(story: StoryContext): Promise<string> {
  const before = await writerStatus(story);
  await story.cli('volume', 'snapshot', 'delete', '--wait', story.recall('snapshot'));
  const after = await writerStatus(story);
  mustHaveGrown('writes of the guest', before, after);
  const chain = await mustHaveChain(story, story.recall('guest'), story.recall('data'), []);
  mustBe('checksum after the merge', await checksum(story, story.recall('device')), story.recall('second sum'));
  const verified = await verifyWriter(story);
  return `${after - before} acknowledged writes during the merge; checksum holds; chain is ${chain}; ${verified}`;
}

export async function deleteAll(story: StoryContext): Promise<string> {
  const server = story.recall('guest');
  for (const name of ['restored', 'data']) {
    const volume = story.recall(name);
    await story.cli('server', 'remove', 'volume', '--wait', server, volume);
    await mustBeUnknownToGuest(story, server, volume);
  }
  story.closeConsole();
  await story.cli('server', 'delete', '--wait', server);
  const root = String((await story.json('volume', 'show', story.recall('root')))['status']);
  mustBe('status of the root volume without its server', root, 'available');
  await story.cli('volume', 'delete', '--wait', ...story.madeVolumes);
  return `server and ${story.madeVolumes.length} volumes are deleted`;
}

export async function lookForTraces(story: StoryContext): Promise<string> {
  const made = [...story.madeVolumes, story.recall('guest'), story.recall('snapshot')];
  let traces = await findTraces(story, made);
  // What is kept beside the data of a volume goes some seconds after it, with the conductor's next look.
  for (let waited = 0; traces.length > 0 && waited < TRACES_GO_WITHIN_MS; waited += LOOK_AGAIN_MS) {
    await sleep(LOOK_AGAIN_MS);
    traces = await findTraces(story, made);
  }
  if (traces.length > 0) {
    throw new DeployError('the story left traces', traces.join('\n    '), 'npm stop, then look at these');
  }
  mustBe('messages that wait', await waitingMessages(story), story.recall('messages'));
  mustBe('mounted shares', mountedPlaces(story), story.recall('mounts'));
  return 'no file on the share, no row, no message, no QEMU, no mount';
}

function mountedPlaces(story: StoryContext): string {
  return listShares()
    .map(({ mountPoint }) => mountPoint)
    .filter((place) => place.startsWith(`${story.places.state}/`)) // others on the machine mount what they like
    .sort()
    .join(' ');
}
