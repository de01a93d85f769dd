// The pure parts of the QEMU driver: arguments, node names, ports, block graphs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { placeOfFlatten, placeOfMerge } from '../../../drivers/merge-place.js';
import { chainNodes } from '../../../drivers/qemu/disk-options.js';
import { dumpCall, probeGlusterServers } from '../../../drivers/qemu/gluster-probe.js';
import { guestArgv } from '../../../drivers/qemu/guest-argv.js';
import { checkStateDirectory, GuestFiles } from '../../../drivers/qemu/guest-files.js';
import { findGuestProcess } from '../../../drivers/qemu/guest-process.js';
import { deviceId, isNodeOfVolume, layerNodeNames, volumeOfDevice } from '../../../drivers/qemu/node-names.js';
import { rootPortArguments } from '../../../drivers/qemu/root-ports.js';
import { transportOf } from '../../../drivers/qemu/share-transport.js';
import type { ShareAccess } from '../../../drivers/volume-driver.js';
import type { Chain } from '../../../services/core/domain/chain.js';
import { planSnapshotDelete } from '../../../services/core/domain/chain-merge.js';

const volumeId = '3f2a9c1e-7d4b-4c55-9a01-1b2c3d4e5f60';
const serverId = '11111111-2222-4333-8444-555555555555';
const access: ShareAccess = {
  share: '10.0.0.1:/vols/sub',
  glusterVolumeName: 'vols',
  directory: '/sub',
  servers: [
    { host: '10.0.0.1', port: 24007 },
    { host: 'fd00::2', port: 24008 },
  ],
  mountOptions: null,
};
const layer = (file: string, virtualSizeBytes = 1024, format: 'raw' | 'qcow2' = 'qcow2') => ({
  file,
  format,
  virtualSizeBytes,
  snapshotId: null,
});
const chain: Chain = [layer('base', 1024, 'raw'), layer('one'), layer('two', 2048)];

describe('node names', () => {
  it('fit into 31 characters, begin with a letter and tell the volume', () => {
    const names = layerNodeNames(volumeId, `volume-${volumeId}.${serverId}`);
    for (const name of Object.values(names)) {
      assert.match(name, /^[A-Za-z][A-Za-z0-9._-]{0,30}$/);
      assert.ok(isNodeOfVolume(name, volumeId));
      assert.ok(!isNodeOfVolume(name, serverId));
    }
    assert.equal(volumeOfDevice(deviceId(volumeId)), volumeId);
    assert.equal(volumeOfDevice('rp3'), null);
  });
});

describe('disk options', () => {
  it('name every server, the whole chain from the bottom up, and no string that QEMU would have to parse', () => {
    const nodes = chainNodes(volumeId, chain, transportOf(access), false).map(({ options }) => options);
    assert.deepEqual(
      nodes.map((node) => node['driver']),
      ['throttle', 'raw', 'throttle', 'qcow2', 'throttle', 'qcow2'],
    );
    const onShare = nodes[0]?.['file'] as Record<string, unknown>;
    assert.equal(onShare['driver'], 'gluster');
    assert.deepEqual(onShare['cache'], nodes[0]?.['cache'], 'both nodes bypass the host’s cache');
    assert.deepEqual(onShare['server'], [
      { type: 'inet', host: '10.0.0.1', port: '24007' },
      { type: 'inet', host: 'fd00::2', port: '24008' },
    ]);
    assert.equal(onShare['path'], 'sub/base');
    assert.equal('backing' in (nodes[1] ?? {}), false);
    assert.equal(nodes[3]?.['backing'], nodes[1]?.['node-name']);
    assert.equal(nodes[5]?.['backing'], nodes[3]?.['node-name']);
  });

  it('give a qcow2 base an explicit end', () => {
    const [, base] = chainNodes(volumeId, [layer('base')], transportOf(access), false);
    assert.equal(base?.options['backing'], null);
  });

  it('refuse names that smuggle options', () => {
    const hostile: Partial<ShareAccess>[] = [
      { glusterVolumeName: 'v?logfile=/etc/passwd' },
      { glusterVolumeName: '../v' },
      { directory: '/a/../b' },
      { directory: 'json:{}' },
      { servers: [{ host: 'h&x', port: 1 }] },
      { servers: [{ host: '-oProxy', port: 1 }] },
      { servers: [{ host: 'h', port: 70_000 }] },
      { servers: [] },
      { share: 'dir:relative' },
    ];
    for (const part of hostile) assert.throws(() => transportOf({ ...access, ...part }), { code: 'bad_request' });
    for (const file of ['a/b', '', '.saggar', 'a b', 'a?b', 'json:{', 'a\n', 'ä']) {
      assert.throws(() => transportOf(access).fileOptions(file), { code: 'bad_request' }, file);
      assert.throws(() => transportOf({ ...access, share: 'dir:/x' }).fileOptions(file), { code: 'bad_request' }, file);
    }
  });
});

