// T-F01, T-F04, T-F05, T-F06: files that somebody offers as a volume by having an existing file taken over (manage). Boot images meet the
// same detection when they are uploaded: images.test.ts.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findSchemaViolation } from '../../services/core/messages/parse-message.js';
import { DriverPlace, quiet } from './driver-place.js';
import { makeDataFilePoison, makeQcow2, overwriteStart, vmdkDescriptor } from './poisons.js';
import { makeRealFile, type PairFormat, pairFormats } from './real-files.js';

const GIB = 1024 ** 3;

describe('files offered as volumes', function suite() {
  this.timeout(30_000);
  let place: DriverPlace;
  let poisons = '';
  before(async () => {
    place = await DriverPlace.open();
    poisons = path.join(place.folder, 'poisons');
  });
  after(() => place.close());

  /** Puts the bytes on the share and offers them; the answer, and that a refused file stays as and where it was. */
  async function offer(bytes: Buffer, format: 'raw' | 'qcow2'): Promise<string> {
    const [found, target] = [`found-${randomUUID()}`, `volume-${randomUUID()}`];
    writeFileSync(place.at(found), bytes);
    const answer = await place.manage(found, target, format);
    if (answer === 'taken') {
      assert.deepEqual(readFileSync(place.at(target)).subarray(0, bytes.length), bytes, 'taken verbatim');
      rmSync(place.at(target));
    } else {
      assert.deepEqual(readFileSync(place.at(found)), bytes, 'a refused file is left alone');
      assert.equal(existsSync(place.at(target)), false);
      rmSync(place.at(found));
    }
    await place.canaries.expectUntouched();
    return answer;
  }

  describe('T-F01', () => {
    const names: Readonly<Record<string, (place: DriverPlace) => string>> = {
      'a file of the host': ({ canaries }) => canaries.file('secret'),
      'a json: description': ({ canaries }) =>
        `json:{"driver":"raw","file":{"driver":"file","filename":"${canaries.file('secret')}"}}`,
      'a network block device': ({ canaries }) => `nbd:127.0.0.1:${canaries.port}`,
      'a web address': ({ canaries }) => `http://127.0.0.1:${canaries.port}/disk`,
      'a plain name on the share': () => 'volume-of-somebody',
      'a path that begins on the share': ({ canaries }) => `./../canaries/${path.basename(canaries.file('secret'))}`,
    };
    for (const [what, nameOf] of Object.entries(names)) {
      for (const options of [[], ['-o', 'compat=0.10']]) {
        for (const declared of ['qcow2', 'raw'] as const) {
          it(`a qcow2 ${options.join(' ')} whose backing file is ${what}, declared ${declared}, is refused unopened`, async () => {
            const bytes = makeQcow2(poisons, '-b', nameOf(place), '-F', 'raw', ...options);
            const programs = place.started.length;
            assert.equal(await offer(bytes, declared), 'hostile_image');
            assert.equal(place.started.length, programs, 'no tool was started');
          });
        }
      }
    }
  });

  describe('T-F04', () => {
    const secret = () => place.canaries.file('secret');
    const sparseNaming = () => {
      const file = makeRealFile(place.folder, 'vmdk');
      const at = file.indexOf('RW ');
      assert.ok(at > 0, 'the sparse file has a descriptor');
      file.write(`RW 8192 FLAT "${secret()}" 0\n`, at);
      return file;
    };
    const withFooter = () => {
      const disk = Buffer.alloc(1024 * 1024);
      disk.write('KDMV', disk.length - 1024);
      return disk;
    };
    const vmdks: Readonly<Record<string, () => Buffer>> = {
      monolithicFlat: () => vmdkDescriptor('monolithicFlat', [`RW 2097152 FLAT "${secret()}" 0`]),
      twoGbMaxExtentFlat: () => vmdkDescriptor('twoGbMaxExtentFlat', [`RW 2097152 FLAT "${secret()}" 0`]),
      fullDevice: () => vmdkDescriptor('fullDevice', ['RW 63 FLAT "/dev/sda" 0']),
      vmfs: () => vmdkDescriptor('vmfs', [`RW 2097152 VMFS "${secret()}"`]),
      'a sparse header whose own descriptor names another extent': sparseNaming,
      'a stream footer at the end of a plain disk': withFooter,
    };
    for (const [what, bytesOf] of Object.entries(vmdks)) {
      for (const declared of ['raw', 'qcow2'] as const) {
        it(`${what}, declared ${declared}, is refused`, async () => {
          assert.equal(await offer(bytesOf(), declared), 'hostile_image');
        });
      }
    }
  });

  describe('T-F05', () => {
    const dataFiles: Readonly<Record<string, () => Buffer>> = {
      'with its name': () => makeDataFilePoison(poisons, place.canaries.file('data')),
      'without its name': () => {
        const bytes = makeQcow2(poisons);
        bytes.writeBigUInt64BE(4n, 72);
        return bytes;
      },
      'named, without its bit': () => {
        const bytes = makeDataFilePoison(poisons, place.canaries.file('data'));
        bytes.writeBigUInt64BE(0n, 72);
        return bytes;
      },
    };
    for (const [what, bytesOf] of Object.entries(dataFiles)) {
      it(`an external data file ${what} is refused before any program is started`, async () => {
        const programs = place.started.length;
        assert.equal(await offer(bytesOf(), 'qcow2'), 'hostile_image');
        assert.equal(await offer(bytesOf(), 'raw'), 'hostile_image');
        assert.equal(place.started.length, programs, '0 child processes');
      });

      it(`a volume whose header gets an external data file ${what} is opened by no tool`, async () => {
        const file = `volume-${randomUUID()}`;
        const base = await place.create(file, 'qcow2', GIB);
        overwriteStart(place.at(file), bytesOf());
        const { share, driver } = place;
        const target = {
          share,
          file: `volume-${randomUUID()}`,
          format: 'raw',
          sizeBytes: GIB,
          preallocation: 'off',
        } as const;
        const overlay = { share, chain: [base], overlayFile: `${file}.${randomUUID()}` };
        const programs = place.started.length;
        const refused = { code: 'hostile_image' };
        await assert.rejects(driver.copyChain({ share, source: [base], target }, quiet), refused);
        await assert.rejects(driver.extendImage({ share, chain: [base], newSizeBytes: 2 * GIB }), refused);
        await assert.rejects(driver.prepareOverlay(overlay), refused);
        await assert.rejects(driver.readChain({ share, chain: [base] }), refused);
        assert.equal(place.started.length, programs, '0 child processes');
        await place.canaries.expectUntouched();
      });
    }
  });

  describe('polyglots', () => {
    const trailers: Readonly<Record<string, (bytes: Buffer) => void>> = {
      'a VHD': (bytes) => bytes.write('conectix', bytes.length - 512),
      'a VMDK stream': (bytes) => bytes.write('KDMV', bytes.length - 1024),
      'a DMG': (bytes) => bytes.write('koly\0\0\0\x04', bytes.length - 512, 'latin1'),
      'a VDI': (bytes) => bytes.writeUInt32LE(0xbeda107f, 64),
    };
    for (const [what, mark] of Object.entries(trailers)) {
      it(`a polyglot of a qcow2 and ${what} is refused, whatever it is declared`, async () => {
        const bytes = Buffer.concat([makeQcow2(poisons), Buffer.alloc(65_536)]);
        mark(bytes);
        assert.equal(await offer(bytes, 'qcow2'), 'hostile_image');
        assert.equal(await offer(bytes, 'raw'), 'hostile_image');
      });
    }
  });

  describe('T-F07 in the driver', () => {
    it('a raw disk grows by its length alone: it starts no tool', async () => {
      const { share, driver } = place;
      const base = await place.create(`volume-${randomUUID()}`, 'raw', GIB);
      const programs = place.started.length;
      await driver.extendImage({ share, chain: [base], newSizeBytes: 2 * GIB });
      assert.equal(place.started.length, programs);
      assert.equal(statSync(place.at(base.file)).size, 2 * GIB);
    });
  });

  describe('files that another names', () => {
    const odd: Readonly<Record<string, (bytes: Buffer) => void>> = {
      'as our own tools write it': () => undefined,
      'of a future version': (bytes) => bytes.writeUInt32BE(9, 4),
      'with a name far behind the header': (bytes) => {
        const name = bytes.subarray(Number(bytes.readBigUInt64BE(8))).subarray(0, bytes.readUInt32BE(16));
        Buffer.from(name).copy(bytes, 60_000);
        bytes.writeBigUInt64BE(60_000n, 8);
      },
      'with a name that ends in NUL': (bytes) => bytes.writeUInt32BE(bytes.readUInt32BE(16) + 1, 16),
      'with features that nobody knows': (bytes) => bytes.writeBigUInt64BE(1n << 50n, 72),
    };
    for (const [what, change] of Object.entries(odd)) {
      it(`a qcow2 ${what} keeps its base from being removed`, async () => {
        const { share, driver } = place;
        const base = await place.create(`volume-${randomUUID()}`, 'raw', GIB);
        const bytes = makeQcow2(poisons, '-b', base.file, '-F', 'raw');
        change(bytes);
        writeFileSync(place.at('desktop.img'), bytes);
        await assert.rejects(driver.removeFiles({ share, files: [base.file] }), { code: 'chain_mismatch' });
        assert.ok(existsSync(place.at(base.file)));
        rmSync(place.at('desktop.img'));
        await driver.removeFiles({ share, files: [base.file] });
      });
    }
  });

  describe('T-F06', () => {
    /** What a file may be when it is declared raw: what a disk holds. Everything else only as what it is. */
    const disks: readonly PairFormat[] = ['raw', 'iso', 'gpt', 'luks'];
    const isAccepted = (declared: PairFormat, real: PairFormat) =>
      (declared === 'raw' && disks.includes(real)) || (declared === 'qcow2' && real === 'qcow2');
    for (const declared of pairFormats) {
      for (const real of pairFormats) {
        it(`declared ${declared}, really ${real}: ${isAccepted(declared, real) ? 'taken verbatim' : 'refused'}`, async () => {
          if (declared !== 'raw' && declared !== 'qcow2') {
            // No volume has such a format: the command itself is refused by its schema, in the worker before the driver.
            const params = {
              volumeId: randomUUID(),
              share: place.share,
              sourceFile: 'found',
              targetFile: 'volume',
              format: declared,
            };
            assert.notEqual(findSchemaViolation('ImageManageParams', params), null);
            assert.equal(
              findSchemaViolation('ImageManageParams', { ...params, format: 'raw' }),
              null,
              'only the format is wrong',
            );
            return;
          }
          const answer = await offer(makeRealFile(place.folder, real), declared);
          assert.equal(answer, isAccepted(declared, real) ? 'taken' : 'hostile_image');
        });
      }
    }
  });
});
