// The guest's whole user land: busybox, the scripts of rootfs/, an agent and mke2fs with their libraries, and the kernel drivers, packed
// as a compressed cpio archive.
import { chmod, copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CommandRunner } from '../../drivers/process/command-runner.js';
import { copyHostPrograms } from './host-programs.js';
import type { GuestKernel } from './kernel-package.js';
import { runChecked } from './run-checked.js';

export interface InitramfsSpec {
  readonly rootfsDirectory: string;
  readonly busyboxFile: string;
  readonly kernel: GuestKernel;
  readonly workDirectory: string;
}

/** Answers the archive's path. */
export async function buildInitramfs(runner: CommandRunner, spec: InitramfsSpec): Promise<string> {
  const root = path.join(spec.workDirectory, 'root');
  await cp(spec.rootfsDirectory, root, { recursive: true });
  await copyFile(spec.busyboxFile, path.join(root, 'bin', 'busybox'));
  await chmod(path.join(root, 'bin', 'busybox'), 0o755);
  for (const script of [
    'init',
    'bin/disk',
    'bin/pattern',
    'bin/checksum',
    'bin/writer',
    'bin/pairs',
    'sbin/disk-link',
  ]) {
    await chmod(path.join(root, script), 0o755);
  }
  await chmod(path.join(root, 'etc/acpi/PWRF/00000080'), 0o755);
  await copyHostPrograms(runner, root);
  const modules = path.join(root, 'lib', 'modules');
  await mkdir(modules, { recursive: true });
  for (const { name, file } of spec.kernel.drivers) await copyFile(file, path.join(modules, `${name}.ko`));
  await writeFile(path.join(root, 'etc', 'modules'), `${spec.kernel.drivers.map(({ name }) => name).join('\n')}\n`);
  const archive = path.join(spec.workDirectory, 'initrd');
  const names = await runChecked(runner, ['find', '.', '-mindepth', '1'], 30_000, root);
  await runChecked(
    runner,
    ['cpio', '--create', '--quiet', '--format=newc', '--owner=0:0', `--file=${archive}`],
    60_000,
    root,
    names,
  );
  await runChecked(runner, ['gzip', '--no-name', '--force', '-6', archive], 60_000);
  return `${archive}.gz`;
}
