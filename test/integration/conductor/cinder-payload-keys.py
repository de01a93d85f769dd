"""Prints the keys of the payloads that the installed Cinder makes of a volume and of a snapshot, as JSON."""
import datetime
import json

from cinder.volume import volume_utils


class Anything(dict):
    """A row or an object with every field."""
    def __missing__(self, key):
        return datetime.datetime(2026, 1, 1) if key.endswith('_at') else 'x'

    def __getattr__(self, key):
        return self[key]


class Database:
    def volume_attachment_get_all_by_volume_id(self, context, volume_id):
        return []

    def volume_glance_metadata_get(self, context, volume_id):
        return []

    def volume_get(self, context, volume_id):
        return Anything()


volume_utils.db = Database()
print(json.dumps({
    'volume': sorted(volume_utils._usage_from_volume(Anything(), Anything())),
    'snapshot': sorted(volume_utils._usage_from_snapshot(Anything(), Anything())),
}))
