// The PCIe root ports that disks are plugged into. All are declared at start (a port cannot be added later); which of them is
// occupied is asked of the running guest each time, never remembered.
import { ServiceError } from '../../services/core/domain/errors.js';
import type { GuestMonitor } from './guest-monitor.js';
import { isObject } from './qmp-messages.js';

/** QEMU's PCI bus pcie.0 has 32 slots of 8 functions; slots 4..31 are ours: far more than a guest needs. */
export const MAX_PORTS = 128;

export function portName(index: number): string {
  return `rp${index}`;
}

/** Arguments for `count` ports, eight functions to a slot, from slot 4 on. */
export function rootPortArguments(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const slot = (4 + Math.floor(index / 8)).toString(16);
    const multifunction = index % 8 === 0 ? ',multifunction=on' : '';
    const place = `bus=pcie.0,addr=0x${slot}.${index % 8}${multifunction}`;
    return ['-device', `pcie-root-port,id=${portName(index)},chassis=${index + 1},slot=${index + 1},${place}`];
  }).flat();
}

/** Ports without a device, lowest first. Throws `bad_request` when there is none. */
export async function freePorts(monitor: GuestMonitor): Promise<readonly string[]> {
  const entries = await monitor.execute('qom-list', { path: '/machine/peripheral' });
  const names = Array.isArray(entries)
    ? entries.flatMap((entry) => (isObject(entry) ? [String(entry['name'])] : []))
    : [];
  const ports = names.filter((name) => /^rp\d+$/.test(name));
  const occupied = new Set<string>();
  for (const device of names.filter((name) => name.startsWith('d-'))) {
    const bus = await monitor.execute('qom-get', { path: `/machine/peripheral/${device}`, property: 'parent_bus' });
    const port = typeof bus === 'string' ? /\/(rp\d+)$/.exec(bus)?.[1] : undefined;
    if (port !== undefined) occupied.add(port);
  }
  const free = ports.filter((port) => !occupied.has(port)).sort((a, b) => Number(a.slice(2)) - Number(b.slice(2)));
  if (free.length === 0) {
    throw new ServiceError('bad_request', `The server has no free slot for another disk (${ports.length} in use).`);
  }
  return free;
}

/** True while the guest has the device, also when it was asked to let go. */
export async function hasDevice(monitor: GuestMonitor, device: string): Promise<boolean> {
  const entries = await monitor.execute('qom-list', { path: '/machine/peripheral' });
  return Array.isArray(entries) && entries.some((entry) => isObject(entry) && entry['name'] === device);
}
