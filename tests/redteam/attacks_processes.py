"""Attacks on processes: starting them, surviving in them, signalling and reading others."""

import platform

from attack import Attack, of_kind

from tracks.evaluation import State

HELD = "refused refused refused succeeds"
CALLS_ONLY = "refused refused succeeds succeeds"
STOPPED = "ended ended refused varies"
FORBIDDEN = (State.FORBIDDEN,)

CHILD = """
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
gained("a child")
"""
STARTING = (
    Attack("fork", CALLS_ONLY, "pid = os.fork()" + CHILD),
    Attack("clone a process", CALLS_ONLY, "pid = call('clone', 17, 0, 0, 0, 0)" + CHILD),
    Attack("clone a process that shares memory", "refused refused not_run not_run", """
call("clone", 0x100 | 17, 0, 0, 0, 0)
"""),
    Attack("clone3", CALLS_ONLY, """
words = (ctypes.c_uint64 * 11)()
words[4] = 17
pid = call("clone3", ctypes.byref(words), 88)
""" + CHILD),
    Attack("execve", HELD, """
os.execv("/bin/echo", ["echo", "GAINED another program"])
"""),
    Attack("start a program", "refused refused refused succeeds", """
import subprocess
gained(subprocess.run(["/bin/echo", "hello"], capture_output=True).stdout)
"""),
    Attack("start a shell", HELD, """
if os.system("exit 3") != 3 << 8:
    refuse()
gained("a shell")
"""),
    Attack("survive in a session of its own", CALLS_ONLY, """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        gained("a survivor")
        time.sleep(60)
    os._exit(0)
time.sleep(0.3)
"""),
    Attack("fork eight times", CALLS_ONLY, """
for _ in range(8):
    if os.fork() == 0:
        time.sleep(10)
        os._exit(0)
gained("eight children")
"""),
    Attack("leave its group", CALLS_ONLY, "gained(call('setpgid', 0, os.getppid()))"),
)  # fmt: skip
if platform.machine() == "x86_64":
    STARTING += (Attack("vfork", "refused refused not_run not_run", "call('vfork')"),)
SIGNALS = (
    Attack("kill the parent", HELD, "os.kill(os.getppid(), 9)\ngained('sent')", landlock_abi=6),
    Attack("kill the trainer", "refused refused refused succeeds", """
for name in filter(str.isdigit, os.listdir("/proc")):
    parent = int(open(f"/proc/{name}/stat").read().rsplit(")", 1)[1].split()[1])
    if parent == os.getppid() and int(name) != os.getpid():
        os.kill(int(name), 9)
        gained("sent")
"""),
    Attack("kill a process", HELD, "os.kill(VICTIM, 15)", landlock_abi=6),
    Attack("stop a process", HELD, "os.kill(VICTIM, 19)\ntime.sleep(0.1)", landlock_abi=6),
    Attack("kill one thread of a process", HELD, """
call("tgkill", VICTIM, VICTIM, 15)
""", landlock_abi=6),
    Attack("kill a thread by tkill", HELD, "call('tkill', VICTIM, 15)", landlock_abi=6),
    Attack("kill by a descriptor", HELD, """
handle = call("pidfd_open", VICTIM, 0)
call("pidfd_send_signal", handle, 15, 0, 0)
""", landlock_abi=6),
    Attack("signal everybody", "refused refused varies varies", "call('kill', -1, 0)\ngained()"),
    Attack("kill its own group", "refused refused ended ended", "os.kill(0, 15)",
           states=(State.CRASH,)),
    Attack("look like a kill from outside", "refused refused ended ended",
           "os.kill(os.getpid(), 9)", states=(State.CRASH,)),
    Attack("kill its own thread", "ended", "call('tgkill', os.getpid(), os.getpid(), 15)",
           states=(State.CRASH,), says="SIGTERM"),
    Attack("stop itself", "ended", "os.kill(os.getpid(), 19)", states=(State.TIMEOUT,),
           wall_s=1.5),
)  # fmt: skip
OTHERS = (
    Attack("trace a process", STOPPED, """
call("ptrace", 0x4206, VICTIM, 0, 0)
gained("traced")
""", states=FORBIDDEN, says="ptrace"),
    Attack("read memory by process_vm_readv", STOPPED, """
here, there = (ctypes.c_uint64 * 2)(0, 8), (ctypes.c_uint64 * 2)(4096, 8)
try:
    call("process_vm_readv", VICTIM, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
except OSError as error:
    if error.errno != errno.EFAULT:
        raise
gained("it was looked for")
""", states=FORBIDDEN, says="process_vm_readv"),
    Attack("write memory by process_vm_writev", STOPPED, """
here, there = (ctypes.c_uint64 * 2)(0, 8), (ctypes.c_uint64 * 2)(4096, 8)
try:
    call("process_vm_writev", VICTIM, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
except OSError as error:
    if error.errno != errno.EFAULT:
        raise
gained("it was looked for")
""", states=FORBIDDEN, says="process_vm_writev"),
    Attack("take a descriptor of a process", "refused refused refused varies", """
gained(call("pidfd_getfd", call("pidfd_open", VICTIM, 0), 1, 0))
"""),
    Attack("limit a process", "refused refused succeeds varies", """
call("prlimit64", VICTIM, 7, ctypes.byref((ctypes.c_uint64 * 2)(8, 8)), 0)
"""),
    Attack("read the limits of a process", "refused refused succeeds varies", """
found = (ctypes.c_uint64 * 2)()
call("prlimit64", VICTIM, 7, 0, ctypes.byref(found))
gained(*found)
"""),
    Attack("raise its own limits", "refused refused refused varies", """
call("prlimit64", 0, 1, ctypes.byref((ctypes.c_uint64 * 2)(2**20, 2**20)), 0)
gained("it may write files")
"""),
    Attack("slow a process down", CALLS_ONLY, "call('setpriority', 0, VICTIM, 19)"),
    Attack("move a process to one core", "refused refused varies varies", """
call("sched_setaffinity", VICTIM, 8, ctypes.byref(ctypes.c_uint64(1)))
gained("moved")
"""),
    Attack("ask where a process may run", CALLS_ONLY, "gained(os.sched_getaffinity(VICTIM))"),
    Attack("read the CPU time of a process", CALLS_ONLY, """
clock = (~VICTIM << 3) | 2
call("clock_gettime", clock, ctypes.byref((ctypes.c_uint64 * 2)()))
gained("its clock")
"""),
    Attack("ask whether a process exists", CALLS_ONLY, """
clock = (~VICTIM << 3) | 2
call("clock_getres", clock, ctypes.byref((ctypes.c_uint64 * 2)()))
gained("it does")
"""),
)  # fmt: skip
ATTACKS = of_kind("processes", *STARTING, *SIGNALS, *OTHERS)
