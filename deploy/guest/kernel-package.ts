// Debian's cloud kernel, taken from its package without installing it: the kernel image and the few drivers the guest needs.
// The package is downloaded once by apt and kept in the cache directory; with it there no network is needed.
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { CommandRunner } from '../../drivers/process/command-runner.js';
import { runChecked } from './run-checked.js';

/** In the order in which they must be loaded (`modinfo -F depends`). Paths are those of Debian's 6.1 kernels. */
const drivers = [
  'drivers/virtio/virtio_ring',
  'drivers/virtio/virtio',
  'drivers/virtio/virtio_pci_legacy_dev',
  'drivers/virtio/virtio_pci_modern_dev',
  'drivers/virtio/virtio_pci',
  'drivers/block/virtio_blk',
  'drivers/char/virtio_console',
  'drivers/input/evdev',
  'drivers/acpi/button',
] as const;

export interface GuestKernel {
  readonly imageFile: string;
  /** Uncompressed .ko files, in loading order. */
  readonly drivers: readonly { readonly name: string; readonly file: string }[];
}

const packageName = /^linux-image-.*-cloud-amd64_.*_amd64\.deb$/;

/** The kernel that the meta package stands for now; null when apt does not know it. */
async function tryKernelPackageName(runner: CommandRunner): Promise<string | null> {
  const depends = await runChecked(runner, ['apt-cache', 'depends', 'linux-image-cloud-amd64'], 60_000).catch(() => '');
  return /Depends: (linux-image-\S+)/.exec(depends)?.[1] ?? null;
}

/** The newest kernel package in the cache directory, downloaded when there is none. */
export async function ensureKernelPackage(runner: CommandRunner, cacheDirectory: string): Promise<string> {
  await mkdir(cacheDirectory, { recursive: true });
  const cached = (await readdir(cacheDirectory)).filter((name) => packageName.test(name)).sort();
  const newest = cached.at(-1);
  if (newest !== undefined) return path.join(cacheDirectory, newest);
  let name = await tryKernelPackageName(runner);
  if (name === null) {
    // All packages may be there while apt's lists are not: a machine made from an image has none.
    await runChecked(runner, ['apt-get', 'update'], 300_000);
    name = await tryKernelPackageName(runner);
  }
  if (name === null) throw new Error('apt knows no package linux-image-cloud-amd64; look at /etc/apt/sources.list');
  const download = path.join(cacheDirectory, 'download');
  await rm(download, { recursive: true, force: true });
  await mkdir(download);
  await runChecked(runner, ['apt-get', 'download', name], 300_000, download);
  const file = (await readdir(download)).find((entry) => packageName.test(entry));
  if (file === undefined) throw new Error(`apt-get download ${name} left no package file`);
  await rename(path.join(download, file), path.join(cacheDirectory, file));
  await rm(download, { recursive: true, force: true });
  return path.join(cacheDirectory, file);
}

/** Unpacks the package below `directory` and answers where its kernel and drivers are. */
export async function unpackKernel(
  runner: CommandRunner,
  packageFile: string,
  directory: string,
): Promise<GuestKernel> {
  const root = path.join(directory, 'kernel-package');
  await mkdir(root, { recursive: true });
  await runChecked(runner, ['dpkg-deb', '-x', packageFile, root], 120_000);
  const kernel = (await readdir(path.join(root, 'boot'))).find((name) => name.startsWith('vmlinuz-'));
  if (kernel === undefined) throw new Error(`${packageFile} holds no boot/vmlinuz`);
  const release = kernel.slice('vmlinuz-'.length);
  const modules = await findModules(root, release);
  const unpacked: { name: string; file: string }[] = [];
  for (const driver of drivers) {
    unpacked.push({
      name: path.basename(driver),
      file: await plainModule(runner, path.join(modules, driver), directory),
    });
  }
  return { imageFile: path.join(root, 'boot', kernel), drivers: unpacked };
}

async function findModules(root: string, release: string): Promise<string> {
  for (const top of ['lib', 'usr/lib']) {
    const folder = path.join(root, top, 'modules', release, 'kernel');
    if ((await readdir(folder).catch(() => null)) !== null) return folder;
  }
  throw new Error(`the kernel package holds no modules for ${release}`);
}

/** Later Debian kernels ship .ko.xz; the guest's insmod wants them plain. */
async function plainModule(runner: CommandRunner, base: string, directory: string): Promise<string> {
  const present = new Set(await readdir(path.dirname(base)));
  const name = path.basename(base);
  const target = path.join(directory, `${name}.ko`);
  if (present.has(`${name}.ko`)) {
    await copyFile(`${base}.ko`, target);
    return target;
  }
  if (!present.has(`${name}.ko.xz`)) throw new Error(`the kernel package holds no driver ${name}`);
  await copyFile(`${base}.ko.xz`, `${target}.xz`);
  await runChecked(runner, ['xz', '--decompress', '--force', `${target}.xz`], 60_000);
  return target;
}
