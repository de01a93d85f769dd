// Builds the bootable disk of the test guest: a sparse raw image that starts with a FAT file system made bootable by syslinux,
// holding Debian's cloud kernel and our initramfs. Everything comes from Debian packages (linux-image-cloud-amd64,
// busybox-static, qemu-guest-agent, e2fsprogs, syslinux, mtools, cpio); nothing is installed by this. Boots from virtio-blk under SeaBIOS and talks on ttyS0.
// The result is named after a digest of its inputs, so it is built again only when they change.
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CommandRunner } from '../../drivers/process/command-runner.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import { projectRoot } from '../../services/core/runtime/spec-files.js';
import { hostProgramsMark } from './host-programs.js';
import { buildInitramfs } from './initramfs.js';
import { ensureKernelPackage, unpackKernel } from './kernel-package.js';
import { runChecked } from './run-checked.js';

/** Virtual size: what a 1 GiB volume holds. */
export const GUEST_IMAGE_BYTES = 1024 ** 3;
/** The boot file system takes the first part; the rest of the disk is free. */
const BOOT_BYTES = 64 * 1024 ** 2;
const LAYOUT = 'layout-2';

const bootConfig = `SERIAL 0 115200
PROMPT 0
DEFAULT guest
LABEL guest
  KERNEL vmlinuz
  INITRD initrd.gz
  APPEND console=ttyS0,115200 loglevel=4 nokaslr mitigations=off random.trust_cpu=on panic=-1
`;

export interface GuestImage {
  readonly file: string;
  readonly sizeBytes: number;
}

export interface GuestImageOptions {
  readonly runner?: CommandRunner;
  readonly say?: (line: string) => void;
}

/** Answers the image in `cacheDirectory`, built first when it is not there. Safe when two callers do it at once. */
export async function ensureGuestImage(cacheDirectory: string, options: GuestImageOptions = {}): Promise<GuestImage> {
  const runner = options.runner ?? systemCommandRunner;
  const packageFile = await ensureKernelPackage(runner, cacheDirectory);
  const rootfsDirectory = path.join(projectRoot(), 'deploy', 'guest', 'rootfs');
  const busyboxFile = await findBusybox();
  const digest = await digestInputs(packageFile, busyboxFile, rootfsDirectory);
  const file = path.join(cacheDirectory, `guest-${digest}.raw`);
  if (await exists(file)) return { file, sizeBytes: GUEST_IMAGE_BYTES };
  options.say?.('building the test guest from Debian packages');
  const workDirectory = path.join(cacheDirectory, `build-${randomUUID()}`);
  await mkdir(workDirectory, { recursive: true });
  try {
    const kernel = await unpackKernel(runner, packageFile, workDirectory);
    const initramfs = await buildInitramfs(runner, { rootfsDirectory, busyboxFile, kernel, workDirectory });
    const image = path.join(workDirectory, 'image');
    await makeBootDisk(runner, image, kernel.imageFile, initramfs, workDirectory);
    await rename(image, file);
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
  return { file, sizeBytes: GUEST_IMAGE_BYTES };
}

async function makeBootDisk(
  runner: CommandRunner,
  image: string,
  kernelFile: string,
  initramfsFile: string,
  workDirectory: string,
): Promise<void> {
  const handle = await open(image, 'wx');
  await handle.truncate(BOOT_BYTES);
  await handle.close();
  const config = path.join(workDirectory, 'syslinux.cfg');
  await writeFile(config, bootConfig);
  // A file system without a partition table: SeaBIOS starts the first sector of the disk, which is syslinux's own.
  await runChecked(
    runner,
    ['mformat', '-i', image, '-T', String(BOOT_BYTES / 512), '-h', '255', '-s', '63', '::'],
    30_000,
  );
  for (const [source, name] of [
    [kernelFile, 'vmlinuz'],
    [initramfsFile, 'initrd.gz'],
    [config, 'syslinux.cfg'],
  ] as const) {
    await runChecked(runner, ['mcopy', '-i', image, source, `::/${name}`], 60_000);
  }
  await runChecked(runner, ['syslinux', '--install', image], 60_000);
  const grown = await open(image, 'r+');
  await grown.truncate(GUEST_IMAGE_BYTES);
  await grown.sync();
  await grown.close();
}

async function digestInputs(packageFile: string, busyboxFile: string, rootfsDirectory: string): Promise<string> {
  const hash = createHash('sha256').update(LAYOUT).update(bootConfig).update(path.basename(packageFile));
  hash.update(String((await stat(busyboxFile)).size)).update(await hostProgramsMark());
  const entries = await readdir(rootfsDirectory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  for (const name of files.sort()) hash.update(path.relative(rootfsDirectory, name)).update(await readFile(name));
  return hash.digest('hex').slice(0, 16);
}

async function findBusybox(): Promise<string> {
  for (const file of ['/usr/bin/busybox', '/bin/busybox']) if (await exists(file)) return file;
  throw new Error('busybox was not found; install the package busybox-static');
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
