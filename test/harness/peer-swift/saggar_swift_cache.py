# The cache of a Swift proxy in the process itself: tempauth keeps its tokens in it. For one process and one test, instead of a memcached.
import time


class MemoryCache:
    def __init__(self):
        self.kept = {}

    def get(self, key, **_ignored):
        value, ends = self.kept.get(key, (None, 0))
        return value if ends == 0 or ends > time.time() else None

    def set(self, key, value, time=0, **_ignored):
        self.kept[key] = (value, self._end(time))

    def set_multi(self, mapping, server_key, time=0, **_ignored):
        for key, value in mapping.items():
            self.set(key, value, time=time)

    def get_multi(self, keys, server_key, **_ignored):
        return [self.get(key) for key in keys]

    def incr(self, key, delta=1, time=0, **_ignored):
        value = max(0, int(self.get(key) or 0) + delta)
        self.set(key, value, time=time)
        return value

    def decr(self, key, delta=1, time=0, **_ignored):
        return self.incr(key, -delta, time)

    def delete(self, key, **_ignored):
        self.kept.pop(key, None)

    @staticmethod
    def _end(seconds):
        return time.time() + seconds if seconds else 0


def filter_factory(_global_config, **_local_config):
    cache = MemoryCache()

    def factory(application):
        def middleware(environment, start_response):
            environment.setdefault('swift.cache', cache)
            return application(environment, start_response)

        return middleware

    return factory
