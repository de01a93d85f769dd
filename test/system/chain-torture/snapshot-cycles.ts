// Snapshot and delete, again and again: nothing may grow. After every cycle the chain is one layer again, its header names no file; after
// every snapshot the overlay names its base by a relative name of the same length as before, in a header of the same size. At the end there
// are as many files, open files and block nodes as at the beginning, and qemu-img finds neither leaks nor errors.
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { readQcow2Header } from '../../../drivers/image/qcow2-header.js';
import { appendOverlay } from '../../../services/core/domain/chain.js';
import { newId } from '../../../services/core/domain/ids.js';
import { quietWork, type TornDisk } from './torn-disk.js';
import type { TortureGuest } from './torture-guest.js';

export interface CycleFigures {
  readonly cycles: number;
  /** Milliseconds of one snapshot and of one deletion, middle values. */
  readonly snapshotP50Ms: number;
  readonly deleteP50Ms: number;
  /** Allocated bytes of the disk's files before and after. */
  readonly allocatedBefore: number;
  readonly allocatedAfter: number;
}

/** Two cycles may still warm something up; from the third on nothing may grow. */
const WARM_CYCLES = 2;

export async function cycleOffline(disk: TornDisk, cycles: number): Promise<CycleFigures> {
  return cycle(disk, cycles, {
    snapshot: async () => {
      await disk.snapshotOffline();
    },
    write: () => disk.writeOffline(1),
    remove: (direction) => disk.deleteOffline(1, direction),
    count: () => ({ files: filesOf(disk), descriptors: openFiles(process.pid) }),
  });
}

export async function cycleLive(disk: TornDisk, guest: TortureGuest, cycles: number): Promise<CycleFigures> {
  const { serverId } = guest;
  const { volumeId } = disk;
  const pid = (await guest.pid()) ?? assert.fail('the guest does not run');
  return cycle(disk, cycles, {
    snapshot: async () => {
      const snapshotId = newId<string & {}>();
      const overlayFile = await disk.prepareOverlay(snapshotId);
      const { chain } = disk;
      await guest.driver.switchToOverlays({ serverId, disks: [{ volumeId, chain, overlayFile }] });
      await disk.record(appendOverlay(chain, overlayFile, snapshotId));
      await disk.model.keep(snapshotId);
    },
    write: () => Promise.resolve(), // the caller's guest writes
    remove: async (direction) => {
      const plan = disk.planDelete(1, direction);
      const { chain } = disk;
      await guest.driver.mergeLayer({ serverId, volumeId, chain, file: plan.removed.file, direction }, quietWork());
      await disk.afterDelete(plan);
    },
    count: () => ({ files: filesOf(disk), descriptors: openFiles(pid) }),
  });
}

interface CycleActs {
  readonly snapshot: () => Promise<void>;
  readonly write: () => Promise<void>;
  readonly remove: (direction: 'down' | 'up') => Promise<void>;
  readonly count: () => { readonly files: number; readonly descriptors: number };
}

async function cycle(disk: TornDisk, cycles: number, acts: CycleActs): Promise<CycleFigures> {
  const times = { snapshot: [] as number[], remove: [] as number[] };
  const timed = async (list: number[], work: () => Promise<void>): Promise<void> => {
    const start = performance.now();
    await work();
    list.push(performance.now() - start);
  };
  let first: ReturnType<CycleActs['count']> | null = null;
  let header: { backing: number; bytes: number } | null = null;
  const allocatedBefore = allocated(disk);
  for (let done = 0; done < cycles; done += 1) {
    await timed(times.snapshot, acts.snapshot);
    const now = overlayHeader(disk);
    header ??= now;
    // Merged upwards, the base has an overlay's name from then on: two lengths in all, each met again and again.
    assert.ok(
      done < WARM_CYCLES || now.bytes === header.bytes,
      `the header grew from ${header.bytes} to ${now.bytes} bytes`,
    );
    if (done < WARM_CYCLES) header = now;
    else assert.equal(now.backing, header.backing, 'the backing name changed its length');
    await acts.write();
    await timed(times.remove, () => acts.remove(done < WARM_CYCLES ? 'up' : done % 2 === 0 ? 'up' : 'down'));
    await disk.verifyRecord();
    assert.equal(disk.chain.length, 1);
    if (done + 1 === WARM_CYCLES) first = acts.count();
  }
  const last = acts.count();
  assert.deepEqual(last.files, first?.files, 'files on the share');
  assert.ok(
    last.descriptors <= (first?.descriptors ?? 0) + 2,
    `open files: ${first?.descriptors} at first, ${last.descriptors} at last`,
  );
  return {
    cycles,
    snapshotP50Ms: middle(times.snapshot),
    deleteP50Ms: middle(times.remove),
    allocatedBefore,
    allocatedAfter: allocated(disk),
  };
}

/** Of the active overlay: how long its backing name is, and where the header with it ends. */
function overlayHeader(disk: TornDisk): { backing: number; bytes: number } {
  const active = disk.chain.at(-1) ?? assert.fail('no layer');
  const handle = openSync(disk.pathOf(active), 'r');
  const head = Buffer.alloc(4096);
  readSync(handle, head, 0, head.length, 0);
  closeSync(handle);
  const reading = readQcow2Header(head);
  assert.ok(reading.kind === 'qcow2');
  const name = reading.header.backingFile ?? assert.fail('an overlay without a base');
  assert.equal(name, disk.chain.at(-2)?.file, 'the backing name is the base’s file name and nothing else');
  return { backing: name.length, bytes: Number(head.readBigUInt64BE(8)) + head.readUInt32BE(16) };
}

function filesOf(disk: TornDisk): number {
  return readdirSync(disk.parts.mount).filter((name) => name.includes(disk.volumeId)).length;
}

function allocated(disk: TornDisk): number {
  return disk.chain.reduce((sum, layer) => sum + statSync(disk.pathOf(layer)).blocks * 512, 0);
}

function openFiles(pid: number): number {
  return readdirSync(path.join('/proc', String(pid), 'fd')).length;
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
