// What clients see of a server, and the names of its disks.
import assert from 'node:assert/strict';
import { type ServerViewer, viewServer } from '../../../services/api/compute/server-view.js';
import { chooseDeviceName, guestDeviceName } from '../../../services/core/db/compute/device-name.js';
import type { ServerRecord } from '../../../services/core/db/compute/servers.js';

const server: ServerRecord = {
  id: '11111111-1111-4111-8111-111111111111',
  project_id: 'a'.repeat(32),
  user_id: 'b'.repeat(32),
  name: 'srv',
  image_id: null,
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
  description: 'd',
  user_data: null,
  host_status: 'UP',
  volumes: [{ id: 'v', deleteOnTermination: true, bootIndex: 0, device: '/dev/vda' }],
};
function viewer(isAdmin: boolean, minor = 1): ServerViewer {
  return { apiUrl: 'http://api/compute', isAdmin, microversion: { major: 2, minor } };
}

describe('server view', () => {
  it('spells the three kinds of time as Nova does', () => {
    const view = viewServer(server, viewer(false));
    assert.equal(view.created, '2026-11-21T01:32:34Z');
    assert.equal(view.updated, view.created);
    assert.equal(view['OS-SRV-USG:launched_at'], '2026-11-21T01:32:36.500000');
    assert.equal(view['OS-SRV-USG:terminated_at'], null);
  });

  it('hides the host from users behind an id that differs between projects', () => {
    const user = viewServer(server, viewer(false));
    assert.ok(!JSON.stringify(user).includes('host-1'));
    assert.match(user.hostId, /^[0-9a-f]{56}$/);
    assert.notEqual(user.hostId, viewServer({ ...server, project_id: 'c'.repeat(32) }, viewer(false)).hostId);
    assert.equal(viewServer(server, viewer(true))['OS-EXT-SRV-ATTR:host'], 'host-1');
    assert.equal(viewServer({ ...server, compute_host: null }, viewer(false)).hostId, '');
  });

  it('shows the fault only while the server is in error', () => {
    const fault = { code: 500, message: 'no', created: '2026-11-21T01:32:34Z' };
    assert.ok(!('fault' in viewServer({ ...server, fault }, viewer(false))));
    assert.deepEqual(viewServer({ ...server, fault, vm_state: 'error' }, viewer(false)).fault, fault);
  });

  it('shows a reboot as a reboot although it is a stop and a start', () => {
    assert.equal(viewServer({ ...server, task_state: 'rebooting' }, viewer(false)).status, 'REBOOT');
    assert.equal(viewServer({ ...server, task_state: 'rebooting_hard' }, viewer(false)).status, 'HARD_REBOOT');
    assert.equal(viewServer({ ...server, vm_state: 'stopped' }, viewer(false)).status, 'SHUTOFF');
  });

  it('shows each field from its microversion on, and not before', () => {
    const keysAt = (minor: number, isAdmin = true) => Object.keys(viewServer(server, viewer(isAdmin, minor)));
    const gained: [number, string[]][] = [
      [
        3,
        ['reservation_id', 'launch_index', 'hostname', 'kernel_id', 'ramdisk_id', 'root_device_name', 'user_data'].map(
          (name) => `OS-EXT-SRV-ATTR:${name}`,
        ),
      ],
      [9, ['locked']],
      [16, ['host_status']],
      [19, ['description']],
      [26, ['tags']],
    ];
    for (const [minor, wanted] of gained) {
      const earlier = keysAt(minor - 1);
      assert.deepEqual(
        keysAt(minor).filter((key) => !earlier.includes(key)),
        wanted,
        `2.${minor}`,
      );
    }
    assert.deepEqual(keysAt(60), keysAt(26));
    const forUsers = keysAt(60, false);
    assert.ok(!forUsers.some((key) => key.startsWith('OS-EXT-SRV-ATTR') || key === 'host_status'));
  });

  it('embeds the flavor from 2.47 on and tells what is deleted with the server from 2.3 on', () => {
    const at = (minor: number) => viewServer(server, viewer(false, minor));
    assert.deepEqual(Object.keys(at(46).flavor), ['id', 'links']);
    assert.ok(!('id' in at(47).flavor) && 'original_name' in at(47).flavor);
    assert.deepEqual(at(2)['os-extended-volumes:volumes_attached'], [{ id: 'v' }]);
    assert.deepEqual(at(3)['os-extended-volumes:volumes_attached'], [{ id: 'v', delete_on_termination: true }]);
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
