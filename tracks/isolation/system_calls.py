"""The system calls of an optimizer host: those of a warm one, and those that only an attack makes.

Numbers by architecture; a name that an architecture lacks is left out there.
"""

import ctypes
import os
import platform
from typing import Any

NUMBERS: dict[str, dict[str, int]] = {
    "x86_64": {
        "read": 0, "write": 1, "close": 3, "poll": 7, "lseek": 8, "mmap": 9, "mprotect": 10,
        "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15,
        "ioctl": 16, "writev": 20, "sched_yield": 24, "mremap": 25, "madvise": 28,
        "nanosleep": 35, "getpid": 39, "sendto": 44, "recvfrom": 45, "getsockname": 51,
        "getpeername": 52, "clone": 56, "exit": 60, "kill": 62, "uname": 63, "fcntl": 72,
        "gettimeofday": 96, "getrusage": 98, "times": 100, "ptrace": 101, "getuid": 102,
        "getgid": 104, "geteuid": 107, "getegid": 108, "getppid": 110, "sigaltstack": 131,
        "pivot_root": 155, "mount": 165, "umount2": 166, "swapon": 167, "reboot": 169,
        "init_module": 175, "delete_module": 176, "gettid": 186, "time": 201, "futex": 202,
        "sched_getaffinity": 204, "restart_syscall": 219, "clock_gettime": 228,
        "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231, "tgkill": 234,
        "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250, "ppoll": 271,
        "unshare": 272, "set_robust_list": 273, "eventfd2": 290, "perf_event_open": 298,
        "prlimit64": 302, "open_by_handle_at": 304, "setns": 308, "getcpu": 309,
        "process_vm_readv": 310, "process_vm_writev": 311, "finit_module": 313,
        "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323, "membarrier": 324, "rseq": 334,
        "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "clone3": 435,
        "futex_waitv": 449,
    },
    "aarch64": {
        "eventfd2": 19, "fcntl": 25, "ioctl": 29, "umount2": 39, "mount": 40, "pivot_root": 41,
        "close": 57, "lseek": 62, "read": 63, "write": 64, "writev": 66, "ppoll": 73, "exit": 93,
        "exit_group": 94, "unshare": 97, "futex": 98, "set_robust_list": 99, "nanosleep": 101,
        "kexec_load": 104, "init_module": 105, "delete_module": 106, "clock_gettime": 113,
        "clock_getres": 114, "clock_nanosleep": 115, "ptrace": 117, "sched_getaffinity": 123,
        "sched_yield": 124, "restart_syscall": 128, "kill": 129, "tgkill": 131,
        "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139,
        "reboot": 142, "times": 153, "uname": 160, "getrusage": 165, "getcpu": 168,
        "gettimeofday": 169, "getpid": 172, "getppid": 173, "getuid": 174, "geteuid": 175,
        "getgid": 176, "getegid": 177, "gettid": 178, "getsockname": 204, "getpeername": 205,
        "sendto": 206, "recvfrom": 207, "brk": 214, "munmap": 215, "mremap": 216,
        "add_key": 217, "request_key": 218, "keyctl": 219, "clone": 220, "mmap": 222,
        "swapon": 224, "mprotect": 226, "madvise": 233, "perf_event_open": 241,
        "prlimit64": 261, "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270,
        "process_vm_writev": 271, "finit_module": 273, "bpf": 280, "userfaultfd": 282,
        "membarrier": 283, "rseq": 293, "kexec_file_load": 294, "io_uring_setup": 425,
        "io_uring_enter": 426, "io_uring_register": 427, "clone3": 435, "futex_waitv": 449,
    },
}  # fmt: skip
HARMLESS = """
    read write writev lseek close getsockname getpeername
    mmap munmap mremap mprotect madvise brk membarrier
    futex futex_waitv set_robust_list rseq gettid sched_yield getcpu
    rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall
    nanosleep gettimeofday time times
    getpid getppid getuid geteuid getgid getegid getrusage uname exit exit_group
"""
"""Allowed whatever their arguments, on descriptors that the process has: it can open none."""
CLOCKS = "clock_gettime clock_getres clock_nanosleep"
"""Allowed for the clocks of the system and of the process itself."""
GPU_DRIVER = "ioctl fcntl poll ppoll eventfd2"
"""Calls of a GPU's driver on the devices that are open already."""
ATTACKS = """
    ptrace process_vm_readv process_vm_writev bpf io_uring_setup io_uring_enter io_uring_register
    userfaultfd mount umount2 pivot_root setns unshare kexec_load kexec_file_load init_module
    finit_module delete_module reboot swapon perf_event_open open_by_handle_at add_key request_key
    keyctl
"""
"""No library makes these by the way: they end the process."""


def numbers() -> dict[str, int]:
    """Numbers by name on this machine; empty where they are not known."""
    return NUMBERS.get(platform.machine(), {})


def call(what: str, number: int, *arguments: Any) -> int:
    """The result of a system call. Raises OSError with `what` and the kernel's reason."""
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in (number, *arguments)]
    done: int = ctypes.CDLL(None, use_errno=True).syscall(*words)
    if done < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return done


def name_of(number: int) -> str:
    known = {value: name for name, value in numbers().items()}
    return known.get(number, f"number {number}")
