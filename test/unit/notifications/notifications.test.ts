// Payloads, envelope and event table of notifications: pure functions, held against what Cinder's Python makes of the same.
import assert from 'node:assert/strict';
import { innerMessage, wireMessage } from '../../../services/core/notifications/envelope.js';
import { operationEvents, silentOperations } from '../../../services/core/notifications/event-types.js';
import {
  type SnapshotUsage,
  snapshotPayload,
  type VolumeUsage,
  volumePayload,
} from '../../../services/core/notifications/usage.js';
import type { OperationType } from '../../../services/core/operations/params.js';
import { operationRegistry } from '../../../services/core/operations/registry.js';

const volume: VolumeUsage = {
  id: 'v',
  projectId: 'p',
  userId: 'u',
  host: null,
  zone: 'nova',
  typeId: 't',
  name: null,
  launchedAt: null,
  createdAt: '2026-11-21T10:00:00.123456',
  status: 'creating',
  snapshotId: null,
  sizeGib: 3,
  replicationStatus: null,
  metadata: { a: '1', b: '2' },
  imageMetadata: {},
  attachments: [],
  now: '2026-11-21 10:00:05',
};
const snapshot: SnapshotUsage = {
  id: 's',
  projectId: 'p',
  userId: 'u',
  zone: null,
  host: null,
  volumeId: 'v',
  sizeGib: 3,
  name: 'n',
  createdAt: '2026-11-21T10:00:00',
  status: 'available',
  metadata: {},
};

describe('notifications', () => {
  it('have events for every operation, or a reason to have none', () => {
    for (const type of Object.keys(operationRegistry) as OperationType[]) {
      const [told, silent] = [operationEvents[type] !== undefined, silentOperations.has(type)];
      assert.notEqual(told, silent, `${type} must be told or be silent, not both and not neither`);
    }
  });

  it('show times as aware ISO texts and metadata as pairs', () => {
    const payload = volumePayload(volume) as Record<string, unknown>;
    assert.equal(payload['created_at'], '2026-11-21T10:00:00+00:00');
    assert.equal(payload['launched_at'], '2026-11-21T10:00:05+00:00');
    assert.deepEqual(payload['metadata'], [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ]);
    assert.ok(!('glance_metadata' in payload));
    const booted = volumePayload({ ...volume, imageMetadata: { os: 'x' } }, { size: 9 }) as Record<string, unknown>;
    assert.deepEqual([booted['glance_metadata'], booted['size']], [[{ key: 'os', value: 'x' }], 9]);
  });

  it("show a snapshot's metadata as Python's str() of a dict", () => {
    const shown = (metadata: Record<string, string>) =>
      (snapshotPayload({ ...snapshot, metadata }) as { metadata: string }).metadata;
    assert.equal(shown({}), '');
    assert.equal(shown({ a: '1', b: "it's" }), `{'a': '1', 'b': "it's"}`);
    assert.equal(shown({ a: `both ' and "` }), `{'a': 'both \\' and "'}`);
    assert.equal(shown({ a: 'line\nback\\' }), `{'a': 'line\\nback\\\\'}`);
  });

  it('are wrapped as oslo.messaging 2.0 does, with a unique id that follows from the message id', () => {
    const messageId = '0f8fad5b-d9cb-469f-a165-70867728950e';
    const inner = innerMessage(
      { messageId, publisherId: 'volume.h@b', eventType: 'volume.create.end', priority: 'INFO', payload: { a: 1 } },
      { userId: 'u', projectId: 'p', requestId: 'req-1' },
    );
    assert.equal(inner['_unique_id'], '0f8fad5bd9cb469fa16570867728950e');
    assert.equal(inner['_context_request_id'], 'req-1');
    const wire = wireMessage(inner);
    assert.deepEqual(Object.keys(wire), ['oslo.version', 'oslo.message']);
    assert.deepEqual(JSON.parse(wire['oslo.message']), inner);
  });
});
