// The fake hypervisor passes the suite of the real one, or tests that use it would prove nothing.
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { FakeHypervisor } from '../../../drivers/qemu/fake-hypervisor.js';
import { describeHypervisor } from './suite.js';

describeHypervisor({
  name: 'fake',
  unplugs: true,
  make: (stateDirectory) => new FakeHypervisor({ stateDirectory, runner: systemCommandRunner }),
});
