// A worker that freezes a guest and goes no further, to be killed at that moment: freeze-and-hang.ts STATE_DIRECTORY SERVER_ID.
import { GuestFiles } from '../../drivers/qemu/guest-files.js';
import { GuestFreezer } from '../../drivers/qemu/guest-freeze.js';
import { GuestMonitor } from '../../drivers/qemu/guest-monitor.js';

const [stateDirectory = '', serverId = ''] = process.argv.slice(2);
const files = new GuestFiles(stateDirectory, serverId);
const limits = { answerMs: 10_000, freezeMs: 10_000, frozenMs: 60_000, thawMs: 5_000 };
const freezer = new GuestFreezer((text) => process.stderr.write(`${text}\n`), limits);
const monitor = new GuestMonitor(files.file('qmp.sock'));
const { freeze } = await freezer.whileFrozen({ serverId, files, monitor }, async () => {
  process.stdout.write('holding\n');
  await new Promise((resolve) => setTimeout(resolve, 50_000));
});
process.stdout.write(`${JSON.stringify(freeze)}\n`);
