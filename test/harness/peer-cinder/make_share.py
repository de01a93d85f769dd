"""Makes volumes in a directory with Debian's own Cinder: the code of its remotefs drivers, on stand-ins for rows and configuration.

Usage: /usr/bin/python3 make_share.py DIRECTORY < deeds.json. Deeds: [{"id": uuid, "size": GiB, "format": "raw"|"qcow2", "steps":
[["snapshot", uuid], ["delete", uuid], ["delete-online", uuid], ["extend", GiB], ["write", offset, pattern]]}].
What Nova does in an online delete is done here with qemu-img, as cinder/volume/drivers/remotefs.py asks it to.
"""
import contextlib
import json
import os
import subprocess
import sys
import types

from oslo_concurrency import processutils

from cinder import objects

objects.register_all()

from cinder.volume.drivers import remotefs  # noqa: E402 - reads the registered objects

DIRECTORY = os.path.abspath(sys.argv[1])


def execute(*command, **options):
    options.pop('run_as_root', None)
    return processutils.execute(*command, **options)


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Volume(types.SimpleNamespace):
    encryption_key_id = None
    provider_location = 'peer:/share'
    status = 'available'
    attach_status = 'detached'
    obj_context = None

    @property
    def name(self):
        return 'volume-%s' % self.id

    @contextlib.contextmanager
    def obj_as_admin(self):
        yield

    def save(self):
        pass


class Snapshot(types.SimpleNamespace):
    encryption_key_id = None
    display_name = None
    obj_context = None
    _context = None


class Driver(remotefs.RemoteFSSnapDriver):
    driver_prefix = 'peer'

    def __init__(self):
        self._execute = execute
        self._execute_as_root = False
        self.format = 'raw'
        self.configuration = types.SimpleNamespace(
            peer_qcow2_volumes=False, peer_sparsed_volumes=True,
            nas_secure_file_permissions='false', nas_secure_file_operations='false')

    def _get_mount_point_for_share(self, share):
        return DIRECTORY

    def _get_mount_point_base(self):
        return os.path.dirname(DIRECTORY)

    def _qemu_img_info(self, path, volume_name):
        return self._qemu_img_info_base(path, volume_name, os.path.dirname(DIRECTORY))

    def _is_volume_attached(self, volume):
        return volume.attach_status == 'attached'

    def _nova_assisted_vol_snap_delete(self, context, snapshot, delete_info):
        """What the compute service does; without a guest."""
        merged, target = delete_info['file_to_merge'], delete_info['merge_target_file']
        if target is not None:  # commit the file into the one below, and let the one above stand on that
            higher = self._get_higher_image_path(snapshot)
            form = self._qemu_img_info(os.path.join(DIRECTORY, target), snapshot.volume.name).file_format
            run('qemu-img', 'commit', '-q', '-d', os.path.join(DIRECTORY, merged))
            run('qemu-img', 'rebase', '-u', '-b', target, '-F', form, os.path.join(DIRECTORY, higher))
            return
        active = os.path.join(DIRECTORY, self.get_active_image_from_info(snapshot.volume))
        if merged is None:
            run('qemu-img', 'rebase', '-b', '', active)
        else:
            form = self._qemu_img_info(os.path.join(DIRECTORY, merged), snapshot.volume.name).file_format
            run('qemu-img', 'rebase', '-b', merged, '-F', form, active)


def perform(driver, volume, verb, *values):
    if verb == 'snapshot':
        driver._create_snapshot(Snapshot(id=values[0], volume=volume, volume_id=volume.id))
    elif verb == 'delete':
        driver._delete_snapshot(Snapshot(id=values[0], volume=volume, volume_id=volume.id))
    elif verb == 'delete-online':
        volume.attach_status, volume.status = 'attached', 'in-use'
        driver._delete_snapshot(Snapshot(id=values[0], volume=volume, volume_id=volume.id))
        volume.attach_status, volume.status = 'detached', 'available'
    elif verb == 'extend':
        path = driver._local_path_active_image(volume)
        form = driver._qemu_img_info(path, volume.name).file_format
        run('qemu-img', 'resize', '-q', '-f', form, path, '%sG' % values[0])
        volume.size = values[0]
    elif verb == 'write':
        path = driver._local_path_active_image(volume)
        form = driver._qemu_img_info(path, volume.name).file_format
        run('qemu-io', '-f', form, '-c', 'write -P %s %s 64k' % (values[1], values[0]), path)
    else:
        raise ValueError(verb)


def main():
    driver = Driver()
    for deed in json.load(sys.stdin):
        volume = Volume(id=deed['id'], size=deed['size'], admin_metadata={})
        driver.configuration.peer_qcow2_volumes = deed['format'] == 'qcow2'
        driver._do_create_volume(volume)
        for step in deed['steps']:
            perform(driver, volume, *step)


main()
