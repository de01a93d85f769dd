"""Runs Debian's `openstack` and `cinder`, unchanged, without paying for their imports at every command.

Each line of standard input is JSON {"id", "argv", "env", "stdout", "stderr"}: the command, its whole environment and the files for
its output. The command runs in a child of its own, forked from this process after the imports; its exit code comes back as a line
of JSON {"id", "code"}. Ends when standard input ends.
"""
import gc
import json
import logging
import os
import sys
import threading

import cinderclient.shell
import cinderclient.v3.client  # noqa: F401 (loaded late by the shell)
import cinderclient.v3.shell  # noqa: F401
import openstack.connection  # noqa: F401
import openstackclient.shell

MAINS = {'cinder': cinderclient.shell.main, 'openstack': openstackclient.shell.main}


def be(command):
    """The child: becomes the command; never returns."""
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, name in ((1, 'stdout'), (2, 'stderr')):
            os.dup2(os.open(command[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        os.environ.clear()
        os.environ.update(command['env'])
        sys.argv = command['argv']
        if sys.argv[0] == 'openstack':
            # The handler is cinder's, which sets it up when it is imported.
            logging.root.handlers.clear()
        code = MAINS[sys.argv[0]]() if sys.argv[0] == 'cinder' else MAINS[sys.argv[0]](sys.argv[1:])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else (0 if end.code is None else 1)
    except BaseException as error:  # as an interpreter would tell it
        print(error, file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)


def tell(answer):
    os.write(1, (json.dumps(answer) + '\n').encode())


def await_end(number, pid):
    _, status = os.waitpid(pid, 0)
    tell({'id': number, 'code': os.waitstatus_to_exitcode(status)})


gc.freeze()
tell({'id': 0, 'code': 0})
for line in sys.stdin:
    wanted = json.loads(line)
    child = os.fork()
    if child == 0:
        be(wanted)
    threading.Thread(target=await_end, args=(wanted['id'], child), daemon=True).start()
