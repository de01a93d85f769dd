// The QEMU driver on real QEMU, without a guest operating system, passes the suite of hypervisor drivers.
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { QemuHypervisor } from '../../../drivers/qemu/qemu-hypervisor.js';
import { describeHypervisor } from './suite.js';

describeHypervisor({
  name: 'qemu',
  unplugs: false,
  make: (stateDirectory) => new QemuHypervisor({ stateDirectory, runner: systemCommandRunner, accelerator: 'tcg' }),
});
