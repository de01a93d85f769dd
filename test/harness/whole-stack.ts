// Saggar as a user has it, on three bricks: the four processes of the build with a PostgreSQL and a RabbitMQ of their own, a Gluster lab as
// their share, and a guest that a client has booted. For system tests that go through the whole of it: requests over HTTP, files on the
// mount of the volume worker, and a shell in the guest.
//
//   const stack = await WholeStack.open();               // whyNoStack() says why not
//   await stack.volume.expect(202, 'POST', '/volumes', …); await stack.settled('volumes', id, ['available']);
//   await stack.attach(id); await stack.sh('…');
//   await stack.close();
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { clientEnvironment } from '../../deploy/config-files.js';
import { GUEST_LIMIT_MS, type GuestConsole } from '../../deploy/guest/console.js';
import { placesOf } from '../../deploy/places.js';
import { openProgress } from '../../deploy/progress.js';
import { startAll } from '../../deploy/start.js';
import { ensureLayout } from '../../deploy/state-directory.js';
import { findLeftovers, stopAll } from '../../deploy/stop.js';
import { StoryContext } from '../../deploy/story-context.js';
import { makeBootDisk } from '../../deploy/story-disks.js';
import { bootGuest } from '../../deploy/story-steps.js';
import { projectRoot } from '../../services/core/runtime/spec-files.js';
import { BenchClient } from '../bench/api-client.js';
import { privateDirectory } from './environment.js';
import { type GlusterLab, openGlusterLab, whyNoLab } from './gluster-lab.js';
import { waitFor } from './wait-for.js';

const SETTLE_MS = 180_000;
/** What virtio-blk can carry of a volume's id. */
const SERIAL_LENGTH = 20;

type Collection = 'volumes' | 'snapshots' | 'groups' | 'group_snapshots';

export interface LayerSeen {
  readonly file: string;
  readonly format: string;
  /** Whose data ends below this layer; null for a base. */
  readonly snapshot: { readonly id: string } | null;
}

/** What keeps it from being opened here; null when nothing does. Print it before skipping. */
export function whyNoStack(): string | null {
  const reason = whyNoLab();
  if (reason !== null) return reason;
  for (const program of ['qemu-system-x86_64', 'rabbitmqctl', 'mcopy'])
    if (spawnSync('which', [program]).status !== 0) return `${program} is not installed`;
  const built = path.join(projectRoot(), 'dist', 'services', 'cli', 'main.js');
  return existsSync(built) ? null : 'there is no build (npm run build)';
}

export class WholeStack {
  private constructor(
    readonly lab: GlusterLab,
    readonly story: StoryContext,
    readonly volume: BenchClient,
    readonly serverId: string,
    private readonly guest: GuestConsole,
    private readonly stopEverything: () => Promise<void>,
  ) {}

  static async open(): Promise<WholeStack> {
    const progress = openProgress();
    const lab = await openGlusterLab();
    const state = privateDirectory();
    const layout = await ensureLayout(state);
    const places = placesOf(state);
    const stop = async (): Promise<void> => {
      try {
        await stopAll(places, layout, progress);
        const left = await findLeftovers(places, layout);
        if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
      } finally {
        progress.close();
        await lab.close();
        rmSync(state, { recursive: true, force: true });
      }
    };
    try {
      const before = process.env['SAGGAR_SHARES'];
      process.env['SAGGAR_SHARES'] = lab.sharesFile;
      try {
        await startAll(places, layout, progress);
      } finally {
        if (before === undefined) delete process.env['SAGGAR_SHARES'];
        else process.env['SAGGAR_SHARES'] = before;
      }
      const story = new StoryContext(places, layout, 'whole');
      await makeBootDisk(story);
      await bootGuest(story);
      const volume = await BenchClient.login(clientEnvironment(places, layout));
      return new WholeStack(lab, story, volume, story.recall('guest'), story.guest(), stop);
    } catch (thrown) {
      await stop();
      throw thrown;
    }
  }

  /** Where the volume worker has the share. */
  get mount(): string {
    return this.story.share().mountPoint;
  }

  /** What the shell in the guest prints; a status other than 0 is an error. */
  async sh(command: string): Promise<string> {
    return (await this.guest.check(command, GUEST_LIMIT_MS)).trim();
  }

  /** Plugs the volume in as a user does; answers the device file that the guest gives it. */
  async attach(volumeId: string): Promise<string> {
    await this.story.cli('server', 'add', 'volume', '--wait', this.serverId, volumeId);
    return this.sh(`disk ${volumeId.slice(0, SERIAL_LENGTH)} 120`);
  }

  async detach(volumeId: string): Promise<void> {
    await this.story.cli('server', 'remove', 'volume', '--wait', this.serverId, volumeId);
    await this.settled('volumes', volumeId, ['available']);
  }

  /** Waits for one of the statuses; `gone` is one. Throws as soon as it has come to rest in an error. */
  async settled(collection: Collection, id: string, wanted: readonly string[]): Promise<string> {
    const kind = collection.slice(0, -1);
    const seen = await waitFor(
      `${kind} ${id} to be ${wanted.join(' or ')}`,
      async () => {
        const answer = await this.volume.call('GET', `/${collection}/${id}`);
        const body = answer.body as Record<string, { status: string }>;
        const status = answer.status === 404 ? 'gone' : (body[kind]?.status ?? '?');
        return wanted.includes(status) || status.startsWith('error') ? status : null;
      },
      { timeoutMs: SETTLE_MS, intervalMs: 50 },
    );
    if (!wanted.includes(seen)) throw new Error(`${kind} ${id} is ${seen}`);
    return seen;
  }

  /** The volume's files on record, oldest first. */
  async chainOf(volumeId: string): Promise<readonly LayerSeen[]> {
    const { layers } = JSON.parse(await this.story.cli('admin', 'chain', 'tree', '--json', volumeId)) as {
      layers: LayerSeen[];
    };
    return layers;
  }

  close(): Promise<void> {
    this.story.closeConsole();
    return this.stopEverything();
  }
}
