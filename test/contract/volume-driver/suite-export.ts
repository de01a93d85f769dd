// An export is a plain file with a text beside it, complete where the text is; asked again it is the same, whatever was cut off before.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { filesOn, freshIds, MIB, quietWork } from './harness.js';
import { type DriverCase, makeChain } from './suite.js';

export function describeExports(t: DriverCase): void {
  const at = (...names: string[]): string => path.join(t.place().path, ...names);

  it('is moved there with its data and its text; twice is once', async () => {
    const { share } = t.place();
    const chain = await makeChain(t, freshIds(), 'qcow2', 2);
    const [file, directory, name] = [`export-${freshIds().volumeId}`, 'leave-one', `${freshIds().file}.raw`];
    const target = { share, file, format: 'raw', sizeBytes: 64 * MIB, preallocation: 'off' } as const;
    await t.driver().copyChain({ share, source: chain, target }, quietWork());
    const place = { share, directory, name };
    assert.equal(await t.driver().hasExport(place), false);
    await t.driver().placeExport({ ...place, file, text: '{"a":1}\n' });
    assert.equal(await t.driver().hasExport(place), true);
    await t.driver().placeExport({ ...place, file, text: 'another' });
    assert.equal(readFileSync(at(directory, `${name}.json`), 'utf8'), '{"a":1}\n');
    assert.equal(readFileSync(at(directory, 'manifest.jsonl'), 'utf8'), '{"a":1}\n');
    const data = readFileSync(at(directory, name));
    assert.deepEqual([data[0], data[MIB], data[2 * MIB], data[3 * MIB]], [1, 2, 3, 0]);
    assert.ok(!filesOn(t.place()).includes(file));
    assert.equal(statSync(at(directory)).mode & 0o007, 0);
    rmSync(at(directory), { recursive: true });
  });

  it('that was cut off between file and text is completed', async () => {
    const { share } = t.place();
    const [directory, name, file] = ['leave-two', freshIds().file, `export-${freshIds().volumeId}`];
    writeFileSync(at(file), 'data');
    await t.driver().placeExport({ share, directory, name, file, text: '1' });
    rmSync(at(directory, `${name}.json`));
    writeFileSync(at(directory, `.${name}.json.part`), 'half');
    assert.equal(await t.driver().hasExport({ share, directory, name }), false);
    await t.driver().placeExport({ share, directory, name, file, text: '2' });
    assert.equal(readFileSync(at(directory, name), 'utf8'), 'data');
    assert.equal(readFileSync(at(directory, `${name}.json`), 'utf8'), '2');
    assert.ok(!existsSync(at(directory, `.${name}.json.part`)));
    rmSync(at(directory), { recursive: true });
  });

  it('without a file is the text alone', async () => {
    const { share } = t.place();
    const place = { share, directory: 'leave-three', name: freshIds().file };
    await t.driver().placeExport({ ...place, file: null, text: 'it stays' });
    assert.equal(await t.driver().hasExport(place), true);
    assert.ok(!existsSync(at('leave-three', place.name)));
    rmSync(at('leave-three'), { recursive: true });
  });

  it('is one line of the manifest, beside those that were there', async () => {
    const { share } = t.place();
    const [directory, first, second] = ['leave-five', freshIds().file, freshIds().file];
    const text = `${JSON.stringify({ file: first, volume: { name: 'two\n lines' } }, null, 1)}\n`;
    await t.driver().placeExport({ share, directory, name: first, file: null, text });
    await t.driver().placeExport({ share, directory, name: second, file: null, text: '{"b":2}' });
    const lines = readFileSync(at(directory, 'manifest.jsonl'), 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line): unknown => JSON.parse(line)),
      [JSON.parse(text), { b: 2 }],
    );
    rmSync(at(directory), { recursive: true });
  });

  it('has a line that sha256sum checks, of a copy and of a file that stays', async () => {
    const { share } = t.place();
    const [directory, name, file, stays] = [
      'leave-six',
      freshIds().file,
      `export-${freshIds().volumeId}`,
      freshIds().file,
    ];
    for (const one of [file, stays]) writeFileSync(at(one), `data of ${one}`);
    const hashOf = (one: string) =>
      t.driver().digestFile({ share, file: one, bytes: statSync(at(one)).size, sha256: true }, quietWork().signal);
    const digests = [await hashOf(file), await hashOf(stays)];
    const [copied, staying] = digests.map(({ sha256 = '' }) => sha256);
    assert.ok(copied && staying);
    assert.deepEqual([digests[0]?.md5, digests[0]?.sha512], [undefined, undefined]);
    const place = { share, directory, text: '{}' };
    await t.driver().placeExport({ ...place, name, file, sum: { path: name, sha256: copied } });
    await t.driver().placeExport({ ...place, name: stays, file: null, sum: { path: `../${stays}`, sha256: staying } });
    const check = () =>
      spawnSync('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: at(directory), encoding: 'utf8' });
    assert.deepEqual([check().status, check().stdout], [0, `${name}: OK\n../${stays}: OK\n`]);
    writeFileSync(at(stays), 'other data');
    assert.equal(check().status, 1);
    for (const bad of ['../../x', 'a/b', '/etc/passwd', 'x\ny', ''])
      await assert.rejects(
        t.driver().placeExport({ ...place, name: freshIds().file, file: null, sum: { path: bad, sha256: copied } }),
        { code: 'bad_request' },
        bad,
      );
    for (const one of [directory, stays]) rmSync(at(one), { recursive: true });
  });

  it('is refused where it would lead elsewhere', async () => {
    const { share } = t.place();
    const name = freshIds().file;
    symlinkSync('/tmp', at('leave-link'));
    const place = (directory: string, other = name) =>
      t.driver().placeExport({ share, directory, name: other, file: null, text: 'x' });
    for (const directory of ['elsewhere', '../leave-x', 'leave-a/b', '/tmp/leave-x'])
      await assert.rejects(place(directory), { code: 'bad_request' }, directory);
    await assert.rejects(place('leave-four', '../x'), { code: 'bad_request' });
    await assert.rejects(place('leave-link'));
    assert.ok(!existsSync(`/tmp/${name}.json`));
    rmSync(at('leave-link'));
  });
}
