"""Attacks on files: reading secrets, and changing what others will read or run."""

from attack import Attack, of_kind

from tracks.evaluation import State

HELD = "refused refused refused succeeds"
CALLS_ONLY = "refused refused succeeds succeeds"
"""Landlock knows nothing of these calls."""

READING = (
    Attack("read a key", HELD, "gained(open(HOME + '/.ssh/id_ed25519').read())"),
    Attack("read a ledger's bytes", HELD, """
descriptor = os.open(HOME + "/runs/ledger.db", os.O_RDONLY)
gained(os.read(descriptor, 1000))
"""),
    Attack("open by a raw call", HELD, """
path = ctypes.c_char_p((HOME + "/.bashrc").encode())
gained(os.read(call("openat", -100, path, 0, 0), 1000))
"""),
    Attack("open by openat2", HELD, """
how = (ctypes.c_uint64 * 3)()
path = ctypes.c_char_p((HOME + "/.bashrc").encode())
gained(os.read(call("openat2", -100, path, ctypes.byref(how), 24), 1000))
"""),
    Attack("list a home", HELD, "gained(os.listdir(HOME))"),
    Attack("ask for a file's size", CALLS_ONLY, "gained(os.stat(HOME + '/.bashrc').st_size)"),
    Attack("open a database", HELD, """
import sqlite3
try:
    base = sqlite3.connect(f"file:{HOME}/runs/ledger.db?mode=ro", uri=True)
    base.execute("select * from sqlite_master")
except sqlite3.OperationalError:
    refuse()
except sqlite3.DatabaseError:
    gained("it is no database")
"""),
    Attack("import a planted module", HELD, """
sys.path.insert(0, HOME)
sys.dont_write_bytecode = True
try:
    import planted
    gained("ran a file")
except ImportError:
    refuse()
"""),
    Attack("load a planted library", HELD, """
try:
    ctypes.CDLL(HOME + "/library.so")
except OSError as error:
    if "ELF" in str(error) or "too short" in str(error):
        gained("the loader read it")
    else:
        refuse()
"""),
    Attack("let torch map a file", HELD, """
try:
    gained(bytes(torch.from_file(HOME + "/.bashrc", size=20, dtype=torch.uint8).tolist()))
except RuntimeError:
    refuse()
"""),
    Attack("quote a secret in a traceback", "ended", """
exec(compile("1 / 0", HOME + "/.bashrc", "exec"))
""", states=(State.EXCEPTION,), says="ZeroDivisionError"),
    Attack("quote a secret in a warning", "harmless harmless harmless succeeds", """
import warnings
warnings.warn_explicit("look", UserWarning, HOME + "/.bashrc", 1)
"""),
)  # fmt: skip
PROC = (
    Attack("read the environment of a process", HELD, """
gained(open(f"/proc/{VICTIM}/environ").read())
"""),
    Attack("read the memory of a process", "refused refused refused varies", """
stack = next(line for line in open(f"/proc/{VICTIM}/maps") if "[stack]" in line)
start, end = (int(word, 16) for word in stack.split()[0].split("-"))
memory = open(f"/proc/{VICTIM}/mem", "rb", 0)
memory.seek(start)
gained(memory.read(end - start)[-4000:])
"""),
    Attack("read the parent's environment", "refused refused refused varies", """
gained(open(f"/proc/{os.getppid()}/environ").read())
"""),
    Attack("open the parent's descriptors", "refused refused refused varies", """
gained(os.listdir(f"/proc/{os.getppid()}/fd"))
"""),
    Attack("read the trainer's maps", "refused refused refused varies", """
for name in os.listdir("/proc"):
    if name.isdigit() and int(name) not in (os.getpid(), os.getppid()):
        status = open(f"/proc/{name}/stat").read().rsplit(")", 1)[1].split()
        if int(status[1]) == os.getppid():
            gained(open(f"/proc/{name}/maps").readline())
"""),
    Attack("write its own memory by /proc", "refused refused refused harmless", """
open("/proc/self/mem", "r+b", 0).close()
"""),
    Attack("raise its standing by /proc", "refused refused refused varies", """
os.close(os.open("/proc/self/oom_score_adj", os.O_WRONLY))
gained("opened")
"""),
)  # fmt: skip
WRITING = (
    Attack("append to a file", "refused", """
os.write(os.open(HOME + "/.bashrc", os.O_WRONLY | os.O_APPEND), b"evil")
gained("written")
"""),
    Attack("write through a mapping", HELD, """
import mmap
file = open(HOME + "/.bashrc", "r+b")
mmap.mmap(file.fileno(), 0)[:4] = b"evil"
gained("written")
"""),
    Attack("let torch write through a mapping", HELD, """
try:
    torch.from_file(HOME + "/.bashrc", shared=True, size=4, dtype=torch.uint8).fill_(65)
    gained("written")
except RuntimeError:
    refuse()
"""),
    Attack("empty a file", HELD, "os.truncate(HOME + '/.bashrc', 0)", landlock_abi=3),
    Attack("install a hook", HELD, """
os.symlink("/bin/true", HOME + "/repository/.git/hooks/pre-commit")
"""),
    Attack("make a file", HELD, "open(HOME + '/new', 'x')"),
    Attack("link a file", HELD, "os.link(HOME + '/.bashrc', HOME + '/other')"),
    Attack("rename a file", HELD, "os.rename(HOME + '/.bashrc', HOME + '/other')"),
    Attack("delete a file", HELD, "os.unlink(HOME + '/.bashrc')"),
    Attack("make a folder", HELD, "os.mkdir(HOME + '/new')"),
    Attack("make a pipe in a folder", HELD, "os.mkfifo(HOME + '/new')"),
    Attack("open a file to all", CALLS_ONLY, "os.chmod(HOME + '/.bashrc', 0o4755)"),
    Attack("change the time of a file", CALLS_ONLY, "os.utime(HOME + '/.bashrc', (1, 1))"),
)  # fmt: skip
ATTACKS = of_kind("files", *READING, *PROC, *WRITING)
