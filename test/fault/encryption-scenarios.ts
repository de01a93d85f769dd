// Encrypted volumes: their keys are made, removed and exchanged, and no key is left that no volume names.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { deleteImage } from '../integration/engine/image-requests.js';
import { createVolume, deleteVolume, migrateVolume } from '../integration/engine/requests.js';
import { makeImageOf } from '../integration/engine/volume-image-requests.js';
import { type End, making, onVolume, repeatable, type Scenario, statusIs } from './scenario-parts.js';
import type { Stage } from './stage.js';

/** As the request for a volume of an encrypted type writes it. */
const sealed = () => ({ encrypted: true, encryption_key_id: randomUUID() });

async function sealedVolume(stage: Stage): Promise<string> {
  return stage.ended(await createVolume(stage.db, stage.place, 1, 'qcow2', sealed()));
}

async function imageStatus(stage: Stage, id: string): Promise<string | undefined> {
  const image: { status: string } | undefined = await stage.db('images').where({ id }).first('status');
  return image?.status;
}

export const encryptionScenarios: readonly Scenario[] = [
  {
    type: 'volume-create',
    name: 'encrypted',
    guest: 'none',
    variant: 3,
    prepare: (stage) => {
      const request = () => createVolume(stage.db, stage.place, 1, 'qcow2', sealed());
      const ends = { done: 'available', failed: 'error' };
      return Promise.resolve(making(stage, 'volumes', request, ends, (id) => deleteVolume(stage.db, id)));
    },
  },
  {
    type: 'volume-delete',
    name: 'encrypted',
    guest: 'none',
    variant: 1,
    prepare: async (stage) => {
      const id = await sealedVolume(stage);
      const request = () => deleteVolume(stage.db, id);
      return repeatable(onVolume(stage, id, request, { done: null, failed: 'error_deleting' }));
    },
  },
  {
    type: 'volume-migrate',
    name: 'to another key',
    guest: 'none',
    variant: 1,
    prepare: async (stage) => {
      const id = await sealedVolume(stage);
      const keyOf = async (): Promise<unknown> => (await stage.db('volumes').where({ id }).first())?.encryption_key_id;
      const before = await keyOf();
      const request = () => migrateVolume(stage.db, id, stage.other.pool, 'qcow2', { keyId: randomUUID(), bits: 256 });
      const check = async (end: End): Promise<void> => {
        assert.equal((await keyOf()) !== before, end === 'done', 'the key that the volume has');
      };
      return repeatable({ request, check });
    },
  },
  {
    type: 'volume-to-image',
    name: 'encrypted',
    guest: 'none',
    variant: 3,
    prepare: async (stage) => {
      const volumeId = await sealedVolume(stage);
      let imageId = '';
      const request = async () => {
        const asked = await makeImageOf(stage.db, stage.place, volumeId);
        imageId = asked.id;
        return asked;
      };
      const check = async (end: End): Promise<void> => {
        await statusIs(stage, 'volumes', volumeId, 'available');
        assert.equal(await imageStatus(stage, imageId), end === 'done' ? 'active' : 'killed');
      };
      return repeatable({ request, check });
    },
  },
  {
    type: 'image-delete',
    name: 'encrypted, the last with its key',
    guest: 'none',
    variant: 1,
    prepare: async (stage) => {
      const volumeId = await sealedVolume(stage);
      const id = await stage.ended(await makeImageOf(stage.db, stage.place, volumeId));
      await stage.ended(await deleteVolume(stage.db, volumeId));
      const check = async (end: End) =>
        assert.equal(await imageStatus(stage, id), end === 'done' ? undefined : 'pending_delete');
      return repeatable({ request: () => deleteImage(stage.db, id), check });
    },
  },
];
