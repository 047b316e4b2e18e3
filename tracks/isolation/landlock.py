"""Landlock: no path, no TCP port, and no process outside, as far as the kernel's version has it.

https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import os
import sys

from tracks.isolation.system_calls import call

CREATE_RULESET, RESTRICT_SELF = 444, 446
"""The same on every architecture."""
VERSION = 1
"""Flag: return the version only."""
FILES = {1: 13, 2: 14, 3: 15, 5: 16}
"""Kinds of access to files, by the version that added the last of them."""
NETWORK_SINCE, TCP = 4, 0b11
SCOPES_SINCE, ABSTRACT_SOCKETS_AND_SIGNALS = 6, 0b11


class Ruleset(ctypes.Structure):
    """The accesses that are forbidden unless a rule allows them; there will be no rule."""

    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


def version() -> int:
    """The version that this kernel has. Raises OSError without Landlock."""
    if not sys.platform.startswith("linux"):
        raise OSError(0, f"{sys.platform} has no Landlock")
    return call("Landlock", CREATE_RULESET, None, 0, VERSION)


def ruleset(version: int) -> Ruleset:
    """All accesses that a version can forbid."""
    kinds = max(count for since, count in FILES.items() if since <= version)
    network = TCP if version >= NETWORK_SINCE else 0
    scopes = ABSTRACT_SOCKETS_AND_SIGNALS if version >= SCOPES_SINCE else 0
    return Ruleset((1 << kinds) - 1, network, scopes)


def restrict() -> None:
    """Forbid them all to this thread and its children. Raises OSError without Landlock."""
    known = version()
    rules = ruleset(known)
    # older kernels know a shorter structure, and refuse a longer one that is not zero beyond
    size = 24 if known >= SCOPES_SINCE else 16 if known >= NETWORK_SINCE else 8
    descriptor = call("Landlock", CREATE_RULESET, ctypes.byref(rules), size, 0)
    try:
        call("Landlock", RESTRICT_SELF, descriptor, 0)
    finally:
        os.close(descriptor)
