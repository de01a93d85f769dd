// Encrypted volumes: their keys are made, removed and exchanged, and no key is left that no volume names.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createVolume, deleteVolume, migrateVolume } from '../integration/engine/requests.js';
import { type End, making, onVolume, repeatable, type Scenario } from './scenario-parts.js';
import type { Stage } from './stage.js';

/** As the request for a volume of an encrypted type writes it. */
const sealed = () => ({ encrypted: true, encryption_key_id: randomUUID() });

async function sealedVolume(stage: Stage): Promise<string> {
  return stage.ended(await createVolume(stage.db, stage.place, 1, 'qcow2', sealed()));
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
];
