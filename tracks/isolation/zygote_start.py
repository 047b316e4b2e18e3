"""The first lines of the zygote's process: it ends with the coordinator, also while torch loads."""

import os
import sys

from tracks.isolation import limits

if __name__ == "__main__":
    control, coordinator = (int(word) for word in sys.argv[1:])
    limits.die_with_parent()
    limits.name_this_process("zygote")
    # it may have been killed before that was asked for
    if os.getppid() != coordinator:
        sys.exit(1)
    from tracks.isolation import zygote

    zygote.main(control)
    os._exit(0)
