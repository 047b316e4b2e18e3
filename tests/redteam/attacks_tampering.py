"""Attacks from inside the host: what is found in its memory, and what is put in its place."""

from attack import Attack, of_kind

from tracks.evaluation import State

CRASH = (State.CRASH,)
HOST = "from tracks.isolation import limits, optimizer_host, sandbox, wire\n"

FOUND = (
    Attack("look for data among all objects", "harmless", """
import gc
from tracks.base import Data
from tracks.instance import Instance
for thing in gc.get_objects():
    if type(thing) in (Data, Instance):
        gained(thing)
"""),
    Attack("look for big tensors", "harmless", """
import gc
known = {p.data_ptr() for group in self.param_groups for p in group["params"]}
tensors = [t for t in gc.get_objects() if type(t) is torch.Tensor and t.dim() == 3]
if tensors:
    gained([t.shape for t in tensors])
"""),
    Attack("look for seeds in the frames", "harmless", """
frame = sys._getframe()
while frame:
    for name, value in frame.f_locals.items():
        if name in ("job", "instance", "seeds", "data", "teacher"):
            gained(name, value)
    frame = frame.f_back
"""),
    Attack("look for a key in the environment", "harmless", """
found = [name for name in os.environ if "KEY" in name or "TOKEN" in name or name == "HOME"]
if found:
    gained(*found)
"""),
    Attack("look for its own comments", "harmless", """
# COMMENT
import linecache
texts, frame = linecache.getlines("submission.py"), sys._getframe()
while frame:
    held = [getattr(v, "source", "") if type(v).__name__ == "Setup" else v
            for v in frame.f_locals.values()]
    texts += [value for value in held if type(value) is str]
    frame = frame.f_back
if any("more " * 2 in text for text in texts):
    gained("a comment")
""".replace("COMMENT", "more " * 2000)),
    Attack("look for open descriptors", "harmless", """
for number in range(4, 1024):
    try:
        os.lseek(number, 0, 1)
        gained(number)
    except OSError as error:
        if error.errno != errno.EBADF:
            gained(number)
"""),
    Attack("copy the official teacher, whose seeds are public", "contained", """
generator = torch.Generator().manual_seed(1729)
for p in self.param_groups[0]["params"]:
    p.copy_(torch.empty_like(p).uniform_(-1, 1, generator=generator))
for p in self.param_groups[0]["params"][:2]:
    p[:16] *= 2**0.5
"""),
)  # fmt: skip
PUT = (
    Attack("publish nothing", "harmless", HOST + """
optimizer_host._publish = lambda *_: None
"""),
    Attack("publish something else", "contained", HOST + """
optimizer_host._publish = lambda _, slots: [slot.fill_(0.1) for slot in slots]
"""),
    Attack("replace the reply", "contained", HOST + "optimizer_host.OK = b'kk'"),
    Attack("replace the messages", "ended", HOST + """
wire.send = lambda *_: None
raise RuntimeError("nobody will hear of it")
""", states=CRASH),
    Attack("replace the report of failures", "ended", HOST + """
from tracks.isolation.protocol import Failed
optimizer_host._failure = lambda _: Failed("complete", "won")
raise RuntimeError("it is a success")
""", states=CRASH, says="won"),
    Attack("close the sandbox once more, weaker", "refused refused varies varies", HOST + """
try:
    limits.apply_to_this_process(1000.0, 100_000)
except ValueError:
    refuse()
gained("limits")
"""),
    Attack("replace torch's own functions", "contained", """
torch.Tensor.sub_ = lambda tensor, *_, **__: tensor.fill_(0.1)
"""),
    Attack("replace open and exit", "harmless", """
import builtins
builtins.open = builtins.exec = None
os._exit = sys.exit = None
"""),
    Attack("empty the table of modules", "ended", "sys.modules.clear()",
           states=(State.EXCEPTION, State.CRASH)),
    Attack("trace every line", "harmless", "sys.settrace(lambda *_: None)\nsys.setprofile(None)"),
    Attack("switch off the collector and the limits of Python", "harmless", """
import gc
gc.disable()
sys.setrecursionlimit(10**9)
sys.set_int_max_str_digits(0)
"""),
    Attack("change how numbers are handled", "harmless", """
torch.set_flush_denormal(True)
torch.set_num_threads(4)
torch.set_default_dtype(torch.float64)
torch.manual_seed(1)
torch.use_deterministic_algorithms(True)
"""),
    Attack("handle every signal", "harmless", """
import signal
for number in set(signal.Signals) - {9, 19}:
    signal.signal(number, lambda *_: None)
"""),
    Attack("change its class", "harmless", "self.__class__ = type('Other', (Submission,), {})"),
)  # fmt: skip
FIRST = "p = self.param_groups[0]['params'][0]\n"
PARAMETERS = (
    Attack("give a parameter another storage", "harmless", FIRST + "p.data = p.data.clone()"),
    Attack("give a parameter other strides", "harmless", FIRST + "p.data = p.data.t().clone().t()"),
    Attack("give a parameter another type", "ended", FIRST + "p.data = p.data.double()",
           states=(State.INVALID,), says="it turned"),
    Attack("give a parameter another shape", "ended", FIRST + "p.data = p.data[:3]",
           states=(State.INVALID, State.EXCEPTION)),
    Attack("make a parameter sparse", "ended", FIRST + "p.data = p.data.to_sparse()",
           states=(State.INVALID, State.EXCEPTION)),
    Attack("make a parameter empty", "ended", FIRST + "p.data = p.data.to('meta')",
           states=(State.INVALID, State.EXCEPTION)),
    Attack("give a parameter a class of its own", "ended", FIRST + """
class Odd(torch.nn.Parameter):
    def data_ptr(self):
        raise SystemExit("0")
p.__class__ = Odd
""", states=(State.EXCEPTION,), says="SystemExit"),
    Attack("ask for no gradient", "ended", FIRST + "p.requires_grad_(False)",
           states=(State.EXCEPTION,), says="TypeError"),
    Attack("make two parameters one", "harmless", """
first, second = self.param_groups[0]["params"][1], self.param_groups[0]["params"][3]
self.param_groups[0]["params"].append(first)
self.param_groups[0]["params"].pop()
"""),
    Attack("set NaN", "ended", FIRST + "p.fill_(float('nan'))", states=(State.NONFINITE,)),
    Attack("set infinity", "ended", FIRST + "p.fill_(float('inf'))", states=(State.NONFINITE,)),
    Attack("set the largest number", "ended", FIRST + "p.fill_(3e38)",
           states=(State.NONFINITE, State.DIVERGED)),
    Attack("set numbers that slow a processor down", "contained", FIRST + "p.fill_(1e-41)"),
)  # fmt: skip
ATTACKS = of_kind("tampering", *FOUND, *PUT, *PARAMETERS)
