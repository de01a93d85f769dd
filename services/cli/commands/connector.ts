// The connector: what a host says about itself when it wants to use a volume. Sent by `volume attachment` and `volume connection`.
import os from 'node:os';
import type { OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { givenOnly } from '../resources/given-only.js';

export const connectorOptions: readonly OptionSpec[] = [
  { flags: '--host <name>', about: 'host that uses the volume (this one by default)' },
  { flags: '--ip <address>', about: 'address of that host' },
  { flags: '--initiator <name>', about: 'iSCSI name of that host' },
  { flags: '--mountpoint <path>', about: 'device or path under which the host sees it' },
  { flags: '--platform <name>', about: 'kind of processor of that host' },
  { flags: '--os-type <name>', about: 'operating system of that host' },
  { flags: '--multipath', about: 'the host can use several paths', conflicts: ['no-multipath'] },
  { flags: '--no-multipath', about: 'the host uses one path (as by default)' },
];

/** Facts about the attaching host; the generator reads "any object" as "empty object". */
export function connectorOf(input: CommandInput): Record<string, never> {
  return {
    host: input.text('host') ?? os.hostname(),
    ip: input.text('ip') ?? '127.0.0.1',
    platform: input.text('platform') ?? os.machine(),
    os_type: input.text('os-type') ?? os.platform(),
    multipath: input.flag('multipath'),
    ...givenOnly({ initiator: input.text('initiator'), mountpoint: input.text('mountpoint') }),
  } as unknown as Record<string, never>;
}
