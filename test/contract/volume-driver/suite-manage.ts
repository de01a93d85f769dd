// What a reference to an existing file may not lead to: anything but a plain file of its own, directly beneath the share. Each case is built
// for real, refused before anything is touched, and found as it was afterwards.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { filesOn, freshIds, MIB } from './harness.js';
import { type DriverCase, makeChain } from './suite.js';

type Built = { readonly source: string; readonly clear?: () => void | Promise<void> };

export function describeManageRules(t: DriverCase): void {
  const at = (...names: string[]): string => path.join(t.place().path, ...names);
  const fresh = (): string => `found-${freshIds().volumeId}`;
  const plain = (name = fresh()): string => {
    writeFileSync(at(name), Buffer.alloc(MIB, 5));
    return name;
  };
  const image = (...options: string[]): string => {
    const name = fresh();
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', ...options, at(name), '1M']);
    return name;
  };
  const linkTo = (target: string): Built => {
    const source = fresh();
    symlinkSync(target, at(source));
    return { source };
  };

  const cases: Readonly<Record<string, () => Built | Promise<Built>>> = {
    'a symbolic link to a file of the share': () => linkTo(plain()),
    'a symbolic link out of the share': () => linkTo('/etc/hostname'),
    'a symbolic link to nothing': () => linkTo('nothing-here'),
    'a file with a second name': () => {
      const [source, twin] = [plain(), fresh()];
      linkSync(at(source), at(twin));
      return { source, clear: () => rmSync(at(twin)) };
    },
    'a FIFO': () => {
      const source = fresh();
      execFileSync('mkfifo', [at(source)]);
      return { source };
    },
    'a character device': () => {
      const source = fresh();
      execFileSync('mknod', [at(source), 'c', '1', '5']);
      return { source };
    },
    'a socket': async () => {
      const source = `s-${freshIds().volumeId.slice(0, 8)}`;
      const server = net.createServer();
      await new Promise<void>((resolve) => server.listen(at(source), resolve));
      return { source, clear: () => new Promise<void>((resolve) => server.close(() => resolve())) };
    },
    'a directory': () => {
      const source = fresh();
      mkdirSync(at(source));
      return { source };
    },
    'a file behind a linked directory': () => {
      const [directory, link] = [fresh(), fresh()];
      mkdirSync(at(directory));
      writeFileSync(at(directory, 'disk'), Buffer.alloc(MIB));
      symlinkSync(directory, at(link));
      return {
        source: `${link}/disk`,
        clear: () => {
          for (const one of [link, directory]) rmSync(at(one), { recursive: true });
        },
      };
    },
    'a file above the share': () => ({ source: '../escaped' }),
    'an absolute path': () => ({ source: at(plain()) }),
    'an image with a backing file': () => {
      const below = plain();
      return { source: image('-F', 'raw', '-b', at(below)), clear: () => rmSync(at(below)) };
    },
    'an image with an external data file': () => {
      const data = at(fresh());
      return { source: image('-o', `data_file=${data},data_file_raw=on`), clear: () => rmSync(data, { force: true }) };
    },
    'a file of another volume, on which an overlay stands': async () => {
      const [base] = await makeChain(t, freshIds(), 'raw', 1);
      return { source: base?.file ?? '' };
    },
  };

  for (const [name, build] of Object.entries(cases)) {
    it(`is refused: ${name}`, async () => {
      const { source, clear } = await build();
      const target = freshIds().file;
      const before = filesOn(t.place());
      try {
        for (const format of ['raw', 'qcow2'] as const) {
          const spec = { share: t.place().share, sourceFile: source, targetFile: target, format };
          const refusals = ['bad_request', 'hostile_image', 'chain_mismatch'];
          await assert.rejects(t.driver().manageImage(spec), ({ code = '' }: { code?: string }) =>
            refusals.includes(code),
          );
        }
        assert.deepEqual(filesOn(t.place()), before);
        assert.throws(() => lstatSync(at(target)));
      } finally {
        await clear?.();
      }
      if (!source.includes('/') && !source.startsWith('volume-')) rmSync(at(source), { recursive: true, force: true });
    });
  }
}
