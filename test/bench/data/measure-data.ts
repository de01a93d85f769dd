// Measures the disks of disks.ts in one guest, and the same file without a guest: through the FUSE mount and on a brick's file system. Alternating: every
// round measures each of them once, so that what else the machine does falls on all alike.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { GUEST_LIMIT_MS } from '../../../deploy/guest/console.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { QmpClient } from '../../../drivers/qemu/qmp-client.js';
import type { JsonObject } from '../../../drivers/qemu/qmp-messages.js';
import { openGlusterLab } from '../../harness/gluster-lab.js';
import { waitFor } from '../../harness/wait-for.js';
import { TortureGuest } from '../../system/chain-torture/torture-guest.js';
import { type GuestDisk, guestDisks } from './disks.js';
import { FIO, makeToolsDisk } from './tools-disk.js';
import { fioArguments, type Rates, readRates } from './workloads.js';

export interface DataOptions {
  /** Of each of the four workloads. */
  readonly seconds: number;
  readonly rounds: number;
  readonly sizeMib: number;
  /** Only rows whose name has this word. */
  readonly only: string;
  /** Options of the Gluster volume. */
  readonly gluster: Readonly<Record<string, string>>;
}

/** One value a round, by the row's name, in the order of the table. */
export type DataFigures = ReadonlyMap<string, readonly Rates[]>;

const FILE = 'volume-data';
const PORT = 'rp20';

export async function measureData(options: DataOptions, say: (line: string) => void): Promise<DataFigures> {
  const lab = await openGlusterLab({ options: options.gluster });
  let guest: TortureGuest | null = null;
  try {
    const mount = path.join(lab.work, 'fuse');
    await lab.mount(mount);
    await fill(path.join(mount, FILE), options.sizeMib);
    await fill(path.join(lab.work, 'plain'), options.sizeMib);
    writeFileSync(path.join(mount, 'anchor'), '');
    const tools = await makeToolsDisk(lab.work);
    guest = await TortureGuest.make(lab.work);
    await guest.boot();
    const monitor = new QmpClient(guest.qmpSocket);
    await monitor.connect();
    await enterTools(guest, monitor, tools);
    const place = { access: lab.access(), file: FILE, fusePath: path.join(mount, FILE) };
    const sizeBytes = options.sizeMib * 1024 ** 2;
    const disks = guestDisks({ ...place, sizeBytes });
    await keepConnection(monitor, disks);
    const inGuest = (disk: GuestDisk) => () => measureInGuest(guest ?? assert.fail('no guest'), monitor, disk, options);
    const rows = [
      { name: 'host: a brick’s file system', run: () => measureOnHost(path.join(lab.work, 'plain'), options) },
      { name: 'host: FUSE mount', run: () => measureOnHost(path.join(mount, FILE), options) },
      ...disks.map((disk) => ({ name: disk.name, run: inGuest(disk) })),
    ].filter(({ name }) => name.includes(options.only));
    const figures = new Map<string, Rates[]>(rows.map(({ name }) => [name, []]));
    for (let round = 0; round < options.rounds; round += 1) {
      for (const { name, run } of rows) {
        say(`round ${round + 1} of ${options.rounds}: ${name}`);
        figures.get(name)?.push(await run());
      }
    }
    await monitor.close();
    return figures;
  } finally {
    await guest?.close();
    await lab.close();
  }
}

/** All of it written, so that no figure is that of a growing file. */
async function fill(file: string, sizeMib: number): Promise<void> {
  const argv = ['dd', 'if=/dev/urandom', `of=${file}`, 'bs=1M', `count=${sizeMib}`, 'conv=fsync'] as const;
  const { exitCode, stderr } = await systemCommandRunner.run(argv, { timeoutMs: 600_000 });
  assert.equal(exitCode, 0, stderr);
}

async function measureOnHost(file: string, { seconds, sizeMib }: DataOptions): Promise<Rates> {
  const argv = [FIO, ...fioArguments(file, seconds, sizeMib)] as const;
  const { stdout, stderr, exitCode } = await systemCommandRunner.run(argv, { timeoutMs: 600_000 });
  assert.equal(exitCode, 0, stderr);
  return readRates(stdout);
}

async function measureInGuest(
  guest: TortureGuest,
  monitor: QmpClient,
  disk: GuestDisk,
  { seconds, sizeMib }: DataOptions,
): Promise<Rates> {
  await plug(monitor, disk);
  try {
    const device = await guest.sh(`disk ${disk.serial} 120`);
    const words = fioArguments(device, seconds, sizeMib).join(' ');
    return readRates(await guest.sh(`chroot /run/tools ${FIO} ${words} 2>/dev/null`));
  } finally {
    await unplug(monitor, disk);
  }
}

async function plug(monitor: QmpClient, { nodes, device }: GuestDisk): Promise<void> {
  for (const node of nodes) await monitor.execute('blockdev-add', node, 60_000);
  await monitor.execute('device_add', { ...device, bus: PORT });
}

async function unplug(monitor: QmpClient, { nodes, device }: GuestDisk): Promise<void> {
  const isGone = async () => {
    const names = (await monitor.execute('qom-list', { path: '/machine/peripheral' })) as { name: string }[];
    return names.every(({ name }) => name !== device['id']);
  };
  await monitor.execute('device_del', { id: device['id'] });
  await waitFor('the guest to let go', isGone, { timeoutMs: GUEST_LIMIT_MS });
  // QEMU lets the node go a moment behind the device.
  for (const node of [...nodes].reverse()) {
    const close = () => monitor.execute('blockdev-del', { 'node-name': node['node-name'] }).then(() => true);
    await waitFor('the node to be free', close, { timeoutMs: 60_000 });
  }
}

/** A Gluster volume's last node takes ten seconds to close, so one of a small file stays. */
async function keepConnection(monitor: QmpClient, disks: readonly GuestDisk[]): Promise<void> {
  const bare = disks.find(({ serial }) => serial === 'bare')?.nodes[0] ?? {};
  await monitor.execute('blockdev-add', { ...bare, path: 'anchor', 'node-name': 'anchor', 'read-only': true }, 60_000);
}

/** fio gets a root directory of its own: its libraries are not the guest's. */
async function enterTools(guest: TortureGuest, monitor: QmpClient, image: string): Promise<void> {
  const node: JsonObject = { driver: 'file', filename: image, 'read-only': true };
  await monitor.execute('blockdev-add', { driver: 'raw', 'node-name': 'f-tools', file: node, 'read-only': true });
  const device = { driver: 'virtio-blk-pci', id: 'd-tools', drive: 'f-tools', serial: 'tools', bus: 'rp19', addr: '0' };
  await monitor.execute('device_add', device);
  await guest.sh('mkdir -p /run/tools; mount -t ext4 -o ro $(disk tools 120) /run/tools');
  for (const name of ['dev', 'proc', 'sys']) await guest.sh(`mount -o bind /${name} /run/tools/${name}`);
  await guest.sh('mount -t tmpfs tmpfs /run/tools/tmp');
}
