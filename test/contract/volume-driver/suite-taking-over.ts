// `manageImage`: a file that is there already becomes a volume's, by its name alone. What a reference may never lead to is in suite-manage.ts.
import assert from 'node:assert/strict';
import { linkSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { filesOn, freshIds, guest, MIB, readAll } from './harness.js';
import { type DriverCase, makeChain } from './suite.js';

export function describeTakingOver(t: DriverCase): void {
  const put = (content: Buffer) => {
    const file = `found-${freshIds().volumeId}`;
    writeFileSync(path.join(t.place().path, file), content);
    return file;
  };

  it('takes a raw file by renaming it; twice is once', async () => {
    const sourceFile = put(Buffer.alloc(MIB, 5));
    const spec = { share: t.place().share, sourceFile, targetFile: freshIds().file, format: 'raw' } as const;
    const layer = await t.driver().manageImage(spec);
    assert.deepEqual(layer, { file: spec.targetFile, format: 'raw', virtualSizeBytes: MIB, snapshotId: null });
    assert.deepEqual(await t.driver().manageImage(spec), layer);
    guest(t.place(), layer, 'read -P 5 0 1M');
    assert.ok(!filesOn(t.place()).includes(sourceFile));
    assert.equal(statSync(path.join(t.place().path, layer.file)).mode & 0o777, 0o660);
  });

  it('T-M02 refuses links, hard links, directories, a name that is taken, and files that are not there', async () => {
    const { share, path: folder } = t.place();
    const sourceFile = put(Buffer.alloc(MIB, 5));
    const name = () => `found-${freshIds().volumeId}`;
    const [link, hard, directory] = [name(), name(), name()];
    symlinkSync('/etc/passwd', path.join(folder, link));
    mkdirSync(path.join(folder, directory));
    linkSync(path.join(folder, sourceFile), path.join(folder, hard));
    for (const source of [link, hard, directory]) {
      const spec = { share, sourceFile: source, targetFile: freshIds().file, format: 'raw' } as const;
      await assert.rejects(t.driver().manageImage(spec), { code: 'bad_request' }, source);
    }
    rmSync(path.join(folder, hard));
    const [taken] = await makeChain(t, freshIds(), 'raw', 0);
    const clash = { share, sourceFile, targetFile: taken?.file ?? '', format: 'raw' } as const;
    await assert.rejects(t.driver().manageImage(clash), { code: 'conflict' });
    const missing = { share, sourceFile: name(), targetFile: freshIds().file, format: 'raw' } as const;
    await assert.rejects(t.driver().manageImage(missing), { code: 'not_found' });
    rmSync(path.join(folder, link));
    rmSync(path.join(folder, directory), { recursive: true });
  });

  it('refuses files that name other files, or are not what they are said to be', async () => {
    const { share } = t.place();
    const [, overlay] = await makeChain(t, freshIds(), 'raw', 1);
    const overlayBytes = readAll(t.place(), overlay?.file ?? '');
    const vmdk = Buffer.from('# Disk DescriptorFile\nversion=1\nRW 2048 FLAT "/etc/shadow" 0\n'.padEnd(512));
    const cases = [
      [overlayBytes, 'qcow2'],
      [overlayBytes, 'raw'],
      [vmdk, 'raw'],
      [vmdk, 'qcow2'],
      [Buffer.alloc(MIB), 'qcow2'],
      [Buffer.alloc(0), 'raw'],
    ] as const;
    for (const [content, format] of cases) {
      const sourceFile = put(content);
      const spec = { share, sourceFile, targetFile: freshIds().file, format };
      await assert.rejects(t.driver().manageImage(spec), { code: 'hostile_image' });
      assert.deepEqual(readAll(t.place(), sourceFile), content);
      rmSync(path.join(t.place().path, sourceFile));
    }
  });
}
