// QEMU's command line for a guest. Disks are given here with the same JSON as for hot-plug; the guest does not run yet (-S), so the
// caller can read the block graph back first. Nothing of a user's reaches an argument but the server's id and checked numbers.
// -action shutdown=pause: a guest that shut itself down stays as a stopped process with all data flushed, and is reaped without
// the 10 s that libgfapi needs to say good-bye.
import type { ServerSpec } from '../hypervisor-driver.js';
import { secretArguments } from '../image/keyed-tools.js';
import type { Argv } from '../process/command-runner.js';
import type { Accelerator } from './accelerator.js';
import { passOnGroup } from './disk-options.js';
import type { GuestFiles } from './guest-files.js';
import type { JsonObject } from './qmp-messages.js';
import { rootPortArguments } from './root-ports.js';

export interface GuestArguments {
  readonly spec: ServerSpec;
  readonly files: GuestFiles;
  readonly qemuBinary: string;
  readonly accelerator: Accelerator;
  readonly ports: number;
  /** Keys whose secrets QEMU reads from the descriptors that it is given, in this order. */
  readonly keyIds: readonly string[];
  /** In the order in which they must be opened. */
  readonly nodes: readonly JsonObject[];
  readonly devices: readonly JsonObject[];
}

export function guestArgv(guest: GuestArguments): Argv {
  const { spec, files } = guest;
  return [
    guest.qemuBinary,
    ...['-name', `saggar-${spec.serverId}`, '-uuid', spec.serverId],
    ...['-machine', 'q35', '-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'none', '-S'],
    ...acceleratorArguments(guest.accelerator),
    ...['-m', String(spec.memoryMib), '-smp', String(spec.vcpus)],
    // Not denied: what daemonizing needs (setsid, fork) in QEMU 7.2; measured, it dies at start with elevateprivileges or spawn denied.
    ...['-sandbox', 'on,obsolete=deny,resourcecontrol=deny'],
    ...['-action', 'shutdown=pause,panic=pause', '-rtc', 'base=utc'],
    ...['-object', 'iothread,id=io0'],
    ...['-object', JSON.stringify(passOnGroup)],
    ...socketChardev(
      'console',
      files.file('console.sock'),
      `,logfile=${comma(files.file('console.log'))},logappend=on`,
    ),
    ...['-serial', 'chardev:console'],
    ...['-device', 'virtio-serial-pci,id=serial0,bus=pcie.0,addr=0x2'],
    ...socketChardev('agent', files.file('agent.sock'), ''),
    ...['-device', 'virtserialport,bus=serial0.0,chardev=agent,name=org.qemu.guest_agent.0'],
    ...['-device', 'virtio-rng-pci,bus=pcie.0,addr=0x3'],
    ...rootPortArguments(guest.ports),
    ...monitor('worker', files.file('qmp.sock')),
    ...monitor('human', files.file('qmp-human.sock')),
    ...secretArguments(guest.keyIds, '-object'),
    ...guest.nodes.flatMap((node) => ['-blockdev', JSON.stringify(node)]),
    ...guest.devices.flatMap((device) => ['-device', JSON.stringify(device)]),
    ...['-daemonize', '-pidfile', files.file('pid')],
  ];
}

function acceleratorArguments(accelerator: Accelerator): readonly string[] {
  // la57 slows every page walk under TCG and is of no use to a small guest.
  return accelerator === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg', '-cpu', 'max,la57=off'];
}

function monitor(id: string, socket: string): readonly string[] {
  return [...socketChardev(`qmp-${id}`, socket, ''), '-mon', `chardev=qmp-${id},mode=control`];
}

function socketChardev(id: string, socket: string, more: string): readonly string[] {
  return ['-chardev', `socket,id=${id},path=${comma(socket)},server=on,wait=off${more}`];
}

/** In QEMU's key=value lists a comma in a value is written twice. */
function comma(value: string): string {
  return value.replaceAll(',', ',,');
}
