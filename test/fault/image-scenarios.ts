// Images whose data a client sends, reads and deletes. The client is as stubborn as in transfer-scenarios.ts.
import assert from 'node:assert/strict';
import { deleteImage, downloadImage, insertImage, uploadImage } from '../integration/engine/image-requests.js';
import { type End, repeatable, type Scenario } from './scenario-parts.js';
import type { Stage } from './stage.js';
import { read, send, served } from './transfer-scenarios.js';

async function imageIs(stage: Stage, id: string, wanted: string | null): Promise<void> {
  const row: { status: string; volume_id: string | null } | undefined = await stage
    .db('images')
    .where({ id })
    .first('status', 'volume_id');
  assert.equal(row?.status ?? null, wanted, 'status of the image');
  // That every hidden volume has an image is looked at in the end (nothing-left.ts): other cases leave theirs.
  const hasData = row?.status === 'active' || row?.status === 'pending_delete';
  assert.equal(row?.volume_id != null, hasData, 'the image has a hidden volume');
  if (row?.volume_id == null) return;
  const hidden: { purpose: string } | undefined = await stage.db('volumes').where({ id: row.volume_id }).first();
  assert.equal(hidden?.purpose, 'image');
}

async function activeImage(stage: Stage): Promise<string> {
  const id = await insertImage(stage.db);
  return stage.ended(await served(stage, () => uploadImage(stage.db, stage.place, id), send)());
}

export const imageScenarios: readonly Scenario[] = [
  {
    type: 'image-upload',
    name: 'a qcow2',
    guest: 'none',
    variant: 1,
    prepare: async (stage) => {
      const id = await insertImage(stage.db);
      const request = served(stage, () => uploadImage(stage.db, stage.place, id), send);
      return repeatable({ request, check: (end: End) => imageIs(stage, id, end === 'done' ? 'active' : 'queued') });
    },
  },
  {
    type: 'image-download',
    name: 'as it was sent',
    guest: 'none',
    prepare: async (stage) => {
      const id = await activeImage(stage);
      const request = served(stage, () => downloadImage(stage.db, id), read);
      return repeatable({ request, check: () => imageIs(stage, id, 'active') });
    },
  },
  {
    type: 'image-delete',
    name: 'with its data',
    guest: 'none',
    prepare: async (stage) => {
      const id = await activeImage(stage);
      const request = () => deleteImage(stage.db, id);
      return repeatable({ request, check: (end: End) => imageIs(stage, id, end === 'done' ? null : 'pending_delete') });
    },
  },
];
