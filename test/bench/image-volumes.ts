// How long a volume of a large image takes where image and volume lie on the same share, and what becomes of it: `npm run bench -- --image GIB`,
// against a running Saggar. The image is a qcow2 whose disk has so many GiB; of its bytes there are few, because a volume that stands on it reads none.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchClient } from './api-client.js';

const LOOK_MS = 5;
const DATA_MIB = 32;

function imageBytes(gib: number): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-bench-image-'));
  const file = path.join(folder, 'disk');
  try {
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file, `${gib}G`]);
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', `write -q -P 171 0 ${DATA_MIB}M`, file]);
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function untilStatus(client: BenchClient, id: string, wanted: string): Promise<void> {
  for (;;) {
    const answer = await client.call('GET', `/volumes/${id}`);
    const status = (answer.body as { volume?: { status: string } }).volume?.status ?? 'gone';
    if (status === wanted) return;
    if (status.startsWith('error')) throw new Error(`volume ${id} is ${status}`);
    await sleep(LOOK_MS);
  }
}

/** Milliseconds from the request until each volume is available. What is made goes again. */
export async function measureImageVolumes(
  env: Record<string, string | undefined>,
  gib: number,
  rounds: number,
): Promise<readonly number[]> {
  const volumes = await BenchClient.login(env);
  const images = await BenchClient.login(env, 'image');
  const wish = { name: 'bench', disk_format: 'qcow2', container_format: 'bare' };
  const { id: imageId } = (await images.expect(201, 'POST', '/v2/images', wish)) as { id: string };
  const took: number[] = [];
  try {
    await images.upload(`/v2/images/${imageId}/file`, imageBytes(gib));
    for (let round = 0; round < rounds; round += 1) {
      const startedAt = performance.now();
      const body = { volume: { size: gib, imageRef: imageId, name: 'bench-image' } };
      const { volume } = (await volumes.expect(202, 'POST', '/volumes', body)) as { volume: { id: string } };
      await untilStatus(volumes, volume.id, 'available');
      took.push(performance.now() - startedAt);
      await volumes.expect(202, 'DELETE', `/volumes/${volume.id}`);
      await untilStatus(volumes, volume.id, 'gone');
    }
  } finally {
    await images.expect(204, 'DELETE', `/v2/images/${imageId}`);
  }
  return took;
}

export function printImageVolumes(took: readonly number[], gib: number): void {
  const sorted = [...took].sort((a, b) => a - b);
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  process.stdout.write(
    `volume of an image of ${gib} GiB   p50 ${at(0.5).toFixed(0)} ms   p99 ${at(0.99).toFixed(0)} ms   ` +
      `goal 100 ms ${at(0.5) <= 100 ? 'met' : 'NOT met'}\n`,
  );
}
