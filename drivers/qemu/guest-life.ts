// Start and end of a guest. Timeline of a start:
//   record written -> servers probed -> QEMU started, stopped at its first instruction -> chains read back -> guest runs
// A worker killed anywhere in between finds a guest in `prelaunch` and goes on from the read-back.
// The end: whatever way, QEMU has flushed every image before its process is killed; the kill spares libgfapi's 10 s good-bye.
import { ServiceError } from '../../services/core/domain/errors.js';
import type { DiskSpec, ServerSpec } from '../hypervisor-driver.js';
import type { KeyStore } from '../key-store/key-store.js';
import type { CommandRunner } from '../process/command-runner.js';
import type { Accelerator } from './accelerator.js';
import { requireChain } from './disk-hotplug.js';
import { chainNodes, diskDevice } from './disk-options.js';
import { guestArgv } from './guest-argv.js';
import type { GuestFiles } from './guest-files.js';
import { type GuestMonitor, SHARE_COMMAND_MS } from './guest-monitor.js';
import { findGuestProcess, type GuestProcess, isAlive, killGuest } from './guest-process.js';
import { forgetSecrets, keysOf } from './guest-secrets.js';
import { PROBE_MS, type Warn } from './open-nodes.js';
import type { JsonObject } from './qmp-messages.js';
import { portName } from './root-ports.js';
import { type ShareTransport, transportOf } from './share-transport.js';

const START_MS = 60_000;

export interface LaunchOptions {
  readonly runner: CommandRunner;
  readonly keys: KeyStore;
  readonly qemuBinary: string;
  readonly accelerator: Accelerator;
  readonly ports: number;
  readonly warn: Warn;
}

/** Starts QEMU; the guest is stopped at its first instruction. */
export async function launchGuest(spec: ServerSpec, files: GuestFiles, options: LaunchOptions): Promise<void> {
  if (spec.disks.length > options.ports) {
    throw new ServiceError('bad_request', `A server can have at most ${options.ports} disks.`);
  }
  const transports = await openTransports(spec.disks);
  await files.make();
  await files.writeSpec(spec);
  await files.removeStale();
  const said = await tryLaunch(spec, files, options, transports, true);
  if (said === null) return;
  const anchorMissing = /anchor|\.saggar/.test(said);
  if (!anchorMissing) throw launchFailure(said);
  options.warn('the share has no anchor file: opening and closing its last disk stops the guest for about 10 s', {
    said,
  });
  const again = await tryLaunch(spec, files, options, transports, false);
  if (again !== null) throw launchFailure(again);
}

async function openTransports(disks: readonly DiskSpec[]): Promise<ReadonlyMap<string, ShareTransport>> {
  const byShare = new Map<string, ShareTransport>();
  for (const { access } of disks) {
    if (byShare.has(access.share)) continue;
    const transport = transportOf(access);
    await transport.probe(PROBE_MS);
    byShare.set(access.share, transport);
  }
  return byShare;
}

/** null when QEMU runs, else what it said. */
async function tryLaunch(
  spec: ServerSpec,
  files: GuestFiles,
  options: LaunchOptions,
  transports: ReadonlyMap<string, ShareTransport>,
  withAnchors: boolean,
): Promise<string | null> {
  const anchors = new Map<string, JsonObject>();
  const nodes: JsonObject[] = [];
  const devices: JsonObject[] = [];
  for (const [index, disk] of spec.disks.entries()) {
    const transport = transports.get(disk.access.share) ?? transportOf(disk.access);
    if (transport.anchor !== null && withAnchors) anchors.set(transport.anchor.nodeName, transport.anchor.options);
    nodes.push(
      ...chainNodes(disk.volumeId, disk.chain, transport, disk.readOnly, disk.foreignLayers).map(
        ({ options: node }) => node,
      ),
    );
    devices.push(diskDevice(disk, portName(index)));
  }
  const keyIds = keysOf(spec.disks.map(({ chain }) => chain));
  const secrets = await Promise.all(keyIds.map((id) => options.keys.readKey(id)));
  const argv = guestArgv({
    spec,
    files,
    qemuBinary: options.qemuBinary,
    accelerator: options.accelerator,
    ports: options.ports,
    keyIds,
    nodes: [...anchors.values(), ...nodes],
    devices,
  });
  // What a guest has in memory is no business of a core file, least of all the keys of its disks.
  const run = { timeoutMs: START_MS, dieWithParent: false, limits: { coreBytes: 0 } };
  const result = await options.runner.run(argv, secrets.length === 0 ? run : { ...run, secrets });
  if (result.exitCode === 0) return null;
  return `${result.killedBy ?? result.exitCode}: ${result.stderr.trim().slice(-2_000)}`;
}

function launchFailure(said: string): ServiceError {
  const code = /Transport endpoint|Connection (refused|timed out)|failed to connect|No route to host/i.test(said)
    ? 'backend_offline'
    : 'internal';
  return new ServiceError(code, 'The server could not be started.', { context: { said } });
}

/** Lets a guest that waits for its first instruction run, once its disks are proven to be those on record. */
export async function releaseGuest(monitor: GuestMonitor, disks: readonly DiskSpec[]): Promise<void> {
  const graph = await monitor.blockGraph();
  for (const disk of disks) requireChain(graph, disk.volumeId, disk.chain);
  await forgetSecrets(monitor, keysOf(disks.map(({ chain }) => chain)));
  await monitor.execute('cont');
}

/** Asks the guest to shut down; true when it did within `graceMs`. A guest without an operating system does not hear it. Errors: `cancelled`. */
export async function askToShutDown(
  monitor: GuestMonitor,
  guest: GuestProcess,
  graceMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  if ((await monitor.runState()) !== 'running') return false;
  await monitor.execute('system_powerdown');
  const ended = await monitor.until(
    async () => {
      if (!(await isAlive(guest))) return true;
      return (await monitor.runState()) === 'shutdown' ? true : null;
    },
    { limitMs: graceMs, events: ['SHUTDOWN', 'STOP'], ...(signal === undefined ? {} : { signal }) },
  );
  return ended === true;
}

/**
 * Ends the guest's process. `stop` waits for what is in flight and flushes every image (QEMU: vm_stop drains and flushes all), so
 * that the kill loses nothing; a monitor or a share that does not answer must not keep the guest alive.
 */
export async function endGuest(monitor: GuestMonitor, files: GuestFiles): Promise<void> {
  const guest = await findGuestProcess(files.file('pid'));
  if (guest === null) return;
  try {
    await monitor.execute('stop', {}, SHARE_COMMAND_MS);
  } catch {
    // The process is all that can still be dealt with.
  }
  await monitor.close();
  await killGuest(guest);
}
