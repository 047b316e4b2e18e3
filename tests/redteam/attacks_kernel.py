"""Attacks on the kernel: calls that no optimizer needs, and other doors to the calls."""

import platform

from attack import Attack, of_kind

from tracks.evaluation import State

ANYWHERE = "ended ended varies varies"
AWAY = "ended ended not_run not_run"
CALLS_ONLY = "refused refused succeeds succeeds"
OPEN_ANYWHERE = "refused refused varies varies"


def forbidden(name: str, outcomes: str, words: str = "0, 0, 0, 0") -> Attack:
    """A call that ends the trial; where it is made, it is made with nothing that would work."""
    body = f"""
try:
    gained(call({name!r}, {words}))
except OSError as error:
    print("got", error)
"""
    return Attack(f"call {name}", outcomes, body, states=(State.FORBIDDEN,), says=name)


ENDING = (
    forbidden("io_uring_setup", ANYWHERE, "1, ctypes.byref((ctypes.c_uint64 * 32)())"),
    forbidden("userfaultfd", ANYWHERE, "1"),
    forbidden("bpf", AWAY),
    forbidden("keyctl", ANYWHERE),
    forbidden("add_key", AWAY),
    forbidden("request_key", AWAY),
    forbidden("perf_event_open", AWAY),
    forbidden("mount", AWAY),
    forbidden("umount2", AWAY),
    forbidden("unshare", AWAY, "0x10000000"),
    forbidden("setns", AWAY, "3, 0"),
    forbidden("pivot_root", AWAY),
    forbidden("reboot", AWAY),
    forbidden("swapon", AWAY),
    forbidden("init_module", AWAY),
    forbidden("finit_module", AWAY),
    forbidden("delete_module", AWAY),
    forbidden("kexec_load", AWAY),
    forbidden("open_by_handle_at", AWAY),
    Attack("call ptrace from a thread and exit", "ended", """
import threading
threading.Thread(target=libc.ptrace, args=[-1, 0, 0, 0], daemon=True).start()
os._exit(3)
""", states=(State.CRASH, State.FORBIDDEN)),
    Attack("call ptrace from many threads", "ended ended harmless harmless", """
import threading
threads = [threading.Thread(target=libc.ptrace, args=[-1, 0, 0, 0]) for _ in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
""", states=(State.FORBIDDEN,), says="ptrace"),
    Attack("interrupt a reported call", "ended ended harmless harmless", """
import signal, threading
signal.signal(signal.SIGUSR1, lambda *_: None)
caller = threading.Thread(target=libc.ptrace, args=[-1, 0, 0, 0], daemon=True)
caller.start()
time.sleep(0.01)
for _ in range(100):
    if caller.is_alive():
        signal.pthread_kill(caller.ident, signal.SIGUSR1)
caller.join()
""", states=(State.FORBIDDEN, State.TIMEOUT), wall_s=2.0),
)  # fmt: skip
REFUSED = (
    Attack("shared memory of System V", CALLS_ONLY, "call('shmget', SYSV_KEY, 4096, 0o1666)"),
    Attack("semaphores of System V", CALLS_ONLY, "call('semget', SYSV_KEY, 1, 0o1666)"),
    Attack("messages of System V", CALLS_ONLY, "call('msgget', SYSV_KEY, 0o1666)"),
    Attack("a message queue of POSIX", OPEN_ANYWHERE, """
gained(call("mq_open", ctypes.c_char_p(QUEUE[1:].encode()), 0o102, 0o666, 0))
"""),
    Attack("a file in memory", CALLS_ONLY, "gained(call('memfd_create', b'name', 0))"),
    Attack("watch files by inotify", CALLS_ONLY, "gained(call('inotify_init1', 0))"),
    Attack("watch files by fanotify", OPEN_ANYWHERE, "gained(call('fanotify_init', 0, 0))"),
    Attack("timers", CALLS_ONLY, """
gained(call("timer_create", 1, 0, ctypes.byref(ctypes.c_uint64())))
"""),
    Attack("an alarm", CALLS_ONLY, """
import signal
signal.setitimer(signal.ITIMER_REAL, 1000)
gained("set")
"""),
    Attack("a pipe", CALLS_ONLY, "gained(*os.pipe())"),
    Attack("copy a descriptor", CALLS_ONLY, "gained(os.dup(3))"),
    Attack("random bytes", CALLS_ONLY, """
try:
    gained(os.urandom(8))
except NotImplementedError:
    refuse()
"""),
    Attack("read the kernel's log", "refused refused varies varies", """
gained(call("syslog", 10, 0, 0))
"""),
    Attack("change the root folder", "refused refused refused not_run", """
call("chroot", ctypes.c_char_p(HOME.encode()))
"""),
    Attack("name the machine", "refused refused refused not_run", """
call("sethostname", ctypes.c_char_p(b"evil"), 4)
"""),
    Attack("set the clock", "refused refused refused not_run", "call('settimeofday', 0, 0)"),
    Attack("another personality", CALLS_ONLY, "gained(call('personality', 0x0040000))"),
    Attack("a filter of its own", "refused refused varies varies", """
gained(call("seccomp", 2, 0, ctypes.byref(ctypes.c_uint32(0x7FFF0000))))
"""),
    Attack("a filter of its own by prctl", "refused refused varies varies", """
call("prctl", 22, 2, 0, 0, 0)
"""),
    Attack("show its memory to others", CALLS_ONLY, "gained(call('prctl', 4, 1, 0, 0, 0))"),
    Attack("outlive its parent", CALLS_ONLY, "gained(call('prctl', 1, 0, 0, 0, 0))"),
    Attack("admit a tracer", "refused refused varies varies", """
gained(call("prctl", 0x59616D61, -1, 0, 0, 0))
"""),
    Attack("allow itself new rights", "refused", """
try:
    call("prctl", 38, 0, 0, 0, 0)
except OSError:
    refuse()
gained("allowed")
"""),
    Attack("get its capabilities back", "refused refused refused varies", """
words = (ctypes.c_uint32 * 6)(0xFFFFFFFF, 0xFFFFFFFF, 0)
call("capset", ctypes.byref((ctypes.c_uint32 * 2)(0x20080522, 0)), ctypes.byref(words))
gained("all of them")
"""),
    Attack("become root again", "refused refused refused varies", """
os.setresuid(0, 0, 0)
gained("root")
"""),
    Attack("catch the filter's signal", "ended ended refused varies", """
import signal
signal.signal(signal.SIGSYS, lambda *_: gained("caught"))
call("ptrace", 0x4206, VICTIM, 0, 0)
gained("traced")
""", states=(State.FORBIDDEN,), says="ptrace"),
    Attack("advise another process", "refused refused varies varies", """
gained(call("process_madvise", call("pidfd_open", VICTIM, 0), 0, 0, 4, 0))
"""),
    Attack("compare with another process", "refused refused varies varies", """
gained(call("kcmp", os.getpid(), VICTIM, 1, 0, 0))
"""),
    Attack("a system call without a name", "refused refused refused refused", "call(5000)"),
)  # fmt: skip

RUN_CODE = """
import mmap
room = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
room.write(bytes.fromhex("{code}"))
code = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(room)))
print("number", code(), flush=True)
{after}
"""
MACHINE_CODE = (
    # mov eax, 20; int 0x80; ret: getpid in the numbers of 32 bits
    Attack("call in the manner of 32 bits", ANYWHERE,
           RUN_CODE.format(code="b814000000cd80c3", after="gained('another list of calls')"),
           states=(State.FORBIDDEN, State.CRASH)),
    # mov eax, 0x40000027; syscall; ret: getpid in the numbers of x32
    Attack("call in the manner of x32", ANYWHERE,
           RUN_CODE.format(code="b8270000400f05c3", after="gained('another list of calls')"),
           states=(State.FORBIDDEN,), says="the kernel ended it"),
    # mov eax, 57; syscall; ret: fork, from code of its own
    Attack("fork by its own machine code", "refused refused not_run not_run",
           RUN_CODE.format(code="b8390000000f05c3", after="refuse()")),
)  # fmt: skip
ATTACKS = of_kind("kernel", *ENDING, *REFUSED)
if platform.machine() == "x86_64":
    ATTACKS += of_kind("machine code", *MACHINE_CODE)
