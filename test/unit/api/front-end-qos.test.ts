// Limits for hypervisors: those that depend on the size become limits of the volume.
import assert from 'node:assert/strict';
import { frontEndQos } from '../../../services/core/db/block-storage/front-end-qos.js';

describe('limits for hypervisors', () => {
  it('are the specs as they are when none depends on the size', () => {
    const specs = { total_iops_sec: '500', anything: 'else', nothing: null };
    assert.deepEqual(frontEndQos(specs, 7), specs);
    assert.deepEqual(frontEndQos({}, 7), {});
    assert.deepEqual(frontEndQos({ read_iops_sec: '5', read_iops_sec_max: '9' }, 7), {
      read_iops_sec: '5',
      read_iops_sec_max: '9',
    });
  });

  it('grow with the size between their bounds', () => {
    const specs = { read_iops_sec_per_gb: '10', read_iops_sec_per_gb_min: '30', read_iops_sec_max: '100' };
    assert.deepEqual(frontEndQos(specs, 1), { read_iops_sec: 30 });
    assert.deepEqual(frontEndQos(specs, 5), { read_iops_sec: 50 });
    assert.deepEqual(frontEndQos(specs, 50), { read_iops_sec: 100 });
    const mixed = { write_bytes_sec_per_gb: '1024', total_iops_sec: '7' };
    assert.deepEqual(frontEndQos(mixed, 3), { write_bytes_sec: 3072, total_iops_sec: '7' });
  });

  it('stay as they are written when they are no numbers', () => {
    const specs = { read_iops_sec_per_gb: 'many' };
    assert.deepEqual(frontEndQos(specs, 3), specs);
  });
});
