// Finds out whether KVM works here. /dev/kvm may be present and QEMU may start with it, and yet the guest never runs an
// instruction (seen in nested set-ups), so nothing less than a guest that runs is a proof: a boot sector that ends QEMU by the
// debug-exit device. Without that proof guests run under TCG: slow, but they run.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { CommandRunner } from '../process/command-runner.js';

export type Accelerator = 'kvm' | 'tcg';

const EXIT_VALUE = 0x31;
/** QEMU docs (isa-debug-exit): the exit status is (value << 1) | 1. */
const PROOF_STATUS = (EXIT_VALUE << 1) | 1;
const PROBE_MS = 4_000;

/** `mov al, 0x31; out 0xf4, al; hlt`, with the boot signature. */
export function probeBootSector(): Buffer {
  const sector = Buffer.alloc(512);
  sector.set([0xb0, EXIT_VALUE, 0xe6, 0xf4, 0xf4]);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** `stateDirectory` takes the boot sector while the probe runs; a worker that is killed meanwhile leaves at most that one file. */
export async function findAccelerator(
  runner: CommandRunner,
  qemuBinary: string,
  stateDirectory: string,
): Promise<Accelerator> {
  const directory = path.join(stateDirectory, 'kvm-probe');
  await mkdir(directory, { recursive: true });
  try {
    const disk = path.join(directory, 'boot');
    await writeFile(disk, probeBootSector());
    const { exitCode } = await runner.run(
      [
        ...[
          qemuBinary,
          '-accel',
          'kvm',
          '-machine',
          'q35',
          '-m',
          '16',
          '-nodefaults',
          '-no-user-config',
          '-display',
          'none',
        ],
        ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04'],
        ...['-blockdev', JSON.stringify({ driver: 'file', filename: disk, 'node-name': 'boot', 'read-only': true })],
        ...['-device', 'virtio-blk-pci,drive=boot,bootindex=0'],
      ] as [string, ...string[]],
      { timeoutMs: PROBE_MS },
    );
    return exitCode === PROOF_STATUS ? 'kvm' : 'tcg';
  } catch (thrown) {
    if (thrown instanceof ServiceError && thrown.code === 'deadline_exceeded') return 'tcg';
    throw thrown;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
