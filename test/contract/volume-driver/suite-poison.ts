// A guest that writes an image header into its own raw disk must get nothing for it: the volume stays raw in every verb, the result
// holds exactly its bytes, and the file that the header names is never read. The canary's text must not appear anywhere.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { planEmptyQcow2 } from '../../../drivers/image/qcow2-writer.js';
import { appendOverlay, type Chain } from '../../../services/core/domain/chain.js';
import { bytesAt, freshIds, guest, MIB, quietWork, readAll, top, writeBytes } from './harness.js';
import type { DriverCase } from './suite.js';

const CANARY = 'CANARY-secret-of-the-host-';

export function describePoisonedVolumes(t: DriverCase): void {
  let folder = '';
  const poisons: Record<string, Buffer> = {};

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'saggar-canary-'));
    const canary = path.join(folder, 'canary');
    writeFileSync(canary, CANARY.repeat(50_000));
    const made = (name: string, ...args: string[]) => {
      const file = path.join(folder, name);
      execFileSync('qemu-img', ['create', '-q', ...args, file, '64M']);
      poisons[name] = readFileSync(file).subarray(0, 4 * MIB);
    };
    made('qcow2-backing', '-f', 'qcow2', '-u', '-b', canary, '-F', 'raw');
    made(
      'qcow2-json-backing',
      '-f',
      'qcow2',
      '-u',
      '-b',
      `json:{"driver":"raw","file":{"driver":"file","filename":"${canary}"}}`,
      '-F',
      'raw',
    );
    made('qcow2-data-file', '-f', 'qcow2', '-o', `data_file=${path.join(folder, 'data')},data_file_raw=on`);
    writeFileSync(path.join(folder, 'data'), CANARY.repeat(50_000));
    poisons['vmdk-flat'] = Buffer.from(
      `# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 131072 FLAT "${canary}" 0\n`,
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  const poisoned = async (name: string): Promise<{ chain: Chain; ids: ReturnType<typeof freshIds>; bytes: Buffer }> => {
    const ids = freshIds();
    const { share } = t.place();
    const base = await t
      .driver()
      .createImage({ share, file: ids.file, format: 'raw', sizeBytes: 64 * MIB, preallocation: 'off' });
    const bytes = poisons[name];
    assert.ok(bytes !== undefined);
    writeBytes(t.place(), ids.file, 0, bytes);
    return { chain: [base], ids, bytes };
  };
  const expectUntouched = (file: string, bytes: Buffer) =>
    assert.deepEqual(bytesAt(t.place(), file, 0, bytes.length), bytes);
  const expectNoCanary = (file: string) => assert.ok(!readAll(t.place(), file).includes(CANARY.repeat(2)));

  for (const name of ['qcow2-backing', 'qcow2-json-backing', 'qcow2-data-file', 'vmdk-flat']) {
    it(`${name}: reading the chain says raw`, async () => {
      const { chain } = await poisoned(name);
      const [seen] = await t.driver().readChain({ share: t.place().share, chain });
      assert.deepEqual([seen?.format, seen?.virtualSizeBytes, seen?.backingFile], ['raw', 64 * MIB, null]);
    });

    it(`${name}: a copy is byte for byte the same disk`, async () => {
      const { chain, bytes } = await poisoned(name);
      const { share } = t.place();
      const { file } = freshIds();
      const raw = { share, file, format: 'raw', sizeBytes: 64 * MIB, preallocation: 'off' } as const;
      await t.driver().copyChain({ share, source: chain, target: raw }, quietWork());
      assert.deepEqual(readAll(t.place(), file), readAll(t.place(), top(chain).file));
      const qcow2 = { ...raw, file: freshIds().file, format: 'qcow2' } as const;
      await t.driver().copyChain({ share, source: chain, target: qcow2 }, quietWork());
      expectNoCanary(qcow2.file);
      const out = path.join(folder, 'out');
      execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', path.join(t.place().path, qcow2.file), out]);
      assert.deepEqual(readFileSync(out).subarray(0, bytes.length), bytes);
    });

    it(`${name}: extending grows the disk and leaves the inner header alone`, async () => {
      const { chain, bytes } = await poisoned(name);
      const grown = await t.driver().extendImage({ share: t.place().share, chain, newSizeBytes: 128 * MIB });
      assert.equal(readAll(t.place(), grown.file).length, 128 * MIB);
      expectUntouched(grown.file, bytes);
    });

    it(`${name}: an overlay above it shows the disk's own bytes, and a merge keeps them`, async () => {
      const { chain, ids, bytes } = await poisoned(name);
      const { share } = t.place();
      const { snapshotId, file } = ids.overlay();
      const overlay = await t.driver().prepareOverlay({ share, chain, overlayFile: file });
      const out = path.join(folder, 'out');
      execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', path.join(t.place().path, overlay.file), out]);
      assert.deepEqual(readFileSync(out).subarray(0, bytes.length), bytes);
      guest(t.place(), overlay, 'write -P 7 32M 1M');
      const result = await t
        .driver()
        .commitLayer({ share, chain: appendOverlay(chain, file, snapshotId), file }, quietWork());
      expectUntouched(top(result).file, bytes);
      expectNoCanary(top(result).file);
      guest(t.place(), { file: top(result).file, format: 'raw' }, 'read -P 7 32M 1M');
      await t.driver().removeFiles({ share, files: [file] });
      await t.driver().removeFiles({ share, files: [top(result).file] });
    });
  }

  it('a qcow2 layer whose header was changed to name another file is refused by every verb that would open it', async () => {
    const ids = freshIds();
    const { share } = t.place();
    const base = await t
      .driver()
      .createImage({ share, file: ids.file, format: 'qcow2', sizeBytes: 64 * MIB, preallocation: 'off' });
    const bytes = poisons['qcow2-data-file'];
    assert.ok(bytes !== undefined);
    writeBytes(t.place(), ids.file, 0, bytes);
    const target = { share, file: freshIds().file, format: 'raw', sizeBytes: 64 * MIB, preallocation: 'off' } as const;
    const refused = { code: 'hostile_image' };
    await assert.rejects(t.driver().copyChain({ share, source: [base], target }, quietWork()), refused);
    await assert.rejects(t.driver().extendImage({ share, chain: [base], newSizeBytes: 128 * MIB }), refused);
    await assert.rejects(t.driver().prepareOverlay({ share, chain: [base], overlayFile: ids.overlay().file }), refused);
    writeBytes(t.place(), ids.file, 0, poisons['qcow2-backing'] ?? Buffer.alloc(0));
    await assert.rejects(t.driver().copyChain({ share, source: [base], target }, quietWork()), refused);
    const backing = { file: freshIds().file, format: 'raw' } as const;
    const named = planEmptyQcow2({ virtualSizeBytes: 64 * MIB, backing });
    for (const piece of named.pieces) writeBytes(t.place(), ids.file, piece.offset, Buffer.from(piece.bytes));
    const foreign = { code: 'chain_mismatch' };
    await assert.rejects(t.driver().copyChain({ share, source: [base], target }, quietWork()), foreign);
  });

  const disk = (change: (bytes: Buffer) => void) => {
    const bytes = Buffer.alloc(MIB);
    change(bytes);
    return () => bytes;
  };
  const made = (driver: string) => () => {
    const file = path.join(folder, `made-${driver}`);
    execFileSync('qemu-img', ['create', '-q', '-f', driver, file, '4M']);
    return readFileSync(file);
  };
  const real: Readonly<Record<string, readonly [() => Buffer, 'raw' | 'qcow2' | 'none']>> = {
    raw: [disk((bytes) => bytes.fill(5)), 'raw'],
    gpt: [disk((bytes) => bytes.write('EFI PART', 512)), 'raw'],
    iso: [disk((bytes) => bytes.write('CD001', 32_769)), 'raw'],
    luks: [disk((bytes) => bytes.write('LUKS\xba\xbe\0\x02', 0, 'latin1')), 'raw'],
    qcow2: [made('qcow2'), 'qcow2'],
    qcow: [made('qcow'), 'none'],
    qed: [made('qed'), 'none'],
    vmdk: [made('vmdk'), 'none'],
    vdi: [made('vdi'), 'none'],
    vhd: [made('vpc'), 'none'],
    vhdx: [made('vhdx'), 'none'],
  };
  for (const [name, [bytesOf, accepted]] of Object.entries(real)) {
    for (const declared of ['raw', 'qcow2'] as const) {
      it(`a file that is ${name}, declared ${declared}, is ${declared === accepted ? 'taken as it is' : 'refused'}`, async () => {
        const bytes = bytesOf();
        const ids = freshIds();
        const sourceFile = `found-${ids.volumeId}`;
        writeFileSync(path.join(t.place().path, sourceFile), bytes);
        const spec = { share: t.place().share, sourceFile, targetFile: ids.file, format: declared };
        if (declared === accepted) {
          assert.equal((await t.driver().manageImage(spec)).format, declared);
          assert.deepEqual(bytesAt(t.place(), ids.file, 0, bytes.length), bytes);
          return;
        }
        await assert.rejects(t.driver().manageImage(spec), { code: 'hostile_image' });
        rmSync(path.join(t.place().path, sourceFile));
      });
    }
  }
}
