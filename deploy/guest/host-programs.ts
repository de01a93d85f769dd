// Programs of this host that the test guest gets too, with the libraries they are linked to: qemu-guest-agent, which freezes file
// systems, and mkfs.ext4, which makes one to freeze (busybox has an mke2fs of its own, without journal). Host and guest are both Debian 12 on amd64.
import { copyFile, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CommandRunner } from '../../drivers/process/command-runner.js';
import { runChecked } from './run-checked.js';

const programs = [
  { file: '/usr/sbin/qemu-ga', package: 'qemu-guest-agent' },
  { file: '/usr/sbin/mkfs.ext4', package: 'e2fsprogs' },
] as const;

/** Changes when a program does. Throws when one is not installed. */
export async function hostProgramsMark(): Promise<string> {
  const marks = programs.map(async ({ file, package: name }) => {
    const found = await stat(file).catch(() => null);
    if (found === null) throw new Error(`${file} was not found; install the package ${name}`);
    return `${file} ${found.size} ${Math.floor(found.mtimeMs)}`;
  });
  return (await Promise.all(marks)).join('\n');
}

/** Copies them below `root`. */
export function copyHostPrograms(runner: CommandRunner, root: string): Promise<void> {
  return copyPrograms(
    runner,
    root,
    programs.map(({ file }) => file),
  );
}

/** Copies programs of this host below `root`, with the libraries they are linked to. */
export async function copyPrograms(runner: CommandRunner, root: string, files: readonly string[]): Promise<void> {
  const said = await runChecked(runner, ['ldd', ...files], 30_000);
  for (const file of new Set([...files, ...linkedLibraries(said)])) {
    const target = path.join(root, file);
    await mkdir(path.dirname(target), { recursive: true });
    // Copies what a link points at, with its permissions.
    await copyFile(file, target);
  }
}

/** Paths in what ldd(1) prints: `libc.so.6 => /lib/... (0x...)`, and the loader, `/lib64/ld-... (0x...)`. */
export function linkedLibraries(text: string): string[] {
  const found = [...text.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map((match) => match[1] ?? '');
  return [...new Set(found)];
}
