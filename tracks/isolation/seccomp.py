"""The filter of system calls, a small program that the kernel runs at each call of the process.

https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

import ctypes
import errno
import fcntl
import os
import platform
import select
import signal
import socket
import struct
import sys
from collections.abc import Sequence

from tracks.isolation import system_calls
from tracks.isolation.system_calls import ATTACKS, CLOCKS, GPU_DRIVER, HARMLESS, name_of, numbers

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32 = 0x40000000
"""On x86-64, calls from here on are those of another interface."""
LOAD, AND, EQUAL, AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
ALLOW, REFUSE, REPORT, KILL = 0x7FFF0000, 0x00050000, 0x7FC00000, 0x80000000
NUMBER, ARCHITECTURE = 0, 4
"""Offsets in the description of a call that the program reads."""
CLONE_VM, CLONE_THREAD = 0x100, 0x10000
NAMESPACES = 0x7E020000
"""Flags of clone that make namespaces of its own for a thread."""
CLOCKS_OF_PROCESSES = 0x80000000
"""Numbers of clocks from here on, the negative ones, count the CPU time of any process."""
SET_FILTER = 1
ON_ALL_THREADS, WITH_LISTENER = 1, 8
SYSCALL = {"x86_64": 317, "aarch64": 277}
RECEIVE_REPORT, REPORT_BYTES, REPORTED_NUMBER = 0xC0502100, 80, 16

Instruction = tuple[int, int, int, int]
"""Operation, relative jumps if true and if false, operand."""


def restrict(*, gpu: bool = False, reported: bool = False) -> None:
    """Allow only the calls of a warm host. Raises OSError where filters are not available.

    A call that only an attack makes ends the process, unless `report_attacks` stops there: of two
    filters the stricter counts.
    """
    _install(_program(gpu, ALLOW if reported else KILL), ON_ALL_THREADS if gpu else 0)


def report_attacks() -> int:
    """Stop at each call that only an attack makes; a descriptor where `attack_in` reads which.

    The caller waits until it is killed; the call fails once the descriptor is closed. To be called
    before `restrict`. Raises OSError where the kernel has no reports.
    """
    program = [*_prologue()]
    for name in ATTACKS.split():
        program += _for_call(name, [(RETURN, 0, 0, REPORT)])
    return _install([*program, (RETURN, 0, 0, ALLOW)], WITH_LISTENER)


def attack_in(listener: int) -> str:
    """The name of the reported call; empty if its process is gone by now."""
    watched = select.poll()
    watched.register(listener, select.POLLIN)
    # of a process that is gone, older kernels would wait for a report for ever
    if not any(event & select.POLLIN for _, event in watched.poll(0)):
        return ""
    report = bytearray(REPORT_BYTES)
    try:
        fcntl.ioctl(listener, RECEIVE_REPORT, report)
    except OSError:
        return ""
    return name_of(struct.unpack_from("=i", report, REPORTED_NUMBER)[0])


def _program(gpu: bool, at_attack: int) -> list[Instruction]:
    program = [*_prologue()]
    for name in f"{HARMLESS} {GPU_DRIVER if gpu else ''}".split():
        program += _for_call(name, [(RETURN, 0, 0, ALLOW)])
    for name in ATTACKS.split():
        program += _for_call(name, [(RETURN, 0, 0, at_attack)])
    # glibc then takes clone, whose flags can be seen
    program += _for_call("clone3", [(RETURN, 0, 0, REFUSE | errno.ENOSYS)])
    thread = CLONE_VM | CLONE_THREAD
    program += _for_call(
        "clone", [(LOAD, 0, 0, _argument(0)), (AND, 0, 0, thread | NAMESPACES), *_if([thread])]
    )
    # to itself alone, and no SIGKILL, which would look like a kill from outside
    own = os.getpid()
    for name, number in (("kill", 1), ("tgkill", 2)):
        signals = [(LOAD, 0, 0, _argument(number)), (EQUAL, 0, 1, signal.SIGKILL), REFUSED]
        program += _for_call(name, [*signals, (LOAD, 0, 0, _argument(0)), *_if([own])])
    program += _for_call("sched_getaffinity", [(LOAD, 0, 0, _argument(0)), *_if([0, own])])
    for name in CLOCKS.split():
        program += _for_call(name, _below(CLOCKS_OF_PROCESSES))
    program += _for_call("prlimit64", _all_zero(0, 2))
    # to no address, and no byte beside the stream of the channel
    in_band = _without(3, socket.MSG_OOB)
    program += _for_call("sendto", [*in_band, *_all_zero(4)])
    program += _for_call("recvfrom", [*in_band, (RETURN, 0, 0, ALLOW)])
    return [*program, REFUSED]


REFUSED: Instruction = (RETURN, 0, 0, REFUSE | errno.EPERM)


def _prologue() -> list[Instruction]:
    """Kill at a call in the convention of another architecture."""
    machine = platform.machine()
    if machine not in ARCHITECTURES or not sys.platform.startswith("linux"):
        raise OSError(0, f"no list of system calls for {sys.platform} on {machine}")
    return [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, KILL),
    ]


def _for_call(name: str, then: Sequence[Instruction]) -> list[Instruction]:
    """Instructions for one call, which end in an answer; empty where the call does not exist."""
    number = numbers().get(name)
    return [] if number is None else [(EQUAL, 0, len(then), number), *then]


def _if(accepted: Sequence[int]) -> list[Instruction]:
    """Allow the call if what was loaded is one of these."""
    tests = [(EQUAL, len(accepted) - at, 0, value) for at, value in enumerate(accepted)]
    return [*tests, REFUSED, (RETURN, 0, 0, ALLOW)]


def _below(bound: int) -> list[Instruction]:
    """Allow the call if its first argument, of 32 bits, is less than this."""
    test = (AT_LEAST, 1, 0, bound)
    return [(LOAD, 0, 0, _argument(0)), test, (RETURN, 0, 0, ALLOW), REFUSED]


def _all_zero(*arguments: int) -> list[Instruction]:
    """Allow the call if these arguments, of 64 bits, are zero."""
    words = [_argument(number) + half for number in arguments for half in (0, 4)]
    tests = [step for word in words for step in ((LOAD, 0, 0, word), (EQUAL, 1, 0, 0), REFUSED)]
    return [*tests, (RETURN, 0, 0, ALLOW)]


def _without(number: int, flag: int) -> list[Instruction]:
    """Go on if this argument lacks the flag."""
    return [(LOAD, 0, 0, _argument(number)), (AND, 0, 0, flag), (EQUAL, 1, 0, 0), REFUSED]


def _argument(number: int) -> int:
    """Offset of the lower half of an argument."""
    return 16 + 8 * number


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_char_p))


def _install(program: Sequence[Instruction], flags: int) -> int:
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    filter = ctypes.byref(_Filter(len(program), code))
    number = SYSCALL[platform.machine()]
    done = system_calls.call("seccomp", number, SET_FILTER, flags, filter)
    if done and not flags & WITH_LISTENER:
        # the thread that could not be made to follow
        raise OSError(errno.EAGAIN, f"seccomp: {os.strerror(errno.EAGAIN)}")
    return done
