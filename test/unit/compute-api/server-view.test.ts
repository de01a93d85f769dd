// What clients see of a server, and the names of its disks.
import assert from 'node:assert/strict';
import { viewServer } from '../../../services/api/compute/server-view.js';
import { chooseDeviceName, guestDeviceName } from '../../../services/core/db/compute/device-name.js';
import type { ServerRecord } from '../../../services/core/db/compute/servers.js';

const server: ServerRecord = {
  id: '11111111-1111-4111-8111-111111111111',
  project_id: 'a'.repeat(32),
  user_id: 'b'.repeat(32),
  name: 'srv',
  flavor_id: '1',
  flavor: { name: 'm1.tiny', vcpus: 1, ram_mib: 256 },
  vm_state: 'active',
  task_state: null,
  power_state: 1,
  compute_host: 'host-1',
  availability_zone: 'nova',
  metadata: { a: 'b' },
  tags: [],
  key_name: null,
  config_drive: '',
  fault: null,
  created_at: '2026-11-21T01:32:34.230344',
  updated_at: null,
  launched_at: '2026-11-21T01:32:36.5',
  terminated_at: null,
  volume_ids: ['v'],
};
const url = 'http://api/compute';

describe('server view', () => {
  it('spells the three kinds of time as Nova does', () => {
    const view = viewServer(server, url, false);
    assert.equal(view.created, '2026-11-21T01:32:34Z');
    assert.equal(view.updated, view.created);
    assert.equal(view['OS-SRV-USG:launched_at'], '2026-11-21T01:32:36.500000');
    assert.equal(view['OS-SRV-USG:terminated_at'], null);
  });

  it('hides the host from users behind an id that differs between projects', () => {
    const user = viewServer(server, url, false);
    assert.ok(!JSON.stringify(user).includes('host-1'));
    assert.match(user.hostId, /^[0-9a-f]{56}$/);
    assert.notEqual(user.hostId, viewServer({ ...server, project_id: 'c'.repeat(32) }, url, false).hostId);
    assert.equal(viewServer(server, url, true)['OS-EXT-SRV-ATTR:host'], 'host-1');
    assert.equal(viewServer({ ...server, compute_host: null }, url, false).hostId, '');
  });

  it('shows the fault only while the server is in error', () => {
    const fault = { code: 500, message: 'no', created: '2026-11-21T01:32:34Z' };
    assert.ok(!('fault' in viewServer({ ...server, fault }, url, false)));
    assert.deepEqual(viewServer({ ...server, fault, vm_state: 'error' }, url, false).fault, fault);
  });

  it('shows a reboot as a reboot although it is a stop and a start', () => {
    assert.equal(viewServer({ ...server, task_state: 'rebooting' }, url, false).status, 'REBOOT');
    assert.equal(viewServer({ ...server, task_state: 'rebooting_hard' }, url, false).status, 'HARD_REBOOT');
    assert.equal(viewServer({ ...server, vm_state: 'stopped' }, url, false).status, 'SHUTOFF');
  });
});

describe('device names', () => {
  it('count like a spreadsheet', () => {
    assert.deepEqual([0, 1, 25, 26, 27, 52].map(guestDeviceName), [
      '/dev/vda',
      '/dev/vdb',
      '/dev/vdz',
      '/dev/vdaa',
      '/dev/vdab',
      '/dev/vdba',
    ]);
  });

  it('honour a free name of our kind and fall back to the first free one', () => {
    assert.equal(chooseDeviceName(new Set(['/dev/vda']), '/dev/vdd'), '/dev/vdd');
    assert.equal(chooseDeviceName(new Set(['/dev/vda']), 'vdd'), '/dev/vdd');
    assert.equal(chooseDeviceName(new Set(['/dev/vda', '/dev/vdb']), '/dev/vdb'), '/dev/vdc');
    assert.equal(chooseDeviceName(new Set(), '/dev/sdb'), '/dev/vdb');
    assert.equal(chooseDeviceName(new Set(), null), '/dev/vdb');
  });
});
