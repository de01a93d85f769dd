// What the story lets the guest do: find a disk by its serial, write patterns, report checksums, and keep a writer running whose every
// acknowledged write is accounted for.
// One disk: MiB 0 to 64 hold the pattern whose checksum is compared, MiB 128 to 130 belong to the writer.
import { mustBe } from './story-checks.js';
import type { StoryContext } from './story-context.js';

export const PATTERN_MIB = 64;
const WRITER_FIRST_MIB = 128;
const WRITER_MIB = 2;
/** Under emulation without KVM a pattern of 64 MiB takes some seconds. */
export const GUEST_WORK_MS = 120_000;
/** QEMU cuts serial numbers at 20 characters. */
const SERIAL_LENGTH = 20;

/** Plugs the volume into the guest; returns the device that the guest found by its serial. */
export async function plug(story: StoryContext, volumeId: string): Promise<string> {
  await story.cli('server', 'add', 'volume', '--wait', story.recall('guest'), volumeId);
  return (await story.guest().check(`disk ${volumeId.slice(0, SERIAL_LENGTH)} 30`, GUEST_WORK_MS)).trim();
}

export async function writePattern(story: StoryContext, device: string, seed: string): Promise<void> {
  await story.guest().check(`pattern ${device} ${seed} 0 ${PATTERN_MIB}`, GUEST_WORK_MS);
}

/** MD5 of the pattern's region, read from the disk and not from the guest's cache. */
export async function checksum(story: StoryContext, device: string): Promise<string> {
  return (await story.guest().check(`checksum ${device} 0 ${PATTERN_MIB}`, GUEST_WORK_MS)).trim();
}

export async function startWriter(story: StoryContext, device: string): Promise<void> {
  await story.guest().check(`writer start ${device} ${WRITER_FIRST_MIB} ${WRITER_MIB}`, GUEST_WORK_MS);
}

/** Acknowledged writes so far. Throws when the guest saw an error or does not write any more. */
export async function writerStatus(story: StoryContext): Promise<number> {
  const text = await story.guest().check('writer status', GUEST_WORK_MS);
  const [writes = '', errors = '', state = ''] = text.trim().split(' ');
  mustBe('write errors that the guest saw', errors, '0');
  mustBe('writer in the guest', state, 'running');
  return Number(writes);
}

/** Stops the writer and reads every slot back; throws when one does not hold what was acknowledged. */
export async function verifyWriter(story: StoryContext): Promise<string> {
  await story.guest().check('writer stop', GUEST_WORK_MS);
  return (await story.guest().check('writer verify', GUEST_WORK_MS)).trim();
}
