"""Runs a command, and ends it with all that it started when another process has gone.

    python -I guarded.py DESCRIPTOR PROGRAM ARGUMENT...

DESCRIPTOR is the reading end of a pipe whose other end the other process holds: the system closes
it however that process ends. Imports nothing of the project, so that it starts at once.
"""

import os
import signal
import sys
import threading


def main() -> None:
    """Leads the process group of the command, and ends with its exit status."""
    pipe, command = int(sys.argv[1]), sys.argv[2:]

    def end_with_the_other() -> None:
        os.read(pipe, 1)
        os.killpg(0, signal.SIGKILL)

    os.set_inheritable(pipe, False)
    threading.Thread(target=end_with_the_other, daemon=True).start()
    _, status = os.waitpid(os.posix_spawn(command[0], command, os.environ), 0)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
