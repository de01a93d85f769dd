// Volumes that a client sends and reads. The client is as stubborn as a person's program: for as long as the operation goes on it comes again,
// whatever became of the worker that it spoke to, and reads the worker's place anew each time.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  endTransfer,
  pipeFromWorker,
  pipeToWorker,
  type TransferTarget,
} from '../../services/api/transfer/worker-transfer.js';
import { findDataServerUrl } from '../../services/core/db/transfer/worker-url.js';
import { type Asked, deleteVolume } from '../integration/engine/requests.js';
import { receiveVolume, sendSnapshot, type Ticketed } from '../integration/engine/transfer-requests.js';
import { type End, making, repeatable, type Scenario, snapshotOf, statusIs, volumeOf } from './scenario-parts.js';
import type { Stage } from './stage.js';

const LIMITS = { openWithinMs: 500, idleMs: 5_000 };

let image: Buffer | null = null;
/** An empty qcow2 of half a GiB, as somebody has it at home. */
function localImage(): Buffer {
  if (image !== null) return image;
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-fault-upload-'));
  try {
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path.join(folder, 'disk'), '512M']);
    image = readFileSync(path.join(folder, 'disk'));
    return image;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Tries again until the operation has ended, one way or the other; the lane's own checks say what became of it. */
async function persist(stage: Stage, asked: Ticketed, once: (target: TransferTarget) => Promise<void>): Promise<void> {
  const target: TransferTarget = {
    ...{ transferId: asked.transferId, ticket: asked.ticket },
    workerUrl: () => findDataServerUrl(stage.db, stage.place.pool),
  };
  for (;;) {
    const row: { state: string } | undefined = await stage
      .db('operations')
      .where({ id: asked.operationId })
      .first('state')
      .catch(() => ({ state: 'failed' }));
    if (row === undefined || row.state === 'done' || row.state === 'failed') return;
    await once(target).catch(() => sleep(50));
  }
}

export async function send(target: TransferTarget): Promise<void> {
  await pipeToWorker(Readable.from([localImage()]), target, LIMITS);
}

/** The first MiB of a disk of a GiB, and says that it has all: it is the ways that are tried here, not how fast a GiB is hashed. */
export async function read(target: TransferTarget): Promise<void> {
  const { body } = await pipeFromWorker(target, { ...LIMITS, range: 'bytes=0-1048575' });
  for await (const _ of body) {
    // Only that it comes.
  }
  await endTransfer(target);
}

export function served(stage: Stage, request: () => Promise<Ticketed>, once: typeof send): () => Promise<Asked> {
  return async () => {
    const asked = await request();
    void persist(stage, asked, once);
    return asked;
  };
}

const receiving = (name: string, convert: boolean, variant: number): Scenario => ({
  type: 'volume-receive',
  name,
  guest: 'none',
  variant,
  prepare: async (stage) => {
    const request = served(stage, () => receiveVolume(stage.db, stage.place, convert), send);
    const ends = { done: 'available', failed: 'error' };
    return making(stage, 'volumes', request, ends, (id) => deleteVolume(stage.db, id));
  },
});

const sending = (name: string, format: 'raw' | 'qcow2', variant: number): Scenario => ({
  type: 'volume-send',
  name,
  guest: 'none',
  variant,
  prepare: async (stage) => {
    const volumeId = await volumeOf(stage);
    const snapshotId = await snapshotOf(stage, volumeId);
    const request = served(stage, () => sendSnapshot(stage.db, volumeId, snapshotId, format), read);
    const check = async (_end: End): Promise<void> => {
      await statusIs(stage, 'volumes', volumeId, 'available');
      const copies = (await stage.imageFiles()).filter((file) => path.basename(file).startsWith('download-'));
      assert.deepEqual(copies, []);
    };
    return repeatable({ request, check });
  },
});

export const transferScenarios: readonly Scenario[] = [
  receiving('as it is', false, 0),
  receiving('converted', true, 1),
  sending('from a copy', 'raw', 0),
  sending('as it lies there', 'qcow2', 1),
];
