// What is measured, one function a figure. Each cleans up what it made. Times in milliseconds.
import type { BenchClient } from './api-client.js';
import { cpuMs, findServiceProcesses, pssMib } from './service-processes.js';

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export interface Resource {
  readonly id: string;
  readonly status: string;
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function settle(
  client: BenchClient,
  kind: 'volume' | 'snapshot',
  id: string,
  wanted: string,
): Promise<void> {
  for (;;) {
    const answer = await client.call('GET', `/${kind}s/${id}`);
    if (answer.status === 404 && wanted === 'gone') return;
    const { status } = (answer.body as Record<string, Resource>)[kind] ?? { status: `HTTP ${answer.status}` };
    if (status === wanted) return;
    if (status.startsWith('error')) throw new Error(`${kind} ${id} ended in ${status}`);
    await pause(2);
  }
}

export async function postVolume(client: BenchClient, name: string): Promise<string> {
  const body = (await client.expect(202, 'POST', '/volumes', { volume: { size: 1, name } })) as { volume: Resource };
  return body.volume.id;
}

export async function deleteVolumes(client: BenchClient, ids: readonly string[]): Promise<void> {
  for (const id of ids) await client.expect(202, 'DELETE', `/volumes/${id}`);
  for (const id of ids) await settle(client, 'volume', id, 'gone');
}

export interface CycleTimes {
  readonly accepted: number[];
  readonly available: number[];
  readonly snapshot: number[];
  readonly snapshotGone: number[];
  readonly gone: number[];
}

/** Create, snapshot, delete the snapshot, delete: one volume after another. */
export async function measureCycles(client: BenchClient, rounds: number): Promise<CycleTimes> {
  const times: CycleTimes = { accepted: [], available: [], snapshot: [], snapshotGone: [], gone: [] };
  for (let round = 0; round < rounds; round += 1) {
    let start = performance.now();
    const id = await postVolume(client, `bench-${round}`);
    times.accepted.push(performance.now() - start);
    await settle(client, 'volume', id, 'available');
    times.available.push(performance.now() - start);
    start = performance.now();
    const made = (await client.expect(202, 'POST', '/snapshots', { snapshot: { volume_id: id } })) as {
      snapshot: Resource;
    };
    await settle(client, 'snapshot', made.snapshot.id, 'available');
    times.snapshot.push(performance.now() - start);
    start = performance.now();
    await client.expect(202, 'DELETE', `/snapshots/${made.snapshot.id}`);
    await settle(client, 'snapshot', made.snapshot.id, 'gone');
    times.snapshotGone.push(performance.now() - start);
    start = performance.now();
    await client.expect(202, 'DELETE', `/volumes/${id}`);
    await settle(client, 'volume', id, 'gone');
    times.gone.push(performance.now() - start);
  }
  return times;
}

/** All accepted at once; until the last one is available. */
export async function measureBurst(client: BenchClient, count: number): Promise<number> {
  const start = performance.now();
  const ids = await Promise.all(
    Array.from({ length: count }, (_, index) => postVolume(client, `bench-burst-${index}`)),
  );
  for (const id of ids) await settle(client, 'volume', id, 'available');
  const took = performance.now() - start;
  await deleteVolumes(client, ids);
  return took;
}

export interface CopyTimes {
  readonly clones: number[];
  readonly fromSnapshot: number[];
}

/** Clones, and volumes of one snapshot, of a sparse volume of so many GiB, one after another: from the request to available. */
export async function measureCopies(client: BenchClient, sizeGib: number, rounds: number): Promise<CopyTimes> {
  const wish = { volume: { size: sizeGib, name: 'bench-source' } };
  const { volume: source } = (await client.expect(202, 'POST', '/volumes', wish)) as { volume: Resource };
  await settle(client, 'volume', source.id, 'available');
  const ids: string[] = [];
  const copies = async (of: object): Promise<number[]> => {
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const start = performance.now();
      const body = { volume: { ...of, name: `bench-copy-${round}` } };
      const { volume } = (await client.expect(202, 'POST', '/volumes', body)) as { volume: Resource };
      await settle(client, 'volume', volume.id, 'available');
      times.push(performance.now() - start);
      ids.push(volume.id);
    }
    return times;
  };
  const clones = await copies({ source_volid: source.id });
  const frozen = { snapshot: { volume_id: source.id } };
  const { snapshot } = (await client.expect(202, 'POST', '/snapshots', frozen)) as { snapshot: Resource };
  await settle(client, 'snapshot', snapshot.id, 'available');
  const fromSnapshot = await copies({ snapshot_id: snapshot.id });
  await deleteVolumes(client, ids);
  await client.expect(202, 'DELETE', `/snapshots/${snapshot.id}`);
  await settle(client, 'snapshot', snapshot.id, 'gone');
  await deleteVolumes(client, [source.id]);
  return { clones, fromSnapshot };
}

export interface ReadCost {
  readonly listCpuMs: number;
  readonly listP50: number;
  readonly showCpuMs: number;
  readonly showP50: number;
}

async function costOf(stateDirectory: string, count: number, one: () => Promise<unknown>): Promise<[number, number]> {
  for (let i = 0; i < 20; i += 1) await one();
  const processes = findServiceProcesses(stateDirectory);
  const times: number[] = [];
  const before = cpuMs(processes);
  for (let i = 0; i < count; i += 1) {
    const start = performance.now();
    await one();
    times.push(performance.now() - start);
  }
  return [(cpuMs(processes) - before) / count, percentile(times, 0.5)];
}

/** CPU of all service processes for a list of 100 volumes with detail, and for one volume. */
export async function measureReads(client: BenchClient, stateDirectory: string): Promise<ReadCost> {
  const ids: string[] = [];
  for (let i = 0; i < 100; i += 1) ids.push(await postVolume(client, `bench-list-${i}`));
  for (const id of ids) await settle(client, 'volume', id, 'available');
  const first = ids[0] ?? '';
  const list = await costOf(stateDirectory, 300, () => client.expect(200, 'GET', '/volumes/detail?limit=100'));
  const show = await costOf(stateDirectory, 1000, () => client.expect(200, 'GET', `/volumes/${first}`));
  await deleteVolumes(client, ids);
  return { listCpuMs: list[0], listP50: list[1], showCpuMs: show[0], showP50: show[1] };
}

export interface MemoryRow {
  readonly name: string;
  readonly mib: number;
}

export function measureMemory(stateDirectory: string): MemoryRow[] {
  return findServiceProcesses(stateDirectory).map(({ pid, name }) => ({ name, mib: pssMib(pid) }));
}
