// Asks qemu-img about a sample of the inputs, in the two ways in which a wrong verdict would disclose something:
//   - what we would take as raw must not be probed as a container by QEMU;
//   - what we accept as qcow2 must show QEMU the same size, and no backing or data file that we do not see.
// qemu-img may refuse what we accept (it looks further into the tables): that is an error later, and discloses nothing.
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { HEADER_PROBE_BYTES, readQcow2Header } from '../../drivers/image/qcow2-header.js';
import { judgeInput } from './judge-input.js';
import { type Input, InputMaker } from './mutated-inputs.js';
import type { Original } from './originals.js';
import { FuzzFailure } from './run-fuzz.js';

/** What QEMU may call a file that we take as raw: formats are stated, so LUKS stays what the guest put there. */
const harmless = new Set(['raw', 'luks']);

export interface Comparison {
  readonly asked: number;
  /** qemu-img opened the file and said the same. */
  readonly agreed: number;
}

interface QemuInfo {
  readonly format?: string;
  readonly 'virtual-size'?: number;
  readonly 'backing-filename'?: string;
  readonly 'format-specific'?: { readonly data?: { readonly 'data-file'?: string } };
}

/** Goes through inputs of the seed until `count` comparable ones were asked. Errors: FuzzFailure. */
export function compareWithQemu(
  originals: readonly Original[],
  folder: string,
  { seed, count }: { readonly seed: number; readonly count: number },
): Comparison {
  const maker = new InputMaker(originals);
  let [asked, agreed] = [0, 0];
  for (let index = 0; asked < count; index++) {
    const input = maker.make(seed, index);
    const { verdict, container } = judgeInput(input);
    const accepted = verdict === 'accepted base' || verdict === 'accepted overlay';
    if (container && !accepted) continue;
    const file = writeInput(folder, input);
    const info = ask(file, accepted ? 'qcow2' : null);
    rmSync(file);
    asked += 1;
    if (info === null) continue;
    const difference = accepted ? compareHeaders(input, info) : compareProbe(info);
    if (difference !== null) {
      throw new FuzzFailure(`input ${index} of seed ${seed} (of ${input.of}): ${difference}: ${JSON.stringify(info)}`);
    }
    agreed += 1;
  }
  return { asked, agreed };
}

function compareProbe(info: QemuInfo): string | null {
  return harmless.has(info.format ?? '') ? null : 'taken as raw, but QEMU would probe a container';
}

function compareHeaders(input: Input, info: QemuInfo): string | null {
  const reading = readQcow2Header(input.head.subarray(0, HEADER_PROBE_BYTES));
  if (reading.kind !== 'qcow2') return 'not read twice alike';
  const { virtualSizeBytes, backingFile } = reading.header;
  if (info['virtual-size'] !== virtualSizeBytes) return `the size is ${virtualSizeBytes} to us`;
  if ((info['backing-filename'] ?? null) !== backingFile) return `the backing file is ${backingFile} to us`;
  return info['format-specific']?.data?.['data-file'] === undefined ? null : 'QEMU sees a data file';
}

function writeInput(folder: string, { head, tail, fileBytes }: Input): string {
  const file = path.join(folder, 'input');
  const handle = openSync(file, 'w');
  writeSync(handle, head, 0, head.length, 0);
  if (fileBytes > head.length) {
    ftruncateSync(handle, fileBytes);
    writeSync(handle, tail, 0, tail.length, fileBytes - tail.length);
  }
  closeSync(handle);
  return file;
}

/** null when QEMU refuses the file. */
function ask(file: string, format: 'qcow2' | null): QemuInfo | null {
  const stated = format === null ? [] : ['-f', format];
  const argv = ['--cpu=5', '--as=4294967296', 'qemu-img', 'info', '-U', '--output=json', ...stated, file];
  const { status, stdout } = spawnSync('prlimit', argv, { encoding: 'utf8', timeout: 20_000 });
  return status === 0 ? (JSON.parse(stdout) as QemuInfo) : null;
}
