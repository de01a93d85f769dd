// Copies of images for volumes to stand on, volumes that become images, and new content for a volume.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  fetchImage,
  fillImageCache,
  makeImageOf,
  reimageVolume,
  sendVolumeTo,
} from '../integration/engine/volume-image-requests.js';
import { type End, repeatable, type Scenario, statusIs, volumeOf } from './scenario-parts.js';
import type { Stage } from './stage.js';

/** A volume that no client sees, as one that holds an image. */
async function dataOf(stage: Stage): Promise<string> {
  const id = await volumeOf(stage);
  await stage.db('volumes').where({ id }).update({ purpose: 'image-cache' });
  return id;
}

async function reimaging(stage: Stage, instant?: { readonly maxLayers: number }) {
  const data = await dataOf(stage);
  const id = await volumeOf(stage);
  const check = async (end: End): Promise<void> => {
    await statusIs(stage, 'volumes', id, 'available');
    const row: { bootable: boolean; backing_volume_id: string | null } = await stage
      .db('volumes')
      .where({ id })
      .first();
    assert.equal(row.bootable, end === 'done');
    assert.equal(row.backing_volume_id, end === 'done' && instant !== undefined ? data : null);
  };
  return repeatable({ request: () => reimageVolume(stage.db, id, data, instant), check });
}

/** A disk of some MiB, as an image service has it. */
function imageBytes(format: 'qcow2' | 'vmdk'): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-fault-image-'));
  try {
    const file = path.join(folder, 'disk');
    execFileSync('qemu-img', ['create', '-q', '-f', format, file, '16M']);
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fetching(format: 'qcow2' | 'vmdk', variant: number): Scenario {
  return {
    type: 'image-cache-fill',
    name: `a ${format} of an image service`,
    guest: 'none',
    variant,
    prepare: (stage) => {
      const imageId = stage.glance.add(imageBytes(format));
      let copy = '';
      const request = async () => {
        const asked = await fetchImage(stage.db, stage.place, imageId, format);
        copy = asked.id;
        return asked;
      };
      const check = (end: End) => statusIs(stage, 'volumes', copy, end === 'done' ? 'available' : null);
      return Promise.resolve(repeatable({ request, check }));
    },
  };
}

const sending: Scenario = {
  type: 'volume-to-image',
  name: 'for an image service',
  guest: 'none',
  variant: 2,
  prepare: async (stage) => {
    const volumeId = await volumeOf(stage);
    let [imageId, hidden] = ['', ''];
    const request = async () => {
      imageId = stage.glance.reserve();
      const asked = await sendVolumeTo(stage.db, stage.place, volumeId, imageId);
      hidden = asked.id;
      return asked;
    };
    const check = async (end: End): Promise<void> => {
      await statusIs(stage, 'volumes', volumeId, 'available');
      await statusIs(stage, 'volumes', hidden, null);
      const status = stage.glance.images.get(imageId)?.status ?? null;
      assert.equal(status, end === 'done' ? 'active' : null);
    };
    return repeatable({ request, check });
  },
};

export const volumeImageScenarios: readonly Scenario[] = [
  fetching('qcow2', 1),
  fetching('vmdk', 2),
  sending,
  {
    type: 'image-cache-fill',
    name: 'a qcow2',
    guest: 'none',
    prepare: async (stage) => {
      const data = await dataOf(stage);
      let copy = '';
      const request = async () => {
        const asked = await fillImageCache(stage.db, stage.place, data);
        copy = asked.id;
        return asked;
      };
      return repeatable({
        request,
        check: (end: End) => statusIs(stage, 'volumes', copy, end === 'done' ? 'available' : null),
      });
    },
  },
  {
    type: 'volume-to-image',
    name: 'idle, as qcow2',
    guest: 'none',
    prepare: async (stage) => {
      const volumeId = await volumeOf(stage);
      let imageId = '';
      const request = async () => {
        const asked = await makeImageOf(stage.db, stage.place, volumeId);
        imageId = asked.id;
        return asked;
      };
      const check = async (end: End): Promise<void> => {
        await statusIs(stage, 'volumes', volumeId, 'available');
        const image: { status: string; volume_id: string | null } = await stage
          .db('images')
          .where({ id: imageId })
          .first();
        assert.equal(image.status, end === 'done' ? 'active' : 'killed');
        assert.equal(image.volume_id !== null, end === 'done');
      };
      return repeatable({ request, check });
    },
  },
  { type: 'volume-reimage', name: 'in full', guest: 'none', prepare: (stage) => reimaging(stage) },
  {
    type: 'volume-reimage',
    name: 'standing on the image',
    guest: 'none',
    variant: 1,
    prepare: (stage) => reimaging(stage, { maxLayers: 16 }),
  },
];
