// Looking at all of a share, and records beside the data: the same over a directory and over Gluster.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { CUSTODY_MAX_BYTES } from '../../../services/core/domain/custody/custody-record.js';
import type { ScanEntry } from '../../../services/core/domain/custody/inventory.js';
import { poison } from '../../harness/cinder-share/cinder-share.js';
import { freshIds, MIB } from './harness.js';
import { type DriverCase, makeChain } from './suite.js';

export function describeCustody(t: DriverCase): void {
  async function scan(maxBytes = 196_608): Promise<{ entries: ScanEntry[]; pages: number }> {
    const entries: ScanEntry[] = [];
    let [after, pages]: [string | null, number] = [null, 0];
    do {
      const page = await t.driver().scanShare({ share: t.place().share, after, maxBytes });
      entries.push(...page.entries);
      pages += 1;
      after = page.next;
    } while (after !== null);
    return { entries, pages };
  }
  const found = async (name: string): Promise<ScanEntry | undefined> =>
    (await scan()).entries.find((entry) => entry.name === name);

  it('scanShare tells names, lengths, headers and Cinder’s records, and changes nothing', async () => {
    const ids = freshIds();
    const chain = await makeChain(t, ids, 'raw', 2);
    await t.driver().writeRecord({ share: t.place().share, volumeId: ids.volumeId, chain });
    const [base, , top] = chain;
    assert.ok(base && top);
    const file = await found(base.file);
    assert.ok(file?.kind === 'file');
    assert.equal(file.sizeBytes, base.virtualSizeBytes);
    assert.deepEqual(file.verdict, { format: 'none', claims: null });
    assert.equal(file.linkCount, 1);
    const overlay = await found(top.file);
    assert.ok(overlay?.kind === 'file' && overlay.verdict.format === 'qcow2');
    assert.deepEqual(
      [overlay.verdict.backingFile, overlay.verdict.backingFormat, overlay.verdict.hostile],
      [chain[1]?.file, 'qcow2', null],
    );
    const info = await found(`volume-${ids.volumeId}.info`);
    assert.ok(info?.kind === 'info');
    assert.equal(info.info?.active, top.file);
    assert.equal(Object.keys(info.info?.snapshots ?? {}).length, 2);
  });

  it('scanShare reads page by page, loses and repeats nothing', async () => {
    for (let count = 0; count < 20; count += 1) {
      writeFileSync(path.join(t.place().path, `volume-${randomUUID()}`), '');
    }
    const whole = await scan();
    const cut = await scan(600);
    assert.deepEqual(cut.entries, whole.entries);
    assert.ok(cut.pages > 5, `${cut.pages} pages`);
  });

  it('scanShare takes nothing hostile for an image: links, directories, odd names, poisoned and garbled files', async () => {
    const { path: root } = t.place();
    const [link, folder, poisoned, garbled] = [
      'volume-link',
      'volume-folder',
      `volume-${randomUUID()}`,
      `volume-${randomUUID()}.info`,
    ];
    symlinkSync('/etc/passwd', path.join(root, link));
    mkdirSync(path.join(root, folder));
    writeFileSync(path.join(root, 'it is\nno name'), 'x');
    writeFileSync(path.join(root, poisoned), '');
    truncateSync(path.join(root, poisoned), MIB);
    poison(path.join(root, poisoned), '/etc/passwd');
    writeFileSync(path.join(root, garbled), `{"active": "${'x'.repeat(100_000)}"}`);
    try {
      assert.deepEqual(await found(link), { kind: 'other', name: link, reason: 'a symbolic link' });
      assert.deepEqual(await found(folder), { kind: 'other', name: folder, reason: 'no regular file' });
      assert.equal((await found('it is?no name'))?.kind, 'other');
      const header = await found(poisoned);
      assert.ok(header?.kind === 'file' && header.verdict.format === 'qcow2');
      assert.equal(header.verdict.backingFile, '/etc/passwd');
      assert.match(header.verdict.hostile ?? '', /no plain name/);
      const info = await found(garbled);
      assert.ok(info?.kind === 'info' && info.info === null);
    } finally {
      for (const name of [link, folder, 'it is\nno name', poisoned, garbled])
        rmSync(path.join(root, name), { recursive: true });
    }
  });

  it('writeCustody makes, replaces and removes records that only the service may read', async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    const { share, path: root } = t.place();
    const write = (...records: { volumeId: string; text: string | null }[]) =>
      t.driver().writeCustody({ share, records });
    await write({ volumeId: one, text: 'first' }, { volumeId: two, text: 'second' });
    await write({ volumeId: one, text: 'newer' });
    const file = path.join(root, '.saggar', `${one}.json`);
    assert.equal(readFileSync(file, 'utf8'), 'newer');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(await found(one), { kind: 'record', name: one, text: 'newer', reason: null });
    await write({ volumeId: one, text: null }, { volumeId: two, text: null });
    await write({ volumeId: one, text: null });
    assert.equal(await found(one), undefined);
    assert.deepEqual(
      readdirSync(path.join(root, '.saggar')).filter((name) => name.includes(one)),
      [],
    );
    await assert.rejects(write({ volumeId: '../evil', text: 'x' }), { code: 'bad_request' });
  });

  it('scanShare tells of a record that is too large without its text', async () => {
    const id = randomUUID();
    const file = path.join(t.place().path, '.saggar', `${id}.json`);
    writeFileSync(file, 'x'.repeat(CUSTODY_MAX_BYTES + 1));
    const entry = await found(id);
    assert.ok(entry?.kind === 'record' && entry.text === null && entry.reason !== null);
    rmSync(file);
  });

  it('settleFiles rounds lengths up, for libgfapi, and a guest reads the same', async () => {
    const name = `volume-${randomUUID()}`;
    const file = path.join(t.place().path, name);
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file, '1M']);
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -P 7 0 64k', file], { stdio: 'ignore' });
    truncateSync(file, statSync(file).size + 16);
    await t.driver().settleFiles({ share: t.place().share, files: [name] });
    const { size } = statSync(file);
    assert.equal(size % 65_536, 0);
    await t.driver().settleFiles({ share: t.place().share, files: [name] });
    assert.equal(statSync(file).size, size);
    const read = execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'read -P 7 0 64k', file], { encoding: 'utf8' });
    assert.doesNotMatch(read, /failed/);
    rmSync(file);
  });
}
