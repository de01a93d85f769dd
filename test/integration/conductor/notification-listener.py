"""Prints what oslo.messaging's own notification listener hears, one JSON object a line. Arguments: broker URL, exchange, topic."""
import json
import sys

from oslo_config import cfg
import oslo_messaging


def say(fact):
    sys.stdout.write(json.dumps(fact) + '\n')
    sys.stdout.flush()


class Endpoint:
    def _print(self, priority, ctxt, publisher_id, event_type, payload, metadata):
        say({'priority': priority, 'context': ctxt, 'publisher_id': publisher_id, 'event_type': event_type,
             'payload': payload, 'metadata': metadata})

    def info(self, *heard):
        self._print('INFO', *heard)

    def error(self, *heard):
        self._print('ERROR', *heard)


def main():
    url, exchange, topic = sys.argv[1:4]
    conf = cfg.ConfigOpts()
    conf([])
    transport = oslo_messaging.get_notification_transport(conf, url=url)
    target = oslo_messaging.Target(exchange=exchange, topic=topic)
    listener = oslo_messaging.get_notification_listener(transport, [target], [Endpoint()], executor='threading')
    # One thread, so that what is heard keeps its order.
    conf.set_override('executor_thread_pool_size', 1)
    listener.start()
    say({'listening': True})
    sys.stdin.read()
    listener.stop()
    listener.wait()


main()
