// Format and preallocation of new volumes: the type before the backend, raw for several servers, and words that mean nothing refused.
import assert from 'node:assert/strict';
import {
  demandedFormat,
  demandLayoutSpecs,
  formatSpec,
  layoutOf,
  preallocationSpec,
} from '../../../services/core/db/block-storage/file-layout.js';
import { ServiceError } from '../../../services/core/domain/errors.js';

const thin = { volumeFormat: 'qcow2', preallocation: 'off' } as const;
const thick = { volumeFormat: 'raw', preallocation: 'falloc' } as const;
const refused = (text: RegExp) => (thrown: unknown) =>
  thrown instanceof ServiceError && thrown.code === 'bad_request' && text.test(thrown.message);

describe('file layout of a new volume', () => {
  it('is the backend’s where the type says nothing', () => {
    assert.deepEqual(layoutOf({}, false, thin), { format: 'qcow2', preallocation: 'off' });
    assert.deepEqual(layoutOf({}, false, thick), { format: 'raw', preallocation: 'falloc' });
    assert.deepEqual(layoutOf({}, false, {}), { format: 'qcow2', preallocation: 'off' });
  });

  it('is the type’s where it says something', () => {
    assert.deepEqual(layoutOf({ [formatSpec]: 'raw' }, false, thin), { format: 'raw', preallocation: 'off' });
    assert.deepEqual(layoutOf({ [preallocationSpec]: 'full' }, false, thin), {
      format: 'qcow2',
      preallocation: 'full',
    });
    assert.deepEqual(layoutOf({ [formatSpec]: 'qcow2', [preallocationSpec]: 'metadata' }, false, thick), {
      format: 'qcow2',
      preallocation: 'metadata',
    });
    assert.deepEqual(layoutOf({ [preallocationSpec]: 'off' }, false, thick), { format: 'raw', preallocation: 'off' });
  });

  it('is raw for several servers, without metadata to allocate', () => {
    assert.deepEqual(layoutOf({}, true, { volumeFormat: 'qcow2', preallocation: 'metadata' }), {
      format: 'raw',
      preallocation: 'off',
    });
    assert.equal(demandedFormat({}, true), 'raw');
    assert.equal(demandedFormat({}, false), null);
  });

  it('refuses words that mean nothing, and those that contradict each other', () => {
    const demand = (specs: Record<string, string | null>, multiattach = false) => demandLayoutSpecs(specs, multiattach);
    demand({});
    demand({ [formatSpec]: 'raw', [preallocationSpec]: 'full' });
    demand({ [formatSpec]: 'qcow2', [preallocationSpec]: 'metadata' });
    for (const word of ['vmdk', 'RAW', '', null])
      assert.throws(() => demand({ [formatSpec]: word }), refused(/one of: raw, qcow2/));
    for (const word of ['thin', 'Full', null])
      assert.throws(() => demand({ [preallocationSpec]: word }), refused(/one of: off, metadata, falloc, full/));
    assert.throws(() => demand({ [formatSpec]: 'qcow2' }, true), refused(/multiattach/));
    assert.throws(() => demand({ [preallocationSpec]: 'metadata' }, true), refused(/only for qcow2/));
    assert.throws(() => demand({ [formatSpec]: 'raw', [preallocationSpec]: 'metadata' }), refused(/only for qcow2/));
  });
});
