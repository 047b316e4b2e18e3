"""Attacks on memory, output and processes without bound; each is bounded also where it succeeds."""

from attack import Attack, of_kind

from tracks.evaluation import State

MEMORY = (State.MEMORY,)
EXCEPTION = (State.EXCEPTION,)
OUTPUT = (State.OUTPUT,)

ATTACKS = of_kind(
    "bombs",
    Attack("a huge tensor", "ended", "torch.ones(2**30)", states=MEMORY, says="allocate"),
    Attack("many tensors", "ended", "kept = []\nwhile True:\n    kept.append(torch.ones(2**20))",
           states=MEMORY),
    Attack("a huge string of bytes", "ended", "bytearray(2**31)", states=MEMORY),
    Attack("many lists", "ended", "kept = []\nwhile True:\n    kept.append([0] * 2**18)",
           states=MEMORY),
    Attack("map memory until there is none", "ended", """
import mmap
kept = []
try:
    while True:
        kept.append(mmap.mmap(-1, 2**24))
except OSError:
    raise MemoryError from None
""", states=MEMORY),
    Attack("unpack a bomb", "ended", """
import zlib
packer = zlib.compressobj()
packed = b"".join(packer.compress(bytes(2**20)) for _ in range(400)) + packer.flush()
zlib.decompress(packed)
""", states=MEMORY),
    Attack("threads without end", "ended", """
import threading
kept = []
for _ in range(2000):
    thread = threading.Thread(target=time.sleep, args=[5], daemon=True)
    thread.start()
gained("two thousand threads")
""", states=(*EXCEPTION, State.MEMORY), memory_mb=512),
    Attack("recursion", "ended", "def down():\n    return down()\ndown()", states=EXCEPTION,
           says="RecursionError"),
    Attack("recursion outside of Python", "ended", """
sys.setrecursionlimit(10**9)
kept = None
for _ in range(10**6):
    kept = [kept]
repr(kept)
""", states=(State.CRASH, State.EXCEPTION, State.MEMORY)),
    Attack("print without end", "ended", "while True:\n    print('spam' * 1000)", states=OUTPUT),
    Attack("print errors without end", "ended", "while True:\n    os.write(2, b'x' * 4096)",
           states=OUTPUT),
    Attack("print one endless line", "ended",
           "while True:\n    sys.stdout.write('x' * 4096)\n    sys.stdout.flush()",
           states=OUTPUT),
    Attack("a long message of an error", "ended", "raise ValueError('x' * 10**7)",
           states=EXCEPTION, says="ValueError: xxx"),
    Attack("a deep traceback", "ended", """
def down(depth):
    if depth:
        down(depth - 1)
    else:
        1 / 0
down(900)
""", states=EXCEPTION, says="ZeroDivisionError"),
    Attack("a chain of errors", "ended", """
error = None
for number in range(10_000):
    later = ValueError(number)
    later.__cause__, error = error, later
raise error
""", states=EXCEPTION),
    Attack("a huge repr", "ended", """
class Huge(Exception):
    def __str__(self):
        return "y" * 10**8
raise Huge
""", states=(*EXCEPTION, State.MEMORY)),
    Attack("a message that is not text", "ended", """
class Odd(Exception):
    def __str__(self):
        return 5
raise Odd
""", states=EXCEPTION, says="cannot be read"),
    Attack("terminal escapes in a message", "ended", r"raise ValueError('\x1b[2J\x07\ud800\u202e')",
           states=EXCEPTION, says="ValueError"),
    Attack("a flood of warnings", "harmless", """
import warnings
for number in range(500):
    warnings.warn(f"{number}", stacklevel=1)
"""),
    Attack("exit with every status", "ended", "os._exit(255)", states=(State.CRASH,),
           says="status 255"),
    Attack("exit as if all was well", "ended", "sys.exit(0)", states=EXCEPTION, says="SystemExit"),
    Attack("abort", "ended", "os.abort()", states=(State.CRASH,)),
    Attack("read beyond all memory", "ended", "ctypes.string_at(8, 100)", states=(State.CRASH,),
           says="SIGSEGV"),
    Attack("an interrupt of the keyboard", "ended", "raise KeyboardInterrupt", states=EXCEPTION),
)  # fmt: skip
