// Puts a volume driver together from one backend's options: Gluster volumes by default, plain directories only when the options say so.
import type { KeyStore } from '../key-store/key-store.js';
import type { CommandRunner } from '../process/command-runner.js';
import type { BackendOptions } from './backend-options.js';
import { DirectoryShareProvider } from './directory-share-provider.js';
import { GlusterCli } from './gluster-cli.js';
import { GlusterShareProvider } from './gluster-share-provider.js';
import { MountTable } from './mount-table.js';
import { ShareHealth } from './share-health.js';
import type { ShareProvider } from './share-provider.js';
import { ShareVolumeDriver } from './share-volume-driver.js';

export interface VolumeDriverDependencies {
  readonly runner: CommandRunner;
  readonly keys?: KeyStore;
  readonly onBackgroundError?: (error: unknown) => void;
  /** Milliseconds, by which shares are looked at now and then; a test's may run faster. */
  readonly monotonicMs?: () => number;
}

export function createVolumeDriver(options: BackendOptions, dependencies: VolumeDriverDependencies): ShareVolumeDriver {
  return new ShareVolumeDriver({ options, provider: createProvider(options, dependencies), ...dependencies });
}

function createProvider(options: BackendOptions, { runner, monotonicMs }: VolumeDriverDependencies): ShareProvider {
  if (options.driver === 'directory') return new DirectoryShareProvider(options.directories);
  const mounts = new MountTable({ base: options.mountPointBase, runner });
  const health = new ShareHealth({
    cli: new GlusterCli(runner),
    glusterdSocket: options.glusterdSocket,
    setOptions: options.setGlusterOptions,
    ...(monotonicMs === undefined ? {} : { now: monotonicMs }),
  });
  return new GlusterShareProvider(options, mounts, health, monotonicMs);
}