describe('the place of a merge', () => {
  it('is between base and child, and grows the base', () => {
    const middle = placeOfMerge(chain, 'one');
    assert.deepEqual([middle.receiver.file, middle.above?.file], ['base', 'two']);
    const active = placeOfMerge(chain, 'two');
    assert.equal(active.above, null);
    assert.deepEqual(
      active.result.map(({ file, virtualSizeBytes }) => [file, virtualSizeBytes]),
      [
        ['base', 1024],
        ['one', 2048],
      ],
    );
    assert.throws(() => placeOfMerge(chain, 'base'), { code: 'bad_request' });
    assert.throws(() => placeOfMerge(chain, 'none'), { code: 'bad_request' });
  });

  it('is the same chain that the plan of the operation has, in both directions', () => {
    const whole: Chain = [
      { file: 'base', format: 'raw', virtualSizeBytes: 1024, snapshotId: null },
      { file: 'one', format: 'qcow2', virtualSizeBytes: 1024, snapshotId: 's1' },
      { file: 'two', format: 'qcow2', virtualSizeBytes: 2048, snapshotId: 's2' },
      { file: 'three', format: 'qcow2', virtualSizeBytes: 2048, snapshotId: 's3' },
    ];
    for (const snapshotId of ['s1', 's2', 's3']) {
      for (const direction of ['down', 'up'] as const) {
        const plan = planSnapshotDelete(whole, snapshotId, { direction });
        assert.ok(plan !== null);
        assert.deepEqual(
          placeOfMerge(whole, plan.removed.file, direction).result,
          plan.result,
          `${snapshotId} ${direction}`,
        );
      }
    }
    assert.throws(() => placeOfMerge(whole, 'three', 'up'), { code: 'bad_request' });
  });

  it('of a flatten leaves the chain from the layer up', () => {
    const { left, result } = placeOfFlatten(chain, 'one');
    assert.deepEqual([left.map(({ file }) => file), result.map(({ file }) => file)], [['base'], ['one', 'two']]);
    assert.deepEqual(placeOfFlatten(chain, 'base').left, []);
    assert.throws(() => placeOfFlatten(chain, 'none'), { code: 'bad_request' });
  });
});

describe('the command line', () => {
  const argv = guestArgv({
    spec: { serverId, name: 'x,y', vcpus: 2, memoryMib: 256, disks: [] },
    files: new GuestFiles('/state,dir', serverId),
    qemuBinary: 'qemu-system-x86_64',
    accelerator: 'tcg',
    ports: 24,
    keyIds: ['6f0c9c3e-0f5e-4a53-8f5c-0c1c9a6f0001'],
    nodes: [],
    devices: [],
  });

  it('doubles commas in paths and carries no user text', () => {
    assert.ok(argv.some((word) => word.includes(`path=/state,,dir/servers/${serverId}/qmp.sock`)));
    assert.ok(!argv.some((word) => word.includes('x,y')));
  });

  it('declares every root port in a place of its own', () => {
    const ports = rootPortArguments(24).filter((word) => word.startsWith('pcie-root-port'));
    assert.equal(ports.length, 24);
    assert.equal(new Set(ports.map((port) => /addr=([^,]+)/.exec(port)?.[1])).size, 24);
    assert.equal(ports.filter((port) => port.includes('multifunction=on')).length, 3);
  });

  it('is refused where its sockets could not be opened', () => {
    checkStateDirectory('/var/lib/saggar/compute');
    assert.throws(() => checkStateDirectory(`/${'long/'.repeat(12)}`), { code: 'bad_request' });
  });
});

describe('the process of a guest', () => {
  it('is not another program that was given its pid, nor our own', async () => {
    assert.equal(await findGuestProcess('/nonexistent/pid'), null);
    const file = execFileSync('mktemp', { encoding: 'utf8' }).trim();
    execFileSync('sh', ['-c', `echo ${process.pid} > ${file}`]);
    assert.equal(await findGuestProcess(file), null);
    execFileSync('rm', [file]);
  });
});

describe('the probe of a Gluster server', () => {
  const sockets = new Set<Socket>();
  const serve = async (reply: Buffer | null) => {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => (reply === null ? undefined : socket.write(reply)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const close = () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    };
    return { at: { host: '127.0.0.1', port }, close };
  };

  it('takes an answer, not an open port, for a sign of life, and puts the living first', async () => {
    const reply = dumpCall();
    reply.writeUInt32BE(1, 8);
    const alive = await serve(reply);
    const hung = await serve(null);
    const liar = await serve(Buffer.from('HTTP/1.1 400 Bad Request\r\n'));
    const dead = { host: '127.0.0.1', port: 1 };
    assert.deepEqual(await probeGlusterServers([dead, hung.at, liar.at, alive.at], 200), [alive.at]);
    await assert.rejects(probeGlusterServers([dead, hung.at, liar.at], 100), { code: 'backend_offline' });
    await Promise.all([alive.close(), hung.close(), liar.close()]);
  });
});
