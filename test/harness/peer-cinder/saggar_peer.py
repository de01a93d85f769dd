"""What a real Cinder needs from outside to be compared with Saggar, and nothing else: a volume driver without storage, so that volumes
and snapshots reach their states, and Keystone's own middleware over a file of tokens, so that its answers to bad tokens stay real.

Loaded by the Cinder that peer-cinder.ts starts (PYTHONPATH); the files' names come from the environment.
Sources: cinder/volume/driver.py (what a driver must have), keystonemiddleware/auth_token/__init__.py (fetch_token).
"""
import json
import os

from keystonemiddleware import auth_token
from keystonemiddleware.auth_token import _exceptions

from cinder.volume import driver

GIB_TOTAL = 100
SHARE = '10.0.0.1:/vols'


class FileTokens(auth_token.AuthProtocol):
    """Tokens are names of people; PEER_TOKENS names a JSON file: name -> Keystone's token body."""

    def fetch_token(self, token, allow_expired=False):
        with open(os.environ['PEER_TOKENS'], encoding='utf-8') as file:
            known = json.load(file).get(token)
        if known is None:
            raise _exceptions.InvalidToken('Token authorization failed')
        return {'token': known}


def token_filter(global_conf, **local_conf):
    conf = dict(global_conf, **local_conf)
    return lambda app: FileTokens(app, conf)


class EmptyDriver(driver.VolumeDriver):
    """Says yes to everything and keeps nothing. Reports what a file share with sparse files reports."""

    VENDOR = 'Open Source'
    VERSION = '0.1.0'
    CI_WIKI_NAME = 'none'

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._stats = {}

    def do_setup(self, context):
        pass

    def check_for_setup_error(self):
        pass

    def get_volume_stats(self, refresh=False):
        self._stats = {
            'volume_backend_name': 'gluster',
            'vendor_name': 'Open Source',
            'driver_version': '0.1.0',
            'storage_protocol': 'glusterfs',
            'pools': [{
                'pool_name': SHARE,
                'total_capacity_gb': GIB_TOTAL,
                'free_capacity_gb': 90,
                'provisioned_capacity_gb': 0,
                'reserved_percentage': 0,
                'max_over_subscription_ratio': '20',
                'thin_provisioning_support': True,
                'thick_provisioning_support': False,
                'QoS_support': False,
                'multiattach': False,
            }],
        }
        return self._stats

    def create_volume(self, volume):
        return {'provider_location': SHARE}

    def create_volume_from_snapshot(self, volume, snapshot):
        return {'provider_location': SHARE}

    def create_cloned_volume(self, volume, src_vref):
        return {'provider_location': SHARE}

    def delete_volume(self, volume):
        pass

    def extend_volume(self, volume, new_size):
        pass

    def create_snapshot(self, snapshot):
        pass

    def delete_snapshot(self, snapshot):
        pass

    def revert_to_snapshot(self, context, volume, snapshot):
        pass

    def retype(self, context, volume, new_type, diff, host):
        return True, None

    def manage_existing(self, volume, existing_ref):
        return {}

    def manage_existing_get_size(self, volume, existing_ref):
        return 1

    def get_manageable_volumes(self, cinder_volumes, marker, limit, offset, sort_keys, sort_dirs):
        return []

    def get_manageable_snapshots(self, cinder_snapshots, marker, limit, offset, sort_keys, sort_dirs):
        return []

    def unmanage(self, volume):
        pass

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector):
        return {
            'driver_volume_type': 'glusterfs',
            'data': {'export': SHARE, 'name': 'volume-%s' % volume.id, 'format': 'qcow2', 'options': None},
        }

    def terminate_connection(self, volume, connector, **kwargs):
        pass
